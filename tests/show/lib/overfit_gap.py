"""Holds the demo's over-fit gaps against a second working-out from its samples, and the duplicates against a set.

usage: overfit_gap.py REPORT.json SAMPLES.jsonl PUBLISHED.jsonl PLAN.txt VERDICT
"""

import json
import re
import sys
from collections import defaultdict

from claims import Claims
from exact import mcnemar


def main(report_path, samples_path, published_path, plan_path, verdict_path):
    claims = Claims()
    with open(report_path, encoding="utf-8") as file:
        (report,) = json.load(file)["reports"]
    gaps = {gap["target"]: gap for gap in report["overfit_gaps"] if gap["on"] == "public"}
    right = defaultdict(dict)
    with open(samples_path, encoding="utf-8") as file:
        for sample in map(json.loads, file):
            if sample["purpose"] == "measure" and sample["scenario"] == "public":
                item, _, form = sample["item"].partition("~")
                right[sample["target"], form][item] = sample["verdict"] == "correct"
    unlike = []
    for target, gap in gaps.items():
        base, fresh = right[target, ""], right[target, "fresh"]
        pairs = [(base[item], fresh[item]) for item in fresh if item in base]
        only_base = sum(b and not f for b, f in pairs)
        only_fresh = sum(f and not b for b, f in pairs)
        same = (
            gap["pairs"] == len(pairs)
            and abs(gap["gap"]["estimate"] - (only_base - only_fresh) / len(pairs)) < 1e-9
            and abs(gap["p_value"] - mcnemar(only_base, only_fresh)) < 1e-9
        )
        if not same:
            unlike.append(target)
        bounds = gap["gap"]
        print(
            f"{target:6} published {gap['public_accuracy']:.3f}, fresh {gap['fresh_accuracy']:.3f}, gap {bounds['estimate']:+.3f} "
            f"({bounds['lower']:+.3f} to {bounds['upper']:+.3f}), p {gap['p_value']:.1e}; right alone {only_base} and {only_fresh} "
            f"of {len(pairs)}"
        )
    claims.hold(len(gaps) == 5 and not unlike, f"gaps, pairs and p of {len(gaps)} models are those of their samples")
    forms = {item for (_, form), items in right.items() if form == "fresh" for item in items}
    claims.hold(len(forms) >= 160, f"{len(forms)} of 190 published items have a fresh item of their kind and length")
    claims.hold(gaps["leaky"]["gap"]["lower"] > 0, "leaky's interval is above 0")
    for target in ("nano", "base"):
        bounds = gaps[target]["gap"]
        claims.hold(bounds["lower"] <= 0 <= bounds["upper"], f"{target}'s interval includes 0")

    with open(published_path, encoding="utf-8") as file:
        prompts = [json.loads(line)["prompt"] for line in file]
    repeats = {line for line, prompt in enumerate(prompts, 1) if prompt in prompts[: line - 1]}
    with open(plan_path, encoding="utf-8") as file:
        plan = file.read()
    told = {int(line) for line in re.findall(r"published\.jsonl:(\d+): .* repeats line", plan)}
    claims.hold(
        told == repeats and len(repeats) == 20 and "20 of 210 items repeat an earlier one (left out)" in plan,
        f"the {len(told)} items found among {len(prompts)} are the {len(repeats)} that repeat one",
    )
    texts = [
        f"{t} {gaps[t]['gap']['estimate']:+.3f} ({gaps[t]['gap']['lower']:+.3f} to {gaps[t]['gap']['upper']:+.3f})"
        for t in ("leaky", "nano", "base")
    ]
    claims.write(
        verdict_path,
        f"gap paired over {gaps['leaky']['pairs']} items: {', '.join(texts)}; {len(told)} duplicates among {len(prompts)} items",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
