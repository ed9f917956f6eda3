"""Repetitions as one table: the median of each figure, and its ratio to the floor's."""

import statistics


def middle(values):
    """The median of what was measured; none of nothing."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def percent(value, digits=1):
    return "–" if value is None else f"{100 * value:+.{digits}f} %"


def number(value, form):
    return "–" if value is None else format(value, form)


HEADER = ["load", "client", "tokens/s (of ideal)", "TTFT error p50 / p99", "gap error p99", "E2E error p99",
          "CPU-s per 1M tokens (× floor)", "peak RSS MB", "start s", "failed"]


# Where the endpoint was what held the rate down.
LIMIT = " †"


def rows(results):
    """The cells of every load and client, in the order in which they were first run."""
    groups = {}
    for one in results:
        groups.setdefault((one["load"], one["client"]), []).append(one)
    made = []
    for (load, client), runs in groups.items():
        def of(name):
            return middle(run.get(name) for run in runs)

        def error(name):
            return middle(run["errors"].get(name) for run in runs)

        floor = middle(run.get("cpu_per_million") for run in groups.get((load, "floor"), []))
        cpu = of("cpu_per_million")
        ratio = f" (× {cpu / floor:.2f})" if cpu and floor and client != "floor" else ""
        ideal = of("of_ideal")
        full = (of("mock_core") or 0) > 0.9
        made.append([
            load, client,
            number(of("tokens_per_second"), ",.0f") + (f" ({100 * ideal:.0f} %)" if ideal is not None else "") + (LIMIT if full else ""),
            f"{percent(error('ttft_p50'), 2)} / {percent(error('ttft_p99'), 2)}",
            percent(error("gap_p99"), 2), percent(error("e2e_p99"), 2),
            number(cpu, ".1f") + ratio, number(of("rss_mb"), ".0f"), number(of("start_s"), ".2f"),
            str(sum(run["failed"] for run in runs)),
        ])
    return made


def text(results):
    """For a terminal."""
    cells = [HEADER, *rows(results)]
    width = [max(len(row[column]) for row in cells) for column in range(len(HEADER))]
    lines = ["  ".join(cell.ljust(size) for cell, size in zip(row, width)).rstrip() for row in cells]
    return "\n".join(lines + notes(cells))


def markdown(results, facts):
    """For docs/benchmarks.md."""
    lines = ["| " + " | ".join(HEADER) + " |", "|" + "---|" * len(HEADER)]
    cells = rows(results)
    lines += ["| " + " | ".join(row) + " |" for row in cells]
    return "\n".join([facts, "", *lines, *notes(cells)])


def notes(cells):
    """What the marks in the cells mean."""
    marked = any(LIMIT in cell for row in cells for cell in row)
    return ["", "† The endpoint's own core was full: the rate is the endpoint's limit, not the client's."] if marked else []
