"""Reads what assayd stored of its exchanges: the instants themselves, without the rounding of a report's histogram."""

import math
import sqlite3

# Five bits of a number a character, low ones first; the sixth bit says that more of the same number follow.
DIGITS = {c: i for i, c in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")}


def decode_gaps(text):
    """The nanoseconds of the column `gaps`; ValueError where the text is not of that form."""
    numbers, number, shift = [], 0, 0
    for c in text or "":
        if c not in DIGITS:
            raise ValueError(f"{c!r} is no digit of a packed number")
        digit = DIGITS[c]
        number |= (digit & 31) << shift
        if digit & 32:
            shift += 5
        else:
            numbers.append(number)
            number = shift = 0
    if shift:
        raise ValueError("the last packed number is cut off")
    return numbers


def quantile(values, share):
    """The nearest rank: the smallest value that at least this share of all is not above; none of nothing."""
    ranked = sorted(values)
    return ranked[max(math.ceil(len(ranked) * share - 1e-9), 1) - 1] if ranked else None


def spread(values):
    """What is compared of a set of durations."""
    return {"p50": quantile(values, 0.5), "p99": quantile(values, 0.99), "mean": sum(values) / len(values) if values else None}


def exchanges(path):
    """The measured exchanges of a store: a dictionary each, durations in nanoseconds from the send."""
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        rows = database.execute("""
            SELECT e.t_send, e.t_first, e.t_last, e.events, e.gaps, e.stamps, e.fault, f.verdict
            FROM exchange e LEFT JOIN finding f ON f.trial_id = e.trial_id
                AND f.version = (SELECT MAX(version) FROM finding WHERE trial_id = e.trial_id)
            WHERE e.purpose = 'measure'""").fetchall()
    finally:
        database.close()
    found = []
    for send, first, last, events, gaps, stamps, fault, verdict in rows:
        one = {"verdict": verdict, "fault": fault, "stamps": stamps, "events": events}
        if fault is None and None not in (send, first, last):
            one |= {"ttft": first - send, "e2e": last - send, "gaps": decode_gaps(gaps)}
        found.append(one)
    return found


def figures(path):
    """Counts and quantiles of a store."""
    all_of_them = exchanges(path)
    answered = [one for one in all_of_them if "ttft" in one]
    itl = [(one["e2e"] - one["ttft"]) / (one["events"] - 1) for one in answered if one["events"] > 1]
    return {
        "requests": len(answered),
        "failed": len(all_of_them) - len(answered),
        "correct": sum(one["verdict"] == "correct" for one in answered),
        "kernel_stamps": sum(one["stamps"] == "kernel" for one in answered),
        "ttft_ns": spread([one["ttft"] for one in answered]),
        "e2e_ns": spread([one["e2e"] for one in answered]),
        "gap_ns": spread([gap for one in answered for gap in one["gaps"]]),
        "itl_ns": spread(itl),
    }
