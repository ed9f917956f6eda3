"""Adds assayd to an independent load harness, runs it beside the floor, and holds the medians against the limits.

    peers.py HARNESS ASSAYD VERDICT
"""

import importlib.util
import json
import os
import socket
import statistics
import sys
from pathlib import Path

import stored
from claims import Claims

FLOOR = "floor-hyper"
# Loads of the harness by name, and one of ours in its form: time to first token and between tokens in microseconds,
# tokens, streams, requests. Its ideal client gets 65,000 tokens/s, the one of x100k 95,000. It lasts for 24 s, so that its
# beginning and its end, where not all streams are there, weigh little in what is sustained.
LOADS = ["c32", "c128", "c512", "burst256", "x65k", "x100k", "flood", "floodb"]
OWN_LOADS = {"x65k": "50000:7500:128:512:12288"}
SUSTAINED = ("x65k", "x100k")
# The least tokens/s of a flood on a machine where the floor takes 191,000 and 1,100,000; on another machine, the same share of
# what the floor takes there in the same run.
FLOODS = {"flood": (130_000, 191_000), "floodb": (500_000, 1_100_000)}


def loaded(folder):
    """The harness as a module."""
    spec = importlib.util.spec_from_file_location("bench", folder / "bench.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def command(bench, assayd):
    """How the harness starts assayd on a load: its endpoint says `hello` for every token, and that is graded."""

    def of(load, out):
        _, _, tokens, streams, requests, _ = load
        answer = " ".join(["hello"] * tokens)
        with open(f"{out}/items.jsonl", "w", encoding="utf-8") as items:
            for n in range(requests):
                items.write(json.dumps({"id": f"i{n}", "prompt": f"q{n} " + "hello " * 63, "answer": answer}) + "\n")
        Path(out, "assayd.toml").write_text(f"""
[target.mock]
api = "openai-chat"
url = "{bench.URL}/v1"
model = "mock"
proxy = false
sampling = {{ max_tokens = {tokens} }}
price.tokens = {{ input = "1 USD", output = "4 USD" }}
[scenario.s]
dataset = {{ format = "jsonl", path = "items.jsonl" }}
scorer = "exact"
[workload.w]
arrival = {{ kind = "closed", concurrency = {streams} }}
[[run]]
targets = ["*"]
scenarios = ["*"]
workload = "w"
""", encoding="utf-8")
        return [assayd, "run", "-c", f"{out}/assayd.toml", "--format", "json"], {"ASSAYD_LOG": "warn"}

    return of


def parse(out):
    """assayd's own figures in the harness's words: milliseconds."""
    found = stored.figures(f"{out}/assayd.db")

    def ms(name):
        return {q: value / 1e6 for q, value in found[name].items()} if found["requests"] else None

    told = {name: ms(f"{name}_ns") for name in ("ttft", "itl", "gap", "e2e")}
    counts = {"requests": found["requests"], "errors": found["failed"], "correct": found["correct"], "tok_s": 0}
    return counts | told | {"kernel_stamps": found["kernel_stamps"]}


class Medians:
    """Figures of repetitions by load and client."""

    def __init__(self, results):
        self.results = results

    def of(self, load, client, read):
        values = []
        for one in self.results.get((load, client), []):
            try:
                values.append(read(one))
            except (KeyError, TypeError, ZeroDivisionError):
                return None  # A repetition without the figure is no repetition.
        return statistics.median(values) if values and None not in values else None


def error(name):
    return lambda one: one["err"][f"{name}_pct"]


def delivered(one):
    return 100 * one["truth"]["tok_s"] / one["ideal_tok_s"]


def cpu(one):
    return one["cpu_per_Mtok_window"]


def tokens_per_second(one):
    return one["truth"]["tok_s"]


def said(value, form):
    return "not measured" if value is None else format(value, form)


def hold(claims, medians):
    """Every limit; gives the figure in words."""
    words = []

    def limit(what, value, form, most=None, least=None):
        """One limit on a median; an error may be of either sign."""
        known = value is not None
        true = known and (most is None or abs(value) <= most) and (least is None or value >= least)
        bound = f"at most {most}" if most is not None else f"at least {least}"
        claims.hold(true, f"{what}: {said(value, form)} ({bound})")
        return said(value, form)

    def at(load, read):
        return medians.of(load, "assayd", read)

    parts = [limit(f"c512 {name} error, %", at("c512", error(key)), "+.2f", most=most)
             for name, key, most in (("TTFT p50", "ttft_p50", 0.5), ("TTFT p99", "ttft_p99", 1), ("E2E p99", "e2e_p99", 0.2))]
    words.append(f"512 streams: TTFT error p50 {parts[0]} %, p99 {parts[1]} %, E2E p99 {parts[2]} %")
    ratios = []
    for load in ("c32", "c128", "c512"):
        own, floor = at(load, cpu), medians.of(load, FLOOR, cpu)
        ratio = own / floor if own and floor else None
        limit(f"{load} CPU-s per 1M tokens {said(own, '.1f')}, floor {said(floor, '.1f')}, times the floor", ratio, ".2f", most=1.5)
        ratios.append(f"{said(own, '.1f')} (× {said(ratio, '.2f')})")
    words.append("CPU-s per 1M tokens at 32/128/512 " + ", ".join(ratios))
    rss = limit("c512 peak memory, MB", at("c512", lambda one: one["rss_mb"]), ".0f", most=40)
    start = limit("c512 start to first request, s", at("c512", lambda one: one["startup_s"]), ".3f", most=0.1)
    words.append(f"{rss} MB, start {start} s")
    floods = []
    for load, (least, floor_there) in FLOODS.items():
        own, floor = at(load, tokens_per_second), medians.of(load, FLOOR, tokens_per_second)
        here = min(least, least / floor_there * floor) if floor else least
        told = limit(f"{load} tokens/s, floor {said(floor, ',.0f')}", own, ",.0f", least=round(here))
        ratio = own / floor if own and floor else None
        floods.append(f"{told} (× {said(ratio, '.2f')} of the floor's)")
    words.append(f"flood {floods[0]} and {floods[1]} tokens/s")
    best = None
    for load in SUSTAINED:
        share, rate = at(load, delivered), at(load, tokens_per_second)
        errors = [at(load, error(key)) for key in ("ttft_p99", "gap_p99")]
        # Of an ideal client as the harness prints it, in whole percent: its own sum knows no beginning and no end.
        kept = None not in (share, rate, *errors) and round(share) >= 99 and all(abs(e) <= 2 for e in errors)
        told = [said(e, "+.2f") for e in errors]
        print(f"        {load}: {said(rate, ',.0f')} tokens/s, {said(share, '.1f')} % delivered, TTFT p99 {told[0]} %, "
              f"gap p99 {told[1]} %{'' if kept else ' (not kept up)'}", flush=True)
        best = rate if kept else best
    words.append(f"sustained {limit('sustained tokens/s', best, ',.0f', least=60_000)} tokens/s")
    return "; ".join(words)


def must_be_alone(bench):
    """Ends everything where another measurement goes on. The harness has one port and one pair of control groups on a
    machine: two at once would ask each other's endpoint, and count and even end each other's processes."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", bench.PORT))
        except OSError as taken:
            sys.exit(f"port {bench.PORT} is taken ({taken.strerror}): another measurement goes on; nothing was started")
    for name in ("pl_client", "pl_mock"):
        members = Path(bench.CPUACCT, name, "cgroup.procs")
        if members.exists() and members.read_text().strip():
            sys.exit(f"the control group {members.parent} is in use: another measurement goes on; nothing was started")


def main():
    folder, assayd, verdict = Path(sys.argv[1]).resolve(), os.path.abspath(sys.argv[2]), os.path.abspath(sys.argv[3])
    bench = loaded(folder)
    bench.TOOLS["assayd"], bench.PARSE["assayd"] = command(bench, assayd), parse
    for name in ("results", "logs"):
        (folder / name).mkdir(exist_ok=True)
    repetitions = int(os.environ.get("ASSAYD_REPETITIONS", "3"))
    loads = os.environ.get("ASSAYD_LOADS", ",".join(LOADS)).split(",")
    claims, results = Claims(), {}
    for repetition in range(repetitions):
        for load in loads:
            shape = bench.custom(OWN_LOADS[load]) if load in OWN_LOADS else bench.CFG[load]
            for client in (FLOOR, "assayd"):
                must_be_alone(bench)
                one = bench.one(client, load, shape, repetition, quiet=not os.environ.get("ASSAYD_HURRY"))
                results.setdefault((load, client), []).append(one)
                own = one["rep_"] or {}
                answered = own.get("requests") == shape[4] and own.get("errors") == 0 and one["rc"] == 0
                graded = client == FLOOR or own.get("correct") == shape[4]
                if not (answered and graded):
                    claims.hold(False, f"{client} at {load}: exit code {one['rc']}, {own or one.get('parse_error')}")
    figure = f"medians of {repetitions}: {hold(claims, Medians(results))}"
    claims.write(verdict, figure)


if __name__ == "__main__":
    main()
