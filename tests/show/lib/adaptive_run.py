"""Adaptive runs held against the full pass: the embedded models are asked everything once, and then as campaigns ask them."""

import json
import os
import signal
import subprocess
import sys
import time

FOLDER, ASSAYD, ENDPOINT, PUBLIC, SEED, ITEMS = sys.argv[1:]
missed = []


def configure(name, run, places=4):
    """The demo's own targets, one scenario of fixed items, and a store of its own."""
    demo = subprocess.run([ASSAYD, "demo", "--print-config"], capture_output=True, text=True, check=True).stdout
    targets = demo[demo.index("[target.") : demo.index("# --- Scenarios")].replace("{{endpoint}}", ENDPOINT)
    path = os.path.join(FOLDER, f"{name}.toml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(
            f'[store]\nurl = "sqlite://{FOLDER}/{name}.db"\n[calibration]\nbefore_runs = false\n{targets}\n'
            f'[scenario.fresh]\nscorer = "exact"\n'
            f'generator = {{ kind = "tasks", seed = {SEED}, count = {ITEMS}, exclude = "{PUBLIC}" }}\n'
            f'[workload.w]\narrival = {{ kind = "closed", concurrency = {places} }}\n'
            f'[[run]]\nname = "r"\ntargets = ["*"]\nscenarios = ["*"]\nworkload = "w"\n{run}\n'
        )
    return path


def run(name, fields, codes=(0,)):
    config = os.path.join(FOLDER, f"{name}.toml")
    if not os.path.exists(config):
        configure(name, fields)
    done = subprocess.run(
        [ASSAYD, "run", "-c", config, "--format", "json"], capture_output=True, text=True, check=False
    )
    if done.returncode not in codes:
        sys.exit(f"{name} ended with {done.returncode}: {done.stderr[-500:]}")
    return json.loads(done.stdout)["reports"][0]


def samples(name):
    config = os.path.join(FOLDER, f"{name}.toml")
    done = subprocess.run([ASSAYD, "export", "samples", "-c", config], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def held(campaign, truth):
    inside = [t for t in campaign["targets"] if t["accuracy"]["lower"] - 1e-9 <= truth[t["target"]] <= t["accuracy"]["upper"] + 1e-9]
    return len(inside)


def need(fact, what):
    if not fact:
        missed.append(what)


full = run("full", "")
rows = [row for row in full["rows"] if row["domain"] is None and row["split"] is None]
truth = {row["target"]: row["accuracy"]["estimate"] for row in rows}
full_calls = sum(row["samples"] for row in rows)
full_cost = sum(row["cost"]["nano_usd"] for row in rows)
first = max(truth, key=truth.get)

best = run("best", 'decide = "best"')["campaigns"][0]
named = best["targets"][0]["target"]
possible = [t["target"] for t in best["targets"] if t["can_be_best"]]
need(best["end"] in ("decided", "exact"), "the best is not decided")
need(named == first and first in possible, f"{named} is named, and {first} is the best")
need(best["calls_saved"] >= 0.80, f"only {best['calls_saved']:.3f} of the calls saved")
need(best["calls_of_full_pass"] == full_calls, "another full pass")
# Each interval is at 95 % by itself: three of five would be seen once in 40 runs by chance, four in five.
need(held(best, truth) >= 4, f"{held(best, truth)} of {len(truth)} intervals hold")
foretold = best["cost_of_full_pass_nano_usd"] / full_cost
need(0.9 < foretold < 1.1, f"the full pass is said to cost {foretold:.3f} of what it did")

precision = run("precision", 'precision = { accuracy = "±3%" }')["campaigns"][0]
need(precision["end"] in ("decided", "exact") and held(precision, truth) >= 4, f"{held(precision, truth)} hold")
need(precision["calls_saved"] > 0.2, f"only {precision['calls_saved']:.3f} saved by the precision")

budget = full_cost // 10
capped = run("capped", f'decide = "all-ranked"\nmargin = "0%"\nbudget = "{budget / 1e9:.9f} USD"', (0, 4))["campaigns"][0]
spent = sum(s["cost_nano_usd"] for s in samples("capped"))
need(spent <= budget, f"{spent} nano-USD of {budget}")
need(capped["end"] == "budget", f"a tenth of the cost was enough: {capped['end']}")

config = configure("killed", 'decide = "best"\nmargin = "0%"', places=2)


def recorded():
    """How many trials are in the killed run's store; none before there is one."""
    try:
        return len(samples("killed"))
    except subprocess.CalledProcessError:
        return 0


kills = 0
for _ in range(5):
    before = recorded()
    child = subprocess.Popen([ASSAYD, "run", "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # Not before it has recorded more than there was.
    while child.poll() is None and recorded() <= before:
        time.sleep(0.02)
    if child.poll() is None:
        child.send_signal(signal.SIGKILL)
        kills += 1
    child.wait()
done = run("killed", 'decide = "best"\nmargin = "0%"')["campaigns"][0]
asked = [(s["run"], s["target"], s["item"], s["repeat"]) for s in samples("killed") if s["purpose"] == "measure"]
need(kills > 0, "nothing was killed")
need(len(asked) == len(set(asked)), "a trial was asked twice")
need(done["targets"][0]["target"] == first, f"after {kills} kills {done['targets'][0]['target']} is named")

order = sorted(truth, key=truth.get, reverse=True)
print(
    f"full pass {full_calls} calls, {full_cost / 1e9:.6f} USD, best {first} with {100 * truth[first]:.1f} % (then {order[1]} {100 * truth[order[1]]:.1f} %); "
    f"best: {best['calls_asked']} calls ({100 * best['calls_saved']:.1f} % saved, {100 * best['cost_saved']:.1f} % of the cost; the full pass foretold at {foretold:.3f} of its cost), "
    f"{named} named, {held(best, truth)} of 5 intervals hold; ± 3 points: {precision['calls_asked']} calls ({100 * precision['calls_saved']:.1f} % saved), "
    f"{held(precision, truth)} of 5 hold; budget of a tenth: {spent / 1e9:.6f} of {budget / 1e9:.6f} USD, no decision; "
    f"{kills} kills: {len(asked)} trials, none twice, {done['targets'][0]['target']} named"
)
if missed:
    print("; misses: " + "; ".join(missed))
    sys.exit(1)
