"""What the commands about arrivals share: configurations with a workload of their own, the endpoint's receive instants,
and the Kolmogorov–Smirnov test. Nothing here is taken from assayd."""

import math
from pathlib import Path

from truth import P99, fetch, must, quantile, write_lines

DATASET = """dataset = { format = "jsonl", path = "items.jsonl" }
scorer = "number\""""


def write_config(folder, url, arrival, *, rows=None, dataset=DATASET, target="", stop=""):
    """Writes a configuration of one target, scenario and workload, and its items; gives its path."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if rows is not None:
        write_lines(folder / "items.jsonl", rows)
    path = folder / "assayd.toml"
    path.write_text(f"""
[store]
url = "sqlite://assayd.db"
[target.endpoint]
api = "openai-chat"
url = "{url}/v1"
model = "mock"
proxy = false
store_answers = false
{target}
[scenario.questions]
{dataset}
[workload.shown]
arrival = {arrival}
{stop}
[[run]]
name = "shown"
targets = ["*"]
scenarios = ["*"]
workload = "shown"
""")
    return path


def fresh(url, **settings):
    """Sets the mock, and lets it forget what was."""
    fetch(f"{url}/__set", settings)
    fetch(f"{url}/__reset", {})


def received(told):
    """The instants at which requests came in, in order, in seconds since the first."""
    at = sorted(row["received_ns"] for row in told)
    return [(instant - at[0]) / 1e9 for instant in at]


def gaps(instants):
    return [b - a for a, b in zip(instants, instants[1:])]


def kolmogorov(values, cumulative):
    """The distance to a distribution that is fully known, and its p-value (Stephens 1970's form of the asymptotic one)."""
    n = len(values)
    ranked = [cumulative(value) for value in sorted(values)]
    distance = max(max(f - i / n, (i + 1) / n - f) for i, f in enumerate(ranked))
    scaled = (math.sqrt(n) + 0.12 + 0.11 / math.sqrt(n)) * distance
    p = 2 * sum((-1) ** (k - 1) * math.exp(-2 * (k * scaled) ** 2) for k in range(1, 101))
    return distance, min(max(p, 0.0), 1.0)


def lag_p99(samples):
    """How late requests left, in seconds, p99."""
    lags = [sample["schedule_lag_ns"] for sample in samples if sample["schedule_lag_ns"] is not None]
    must(len(lags) == len(samples), f"{len(samples) - len(lags)} samples have no schedule lag")
    return quantile(lags, P99) / 1e9
