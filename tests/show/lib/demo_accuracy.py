"""Holds a demo's report and samples against the reference table: reference.tsv, made with a llama.cpp server.

usage: demo_accuracy.py REFERENCE.tsv PUBLIC.jsonl REPORT.json SAMPLES.jsonl CENSUS.json VERDICT
"""

import json
import sys
from collections import defaultdict

import tasks
from claims import Claims
from exact import fisher, holm, mcnemar, wilson

N_REFERENCE = 400
# What "none rejected" means, over all cells together.
LEVEL = 0.01


def rows(report):
    """The rows of a report by (model, scenario, domain); totals have no domain."""
    return {
        (row["target"], row["scenario"], row["domain"]): row
        for row in report["rows"]
        if row["domain"] is not None or row["split"] is None
    }


def least_rejected(k, n, cells):
    """How far from k of n a count must lie to be rejected when it is the only one that differs."""
    for step in range(1, n):
        if any(0 <= k + s <= n and cells * fisher(k + s, n, k, n) <= LEVEL for s in (-step, step)):
            return step
    return n


def main(reference_path, public_path, report_path, samples_path, census_path, verdict_path):
    claims = Claims()
    with open(reference_path, encoding="utf-8") as file:
        head, *lines = [line.split("\t") for line in file.read().splitlines()]
    reference = {line[0]: dict(zip(head[1:], map(int, line[1:]))) for line in lines}
    with open(public_path, encoding="utf-8") as file:
        public = {json.loads(line)["prompt"] for line in file}
    with open(report_path, encoding="utf-8") as file:
        (report,) = json.load(file)["reports"]
    with open(samples_path, encoding="utf-8") as file:
        samples = [s for s in map(json.loads, file) if s["purpose"] == "measure"]
    table = rows(report)
    published = {r["target"]: r for r in report["rows"] if (r["scenario"], r["split"]) == ("public", "public")}

    # What was asked, and whether it was graded rightly.
    asked = defaultdict(dict)
    wrongly_graded = unheld = leaked = 0
    for s in samples:
        # A fresh form of a published item is named after that: its prompt is not in its id (see overfit-gap).
        if "~" in s["item"]:
            continue
        domain, answer = tasks.solve(s["item"])
        wrongly_graded += (s["answer"] == answer) != (s["verdict"] == "correct") or s["domain"] != domain
        if s["scenario"] == "fresh":
            unheld += not tasks.held_out(s["item"])
            leaked += s["item"] in public
            asked[s["target"], domain][s["item"]] = s["verdict"] == "correct"
    counts = {(model, domain): len(asked[model, domain]) for model in reference for domain in tasks.DOMAINS}
    n = min(counts.values())
    unlike = [model for model in reference if any(asked[model, d].keys() != asked["base", d].keys() for d in tasks.DOMAINS)]
    claims.hold(
        n == max(counts.values()) == N_REFERENCE and not unlike and not unheld and not leaked,
        f"every model was asked the same {n} distinct items in each of {len(tasks.DOMAINS)} domains, "
        f"{unheld} of them trained on and {leaked} of them published",
    )
    answered = sum(s["verdict"] in ("correct", "wrong", "unparsed") for s in samples)
    claims.hold(
        report["complete"] and answered == len(samples),
        f"{answered} of {len(samples)} samples are graded: none failed, was refused or is unknown",
    )
    claims.hold(wrongly_graded == 0, f"{wrongly_graded} of {len(samples)} verdicts differ from a second working-out")

    # The table: our count and the reference's, with Holm's p.
    cells = [(model, domain) for model in reference for domain in tasks.DOMAINS]
    ours = {cell: sum(asked[cell].values()) for cell in cells}
    told = {cell: table[cell[0], "fresh", cell[1]]["verdicts"]["correct"] for cell in cells}
    claims.hold(ours == told, "the report's counts are those of its samples")
    plain = [fisher(ours[m, d], counts[m, d], reference[m][d], N_REFERENCE) for m, d in cells]
    adjusted = dict(zip(cells, holm(plain)))
    print(f"\ncorrect of {n} here / of {N_REFERENCE} in the reference (two-sided Fisher p, Holm over {len(cells)} cells)")
    print(f"{'':6}" + "".join(f"{domain:>16}" for domain in tasks.DOMAINS))
    for model in reference:
        texts = [f"{ours[model, d]}/{reference[model][d]} ({adjusted[model, d]:.2f})" for d in tasks.DOMAINS]
        print(f"{model:6}" + "".join(f"{text:>16}" for text in texts))
    size = {domain: tasks.pool(domain, public) for domain in tasks.DOMAINS}
    print(f"{'pool':6}" + "".join(f"{size[domain]:>16}" for domain in tasks.DOMAINS))
    small = ", ".join(f"{d} {n / size[d]:.0%}" for d in tasks.DOMAINS if n / size[d] > 0.05)
    print(f"pool: the fresh items that there are. The {n} are a large part of {small}: there two samples differ less by")
    print("chance than the test allows for, which can only make it reject less.")
    steps = [least_rejected(reference[m][d], N_REFERENCE, len(cells)) for m, d in cells]
    print(f"What would be rejected: a single cell that differs by {min(steps)} to {max(steps)} items, depending on its count.")
    public_ours = {m: published[m]["verdicts"]["correct"] for m in reference}
    texts = [f"{m} {public_ours[m]}/{reference[m]['public']}" for m in reference]
    print(f"Public items, correct of {len(public)} here / in the reference: {', '.join(texts)}\n")

    # Adjusted values tie at 1, so the plain ones tell which is the farthest off.
    worst = cells[plain.index(min(plain))]
    claims.hold(
        adjusted[worst] > LEVEL,
        f"none of {len(cells)} cells differs from the reference at {LEVEL:.0%} (least p {min(plain):.3f}, "
        f"after Holm {adjusted[worst]:.3f}: {' '.join(worst)})",
    )

    # The specialist.
    specm, base = asked["specm", "mod"], asked["base", "mod"]
    only_specm = sum(specm[item] and not base[item] for item in specm)
    only_base = sum(base[item] and not specm[item] for item in specm)
    p_mod = mcnemar(only_specm, only_base)
    claims.hold(
        only_specm > only_base and p_mod < LEVEL,
        f"specm beats base on mod: {sum(specm.values())} against {sum(base.values())} of {len(specm)} items, right alone "
        f"{only_specm} against {only_base} (exact McNemar p {p_mod:.1e})",
    )

    # Never worth buying.
    cost = {model: table[model, "fresh", None]["cost_per_correct_usd"] for model in ("micro", "nano")}
    dearer = cost["nano"]["estimate"] / cost["micro"]["estimate"]
    words = [f"{m} {c['estimate'] * 1e6:.3f} ({c['lower'] * 1e6:.3f} to {c['upper'] * 1e6:.3f})" for m, c in cost.items()]
    claims.hold(
        cost["nano"]["lower"] > cost["micro"]["upper"],
        f"nano costs more per correct answer than the smaller micro: micro-USD {', '.join(words)}, {dearer:.2f} times",
    )

    # The one that saw the test.
    leaky = [row["accuracy"] for row in (published["leaky"], table["leaky", "fresh", None])]
    claims.hold(
        leaky[0]["estimate"] >= 0.98 and leaky[1]["upper"] < leaky[0]["lower"] - 0.2,
        f"leaky is right on {leaky[0]['estimate']:.3f} of the public items ({leaky[0]['lower']:.3f} to "
        f"{leaky[0]['upper']:.3f}) and on {leaky[1]['estimate']:.3f} of the fresh ones ({leaky[1]['lower']:.3f} to "
        f"{leaky[1]['upper']:.3f})",
    )
    gaps = {gap["target"]: gap["gap"] for gap in report["overfit_gaps"]}
    said = [line for line in report["caveats"] if line.startswith("leaky ") and "over-fit gap" in line]
    texts = [f"{m} {g['estimate']:+.3f} ({g['lower']:+.3f} to {g['upper']:+.3f})" for m, g in gaps.items()]
    claims.hold(
        len(said) == 1
        and gaps["leaky"]["lower"] > 0
        and all(gaps[model]["lower"] <= 0 <= gaps[model]["upper"] for model in ("nano", "base")),
        f"the table shows over-fitting of leaky, none of nano and base: gaps {', '.join(texts)}",
    )

    # Small pools: asked for all there is, a census says so, and nothing else does.
    with open(census_path, encoding="utf-8") as file:
        (whole,) = json.load(file)["reports"]
    fresh = {d: row for (m, s, d), row in rows(whole).items() if (m, s) == ("base", "fresh") and d is not None}
    whole_pools = [d for d in tasks.DOMAINS if fresh[d]["samples"] == size[d]]
    flagged = [d for d in tasks.DOMAINS if fresh[d]["census"]]
    noted = any("census" in line for line in whole["definitions"])
    claims.hold(
        bool(flagged) and flagged == whole_pools and noted and not any(row["census"] for row in report["rows"]),
        f"asked for 950 items each, {', '.join(f'{d} ({size[d]})' for d in flagged)} are asked whole and said to "
        f"be a census; none is at {n} items",
    )
    low, high = wilson(ours["base", "mod"], n)
    claims.write(
        verdict_path,
        f"n {n} fresh items in each of {len(cells)} cells, least Holm p {adjusted[worst]:.2f}; mod: specm "
        f"{sum(specm.values())} against base {sum(base.values())} ({low:.2f} to {high:.2f}), p {p_mod:.0e}; nano "
        f"{dearer:.1f} times micro per correct; leaky {leaky[0]['estimate']:.2f} public, {leaky[1]['estimate']:.2f} fresh",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
