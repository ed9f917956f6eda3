"""Holds a comparison of the demo's models against what is known of them; the last line is the figure."""

import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    report = json.load(file)
sentences = report["verdict"]
misses = []


def holds(what, condition):
    print(("holds   " if condition else "MISSES  ") + what, file=sys.stderr)
    if not condition:
        misses.append(what)


def said(*words):
    return any(all(word in sentence for word in words) for sentence in sentences)


parts = {(part["part"]["kind"], part["part"].get("name")): part for part in report["parts"]}
everything = {target["target"]: target for target in parts[("all", None)]["targets"]}
mod = {target["target"]: target["accuracy"]["estimate"] for target in parts[("domain", "mod")]["targets"]}

holds("base is the most accurate of all, and shown to be", said("At 95 %, base is the most accurate over everything"))
holds("specm is the most accurate on mod, and shown to be", said("At 95 %, specm is the most accurate on domain mod"))
holds("nano is dominated by micro", said("nano is dominated by micro"))
holds("base is dominated by nobody", not said("base is dominated"))
holds("leaky knew the published items", said("leaky knows the published items of public"))
holds("nobody else did", not any("knows the published items" in s and not s.startswith("leaky") for s in sentences))
kin = {tuple(sorted((pair["a"], pair["b"]))): pair for pair in report["kin"]}
found = sorted(names for names, pair in kin.items() if pair["kin"])
holds("leaky and nano are kin", ("leaky", "nano") in found)
holds("micro is nobody's kin", not any("micro" in names for names in found))
council = report["council"]
mixed = council is not None and any(m["target"] != council["best"] for m in council["ministers"])
holds("what a council is worth is told", council is not None and (said("A council (") if mixed else said("A council is of no use")))

best = max(everything.values(), key=lambda target: target["accuracy"]["estimate"])
ratio = everything["nano"]["cost_per_correct_usd"]["estimate"] / everything["micro"]["cost_per_correct_usd"]["estimate"]
gap = next(gap for gap in report["overfit_gaps"] if gap["target"] == "leaky" and gap["scenario"] == "public")
pair = kin[("leaky", "nano")]
nearest = max((p for names, p in kin.items() if "micro" in names), key=lambda p: p["excess"] or -1)
saved = council["saving"] if council else None
print(
    f"best {best['target']} {best['accuracy']['estimate']:.3f}; specm {mod['specm']:.3f} on mod against base {mod['base']:.3f}; "
    f"nano {ratio:.1f} times micro per correct; leaky's gap {gap['gap']['estimate']:+.3f} ({gap['gap']['lower']:+.3f} to "
    f"{gap['gap']['upper']:+.3f}); leaky and nano share {pair['same']} of {pair['compared']} wrong answers, "
    f"{pair['expected']:.0f} expected, p {pair['p']:.1e}, micro's nearest p {nearest['p']:.2g}; council "
    + (
        f"{council['council']['accuracy']:.3f} against {council['best_alone']['accuracy']:.3f} of {council['best']}, saves "
        f"{saved['estimate']:.0%} ({saved['lower']:.0%} to {saved['upper']:.0%}) of the cost"
        if council and saved
        else "told to be of no use"
    )
    + f"; {len(misses)} of 9 statements missed"
)
sys.exit(1 if misses else 0)
