"""The cases of tests/show/alerts: their configurations, and what Prometheus says of them.

usage: alerts.py plan FOLDER NAME URL LISTEN      writes a configuration for one target
       alerts.py norm PROMETHEUS                  waits until each target has a norm
       alerts.py watch PROMETHEUS CHANGED SECONDS VERDICT
"""

import json
import sys
import time
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

from claims import Claims
from truth import items, write_lines

# Servers on this machine are asked without any proxy.
open_url = build_opener(ProxyHandler({})).open

TARGETS = {"steady", "worse", "dearer", "gone"}
EXPECTED = {
    "worse": "AssaydAccuracyDropped",
    "dearer": "AssaydCostPerCorrectRose",
    "gone": "AssaydTargetDown",
}
# What is about the machine that this runs on, and true or not true of it whatever the models do.
OF_THIS_MACHINE = {"AssaydClientLimited", "AssaydRunInvalid"}


def plan(folder, name, url, listen):
    Path(folder).mkdir()
    write_lines(Path(folder) / "items.jsonl", items(80, seed=11))
    (Path(folder) / "assayd.toml").write_text(f"""
[server]
listen = ["{listen}"]

[store]
url = "sqlite://assayd.db"

[target.{name}]
api = "openai-chat"
url = "{url}"
model = "mock"
proxy = false
sampling = {{ max_tokens = 96 }}

[target.{name}.price.tokens]
input = "0.15 USD"
output = "2 USD"

[scenario.sums]
dataset = {{ format = "jsonl", path = "items.jsonl" }}
scorer = "number"

[workload.closed]
arrival = {{ kind = "closed", concurrency = 4 }}

[[run]]
name = "often"
targets = ["*"]
scenarios = ["*"]
workload = "closed"
every = "2s"
""")


def query(prometheus, expression):
    url = f"http://{prometheus}/api/v1/query?{urlencode({'query': expression})}"
    with open_url(url, timeout=30) as reply:
        return json.loads(reply.read())["data"]["result"]


def norm(prometheus):
    """Every target has been there for a day (of this clock), and is there in what is normal."""
    for _ in range(360):
        of = [
            {series["metric"]["target"] for series in query(prometheus, name)}
            for name in ("assayd:accuracy_lower:norm_7d", "assayd:cost_per_correct_usd:norm_7d > 0")
        ]
        if all(found == TARGETS for found in of):
            time.sleep(5)
            return 0
        time.sleep(0.5)
    print(f"norms of {of}", file=sys.stderr)
    return 1


def firing(prometheus):
    """What fires now: (alert, target or run)."""
    series = query(prometheus, 'ALERTS{alertstate="firing"}')
    return {(s["metric"]["alertname"], s["metric"].get("target") or s["metric"].get("run") or "-") for s in series}


def watch(prometheus, changed, seconds, verdict_path):
    changed, seconds, first = float(changed), float(seconds), {}
    before = query(prometheus, f'count by (alertname, target, run) (count_over_time(ALERTS{{alertstate="firing"}}[1h] @ {changed:.3f}))')
    before = {(s["metric"]["alertname"], s["metric"].get("target", "-")) for s in before}
    while time.time() < changed + seconds:
        for alert in firing(prometheus):
            first.setdefault(alert, time.time() - changed)
        time.sleep(0.1)
    for (alert, target), after in sorted(first.items(), key=lambda pair: pair[1]):
        print(f"  {after:5.1f} s  {alert} {target}")
    own = {alert for alert in first if alert[0] in OF_THIS_MACHINE}
    of_models = set(first) - own
    claims = Claims()
    early = {alert for alert in before if alert[0] not in OF_THIS_MACHINE}
    claims.hold(not early, f"before the change nothing fired: {sorted(early)}")
    for target, alert in EXPECTED.items():
        fired = {name for name, of in of_models if of == target}
        claims.hold(fired == {alert}, f"{target}: {sorted(fired)}, expected {alert} alone")
    others = {pair for pair in of_models if pair[1] not in EXPECTED}
    claims.hold(not others, f"for the target that stayed as it was, and for runs: {sorted(others)}")
    told = ", ".join(f"{alert} {first.get((alert, target), float('nan')):.1f} s" for target, alert in EXPECTED.items())
    claims.write(
        verdict_path,
        f"a day as a minute: {told} after the change; {len(of_models)} alerts on models and runs in {seconds:.0f} s, of which "
        f"{len(others)} not on the 3 targets that changed; {len(early)} before; {len(own)} on this machine's own lag",
    )


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    sys.exit({"plan": plan, "norm": norm, "watch": watch}[command](*arguments))
