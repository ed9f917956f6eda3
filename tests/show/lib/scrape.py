"""Holds what Prometheus answers against the report that the same assayd serves.

usage: scrape.py PROMETHEUS ASSAYD VERDICT      (both as HOST:PORT)
"""

import json
import sys
import time
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

from claims import Claims

# Servers on this machine are asked without any proxy.
open_url = build_opener(ProxyHandler({})).open

# The recording form: counters, divided.
DIVIDED = (
    "sum by (target, scenario) (assayd_cost_usd_total)"
    ' / sum by (target, scenario) (assayd_answers_total{verdict="correct"})'
)


def get(url):
    with open_url(url, timeout=30) as reply:
        return reply.read().decode()


def query(prometheus, expression):
    """The series of an expression now, by (target, scenario)."""
    reply = json.loads(get(f"http://{prometheus}/api/v1/query?{urlencode({'query': expression})}"))
    series = reply["data"]["result"]
    return {(s["metric"].get("target"), s["metric"].get("scenario")): float(s["value"][1]) for s in series}


def eventually(prometheus, expression, enough, seconds=60):
    """Asks until the answer is enough, for at most so long."""
    for _ in range(seconds * 5):
        found = query(prometheus, expression)
        if enough(found):
            break
        time.sleep(0.2)
    return found


def near(x, y):
    return abs(x - y) <= 1e-9 * abs(y)


def main(prometheus, assayd, verdict_path):
    claims = Claims()
    (report,) = json.loads(get(f"http://{assayd}/api/v1/report"))["reports"]
    totals = [row for row in report["rows"] if row["domain"] is None and row["split"] is None]
    told = {(row["target"], row["scenario"]): row for row in totals}
    cost = {key: row["cost_per_correct_usd"]["estimate"] for key, row in told.items()}

    up = eventually(prometheus, 'up{job="assayd"}', lambda found: list(found.values()) == [1.0])
    scrapes = sum(query(prometheus, 'count_over_time(assayd_build_info{job="assayd"}[1h])').values())
    claims.hold(list(up.values()) == [1.0], f"Prometheus scrapes it: up {list(up.values())} after {scrapes:.0f} scrapes")
    gauge = eventually(prometheus, "assayd_cost_per_correct_usd", lambda found: found.keys() == cost.keys())
    claims.hold(
        gauge.keys() == cost.keys() and all(near(gauge[key], cost[key]) for key in cost),
        f"assayd_cost_per_correct_usd: {len(gauge)} series, each as in the report",
    )
    divided = eventually(prometheus, DIVIDED, lambda found: found.keys() == cost.keys())
    claims.hold(
        divided.keys() == cost.keys() and all(near(divided[key], cost[key]) for key in cost),
        f"counters divided, after one run: {len(divided)} series, each the same",
    )
    recorded = eventually(
        prometheus,
        "assayd:cost_per_correct_usd",
        lambda found: found.keys() == cost.keys() and all(near(found[key], cost[key]) for key in cost),
    )
    claims.hold(
        recorded.keys() == cost.keys() and all(near(recorded[key], cost[key]) for key in cost),
        f"the same as a recording rule: {len(recorded)} series, each the same",
    )
    inside = query(
        prometheus,
        "(assayd_cost_per_correct_lower_usd <= assayd_cost_per_correct_usd)"
        " and (assayd_cost_per_correct_usd <= assayd_cost_per_correct_upper_usd)",
    )
    claims.hold(inside.keys() == cost.keys(), f"inside its interval in {len(inside)} of {len(cost)} series")
    answers = query(prometheus, "sum by (target, scenario) (assayd_answers_total)")
    samples = {key: row["samples"] for key, row in told.items()}
    claims.hold(answers == samples, f"answers counted: {sum(answers.values()):.0f}, in the report {sum(samples.values())}")
    for (target, scenario), value in sorted(gauge.items()):
        print(f"        {target:6} {scenario:7} {value:.3e} USD")
    claims.write(
        verdict_path,
        f"promtool finds nothing; {len(gauge)} series of cost per correct as in the report, such as "
        f"{gauge.get(('micro', 'fresh'), float('nan')):.3e} USD for micro on fresh items",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
