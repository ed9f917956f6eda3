"""Holds what four protocols reported of the same answers against the server's own counters.

usage: adapters.py SAMPLES.jsonl COUNTERS VERDICT

COUNTERS has a line for each state of the server's metrics: the target that was asked last, its prompt tokens, its cached
prompt tokens and its predicted tokens so far.
"""

import json
import sys
from collections import Counter

import tasks
from claims import Claims

EXCHANGES = 1000
PROTOCOLS = ("chat", "completions", "messages", "responses")


def main(samples_path, counters_path, verdict_path):
    claims = Claims()
    with open(samples_path, encoding="utf-8") as file:
        samples = [json.loads(line) for line in file]
    with open(counters_path, encoding="utf-8") as file:
        states = [line.split() for line in file]
    claims.hold([s[0] for s in states] == ["start", *PROTOCOLS], "the server's counters were read before and after each")
    by = {p: {s["item"]: s for s in samples if s["target"] == p} for p in PROTOCOLS}

    failed, totals = 0, []
    for n, protocol in enumerate(PROTOCOLS):
        ours = by[protocol].values()
        exchanges = sum(s["attempts"] for s in ours)
        outcomes = Counter(s["outcome"] for s in ours)
        failed += exchanges - outcomes["ok"]
        claims.hold(
            exchanges == len(ours) == outcomes["ok"] == EXCHANGES,
            f"{protocol}: {exchanges} exchanges, {dict(outcomes)}",
        )
        before, after = ([int(float(x)) for x in states[i][1:]] for i in (n, n + 1))
        prompt, cached, predicted = (b - a for a, b in zip(before, after))

        def total(kind):
            return sum(s[f"{kind}_tokens"] or 0 for s in ours)

        reported = all(s["input_tokens"] is not None and s["output_tokens"] is not None for s in ours)
        claims.hold(reported, f"{protocol}: every answer came with its usage")
        read, written = total("input") + total("cache_read"), total("output") + total("reasoning")
        claims.hold(
            (read, written) == (prompt + cached, predicted),
            f"{protocol}: usage {read} in and {written} out, the server's counters {prompt + cached} and {predicted}",
        )
        claims.hold(
            cached == 0 and all(s["cache_read_tokens"] == 0 for s in ours),
            f"{protocol}: cached prompt tokens: {total('cache_read')} reported in every answer, {cached} by the server",
        )
        totals.append((read, written))

    items = sorted(by["chat"])
    alike = sum(len({by[p][i]["answer"] for p in PROTOCOLS if i in by[p]}) == 1 for i in items)
    claims.hold(
        all(sorted(by[p]) == items for p in PROTOCOLS) and alike == len(items) == EXCHANGES,
        f"{alike} of {len(items)} items have the same answer through all four",
    )
    claims.hold(len(set(totals)) == 1, f"all four report the same tokens: {sorted(set(totals))}")
    regraded = sum((tasks.solve(s["item"])[1] == s["answer"]) != (s["verdict"] == "correct") for s in samples)
    claims.hold(regraded == 0, f"{regraded} of {len(samples)} verdicts differ from a second working-out")
    # A token of these models is a character: what an answer has more is its end-of-sequence token.
    ended = {p: [s["output_tokens"] - len(s["answer"] or "") for s in by[p].values()] for p in PROTOCOLS}
    claims.hold(
        all(set(e) <= {0, 1} and sum(e) == sum(ended["chat"]) for e in ended.values()),
        f"usage and counter alike count the end-of-sequence token as output: {sum(ended['chat'])} of {len(items)} answers "
        "have one",
    )
    finishes = {p: Counter(s["finish"] for s in by[p].values()) for p in PROTOCOLS}
    told = [p for p in PROTOCOLS if p != "responses"]
    claims.hold(
        all(finishes[p] == {"stop": sum(ended[p]), "length": len(items) - sum(ended[p])} for p in told)
        and finishes["responses"] == {"stop": len(items)},
        f"those finished by stop and the others by the limit: {dict(finishes['chat'])}; through responses the server calls "
        f"every answer completed: {dict(finishes['responses'])}",
    )
    read, written = (sum(t[i] for t in totals) for i in (0, 1))
    claims.write(
        verdict_path,
        f"4 protocols, {EXCHANGES} exchanges each: {failed} failed; usage {read} tokens in, {written} out, the "
        f"server's counters the same for each protocol (both count the end-of-sequence token of {sum(ended['chat'])} answers "
        "each)",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
