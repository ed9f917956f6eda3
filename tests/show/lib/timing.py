"""Compares published latencies with the truth: a row of `assayd run --format json` against true quantiles.

A true time to first token is first content write − receipt of the request, on the endpoint's side; gaps between tokens
are differences of its content writes.
"""

from truth import P50, P99, must, quantile

# The most that a published quantile may differ from the true one, as a share of it.
MOST = {"p50": 0.01, "p99": 0.05}
NAMES = {"first_token_seconds": "TTFT", "inter_token_seconds": "ITL"}


def quantiles(values_ns):
    """Of durations in nanoseconds, in seconds."""
    return {"p50": quantile(values_ns, P50) / 1e9, "p99": quantile(values_ns, P99) / 1e9}


def errors(row, truth):
    """Relative errors of a report's row by (name, quantile); `truth` has seconds by the row's field and quantile."""
    found = {}
    for field in NAMES:
        for q in MOST:
            must(isinstance(row[field][q], float), f"{field} {q} was not measured: {row[field][q]}")
            found[field, q] = row[field][q] / truth[field][q] - 1
    return found


def told(found):
    """The errors in words."""
    parts = []
    for field, name in NAMES.items():
        parts.append(f"{name} p50 {found[field, 'p50']:+.2%}, p99 {found[field, 'p99']:+.2%}")
    return "; ".join(parts)


def medians(repetitions):
    """The median of each error over repetitions, and those that are too large, in words."""
    middle = {}
    for key in repetitions[0]:
        ranked = sorted((one[key] for one in repetitions), key=abs)
        middle[key] = ranked[len(ranked) // 2]
    missed = [f"{NAMES[f]} {q} is {e:+.2%} off, more than {MOST[q]:.0%}" for (f, q), e in middle.items() if abs(e) > MOST[q]]
    return middle, missed
