"""Turns a demo's samples into a recorded full pass: a table of items by models, with each item's domain as its stratum.

usage: adaptive_matrix.py SAMPLES.jsonl > MATRIX.csv
"""

import csv
import json
import sys


def main(path):
    models, domains, scores = [], {}, {}
    with open(path, encoding="utf-8") as file:
        for sample in map(json.loads, file):
            if (sample["purpose"], sample["scenario"]) != ("measure", "fresh"):
                continue
            if sample["target"] not in models:
                models.append(sample["target"])
            domains[sample["item"]] = sample["domain"]
            # What failed or could not be graded has no score: an empty cell.
            scores[sample["item"], sample["target"]] = sample["score"]
    out = csv.writer(sys.stdout)
    out.writerow(["item", "#stratum", *models])
    for item, domain in domains.items():
        cells = [scores.get((item, model)) for model in models]
        out.writerow([item, domain, *("" if score is None else f"{score:g}" for score in cells)])


main(*sys.argv[1:])
