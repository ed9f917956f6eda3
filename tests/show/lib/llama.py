"""Compares two targets that answered the same items: verdicts item by item, failures, and usage figures.

usage: llama.py REPORT.json SAMPLES.jsonl VERDICT
"""

import json
import sys
from collections import Counter

import tasks
from claims import Claims
from exact import mcnemar, wilson

EXCHANGES = 1000
OURS, REAL = "embedded", "llama-server"


def main(report_path, samples_path, verdict_path):
    claims = Claims()
    with open(report_path, encoding="utf-8") as file:
        (report,) = json.load(file)["reports"]
    with open(samples_path, encoding="utf-8") as file:
        samples = [json.loads(line) for line in file]
    by = {target: {s["item"]: s for s in samples if s["target"] == target} for target in (OURS, REAL)}
    items = sorted(by[REAL])

    exchanges = sum(s["attempts"] for s in by[REAL].values())
    failed = sum(s["outcome"] != "ok" for s in samples)
    outcomes = Counter((s["target"], s["outcome"]) for s in samples)
    claims.hold(
        report["complete"] and items == sorted(by[OURS]) and exchanges == len(items) == EXCHANGES and failed == 0,
        f"both were asked the same {len(items)} items; failed exchanges: {failed} of {exchanges} with {REAL}, "
        f"{len(samples)} in all ({', '.join(f'{t} {o} {n}' for (t, o), n in sorted(outcomes.items()))})",
    )
    regraded = sum((tasks.solve(s["item"])[1] == s["answer"]) != (s["verdict"] == "correct") for s in samples)
    claims.hold(regraded == 0, f"{regraded} of {len(samples)} verdicts differ from a second working-out")

    correct = {target: sum(s["verdict"] == "correct" for s in by[target].values()) for target in by}
    interval = {target: wilson(correct[target], len(items)) for target in by}
    share = {target: correct[target] / len(items) for target in by}
    inside = all(interval[a][0] <= share[b] <= interval[a][1] for a, b in ((OURS, REAL), (REAL, OURS)))
    words = [f"{t} {share[t]:.3f} ({interval[t][0]:.3f} to {interval[t][1]:.3f})" for t in by]
    claims.hold(inside, f"each accuracy lies in the other's 95 % interval: {', '.join(words)}")
    table = {row["target"]: row for row in report["rows"] if row["domain"] is None and row["split"] is None}
    claims.hold(
        all(table[t]["verdicts"]["correct"] == correct[t] for t in by)
        and all(abs(table[t]["accuracy"]["lower"] - interval[t][0]) < 1e-9 for t in by),
        "the report has the same counts and intervals",
    )

    verdicts = [tuple(by[target][item]["verdict"] == "correct" for target in (OURS, REAL)) for item in items]
    only = [verdicts.count((True, False)), verdicts.count((False, True))]
    differing = [item for item in items if by[OURS][item]["answer"] != by[REAL][item]["answer"]]
    p = mcnemar(*only)
    claims.hold(
        p > 0.05,
        f"item by item: right only embedded {only[0]}, right only in {REAL} {only[1]} (exact McNemar p {p:.2f}); "
        f"{len(differing)} of {len(items)} answers differ in text",
    )
    for item in differing[:5]:
        print(f"        {item} embedded {by[OURS][item]['answer']!r}, {REAL} {by[REAL][item]['answer']!r}")

    def tokens(target, kind):
        return [by[target][item][f"{kind}_tokens"] for item in items]

    complete = all(x is not None for t in by for kind in ("input", "output") for x in tokens(t, kind))
    claims.hold(complete, "every answer of both came with its usage record")
    if complete:
        for kind in ("input", "output"):
            # Where the answers differ, so may their lengths.
            pairs = zip(items, tokens(OURS, kind), tokens(REAL, kind))
            differences = Counter(real - ours for item, ours, real in pairs if item not in differing)
            totals = f"{sum(tokens(OURS, kind))} embedded, {sum(tokens(REAL, kind))} {REAL}"
            each = ", ".join(f"{d:+d} in {n}" for d, n in sorted(differences.items()))
            claims.hold(set(differences) == {0}, f"{kind} tokens: {totals}; {REAL} less embedded, by answer: {each}")
        stops = Counter(s["finish"] for s in by[REAL].values())
        longer = Counter(
            s["output_tokens"] - len(s["answer"] or "") for s in by[REAL].values() if s["finish"] == "stop"
        )
        each = ", ".join(f"{d:+d} in {n}" for d, n in sorted(longer.items()))
        print(f"        {REAL}: finish {dict(stops)}; output tokens less characters (the models' tokens): {each}.")
        print("        That one more is the end-of-sequence token, which both count, and bill, as output.")
    claims.write(
        verdict_path,
        f"n {len(items)}: accuracy embedded {share[OURS]:.3f}, {REAL} {share[REAL]:.3f} ({interval[REAL][0]:.3f} to "
        f"{interval[REAL][1]:.3f}), discordant {only[0]} and {only[1]}; {failed} of {exchanges} exchanges failed",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
