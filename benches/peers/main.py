"""benches/run: measures clients against `assayd mock`, one at a time, and prints their medians. See docs/benchmarks.md."""

import argparse
import dataclasses
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

import machine
import table
from clients import CLIENTS, PEERS
from endpoint import Endpoint

ROOT = Path(__file__).resolve().parents[2]


@dataclasses.dataclass(frozen=True)
class Load:
    """So many streams at a time, so many requests in all; the endpoint's pace in microseconds."""

    streams: int
    requests: int
    ttft_us: int = 50_000
    itl_us: int = 10_000
    tokens: int = 128
    spread: bool = True

    def ideal(self):
        """Tokens per second of a client that loses no time between an answer and the next question."""
        phase = self.itl_us / 2 if self.spread else 0
        answer = (self.ttft_us + phase + (self.tokens - 1) * self.itl_us) / 1e6
        return self.streams * self.tokens / answer if self.itl_us else None


LOADS = {
    "c32": Load(32, 256),
    "c128": Load(128, 640),
    "c512": Load(512, 1536),
    "burst256": Load(256, 1024, spread=False),
    "x100k": Load(512, 4096, itl_us=5_000),
    "flood": Load(32, 1000, ttft_us=0, itl_us=0),
    "quick": Load(8, 24, ttft_us=20_000, itl_us=2_000, tokens=32),
}
USUAL = ["c32", "c128", "c512", "burst256", "x100k", "flood"]


@dataclasses.dataclass(frozen=True)
class Tools:
    """The programs."""

    assayd: Path
    floor: Path
    peers: Path


def say(text):
    print(text, file=sys.stderr, flush=True)


def built(given):
    """Builds what is to be measured; `given` is an assayd that is taken as it is."""
    target = os.environ.get("CARGO_TARGET_DIR", str(ROOT / "target"))
    floor = Path(target) / "floor"
    environment = {**os.environ, "CARGO_TARGET_DIR": str(floor)}
    crate = ROOT / "benches" / "peers" / "floor" / "Cargo.toml"
    subprocess.run(["cargo", "build", "--release", "--quiet", "--locked", "--manifest-path", crate], check=True, env=environment)
    if given is None:
        subprocess.run(["cargo", "build", "--release", "--quiet", "--locked"], check=True, cwd=ROOT)
        given = Path(target) / "release" / "assayd"
    return Tools(given.resolve(), floor / "release" / "floor", Path(target) / "peers")


def one(name, load, client_name, client, tools, folder, seconds):
    """One client on one load: its figures beside the truth."""
    endpoint = Endpoint(tools.assayd, load, folder / "mock.log")
    account = machine.accounting()
    watch = None
    try:
        command, more = client.command(load, endpoint.address, folder)
        prepare = machine.onto(1)

        def enter():
            prepare()
            account.enter()

        with open(folder / "stdout", "w") as out, open(folder / "stderr", "w") as err:
            watch = machine.Watch(account, endpoint.child.pid)
            watch.start()
            before, start = machine.busy_jiffies(), time.monotonic_ns()
            child = subprocess.Popen([str(word) for word in command], cwd=folder, stdin=subprocess.DEVNULL, stdout=out,
                                     stderr=err, env={**os.environ, "NO_PROXY": "*", **more}, preexec_fn=enter)
            account.follow(child.pid)
            try:
                code = child.wait(seconds)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                code = f"none after {seconds} s, killed: {child.wait()}"
        busy = machine.busy_cores(before, machine.busy_jiffies())
        watch.stop()
        truth = endpoint.truth()
        for left in account.processes() if isinstance(account, machine.ByCgroup) else []:
            os.kill(int(left), signal.SIGKILL)  # Only what this client started.
    finally:
        if watch is not None and watch.is_alive():
            watch.stop()
        endpoint.stop()
        account.close()
    result = {"load": name, "client": client_name, "exit": code, "accounting": type(account).__name__, "truth": truth,
              "failed": 0, "errors": {}, "busy_cores": busy}
    if code != 0 or truth is None:
        tail = (folder / "stderr").read_text()[-800:]
        say(f"{name} {client_name}: exit code {code}; {tail}")
        result["failed"] = load.requests
        return result
    own = client.figures(folder)
    first, last = truth["first_received_ns"], truth["last_write_ns"]
    window = max(1, last - first) / 1e9
    ideal = load.ideal()
    result |= {
        "own": own,
        "failed": own["failed"] + max(0, load.requests - own["requests"] - own["failed"]),
        "tokens_per_second": truth["tokens_per_second"],
        "of_ideal": truth["tokens_per_second"] / ideal if ideal else None,
        "cpu_per_million": watch.spent(first, last, 1) / truth["tokens"] * 1e6,
        "client_core": watch.spent(first, last, 1) / window,
        "mock_core": watch.spent(first, last, 2) / window,
        "rss_mb": watch.most_rss / 1e6,
        "start_s": (first - start) / 1e9,
        "errors": {f"{what}_{q}": error(own, truth, f"{what}_ns", q)
                   for what in ("ttft", "gap", "e2e") for q in ("p50", "p99")},
    }
    return result


def error(own, truth, name, q):
    """How far a client's figure is off, as a share of the true one."""
    found, true = (own.get(name) or {}).get(q), (truth.get(name) or {}).get(q)
    # Of a flood's durations, microseconds long and made by the client's own pace, no share means anything.
    return found / true - 1 if found is not None and true and true > 1_000_000 else None


def facts(tools, repetitions):
    """What the figures hang on, in one line."""
    version = subprocess.run([tools.assayd, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    model = [line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    processor = model[0] if model else platform.machine()
    return (f"{version}, commit {commit.stdout.strip() or 'unknown'}, {datetime.now(timezone.utc):%Y-%m-%d}; {processor}, "
            f"{os.cpu_count()} cores, Linux {platform.release()}; medians of {repetitions}.")


def main():
    names = ", ".join(name for name in LOADS if name != "quick")
    parser = argparse.ArgumentParser(prog="benches/run", description=__doc__)
    parser.add_argument("--loads", default=",".join(USUAL), help=f"of {names}; all by default")
    parser.add_argument("--clients", default="floor,assayd", help="of floor, assayd, guidellm, aiperf")
    parser.add_argument("--peers", action="store_true", help="also GuideLLM and AIPerf, installed from PyPI under target/peers")
    parser.add_argument("--repetitions", type=int, default=3, help="medians of so many (3)")
    parser.add_argument("--quick", action="store_true", help="one small load, once")
    parser.add_argument("--assayd", type=Path, help="this binary; without it, it is built")
    parser.add_argument("--json", type=Path, help="write every repetition here")
    parser.add_argument("--markdown", action="store_true", help="print the table as docs/benchmarks.md has it")
    parser.add_argument("--quiet-for", type=float, default=60, help="seconds to wait at the most for other work to end")
    parser.add_argument("--timeout", type=float, default=300, help="seconds that one client may take")
    asked = parser.parse_args()

    loads = ["quick"] if asked.quick else asked.loads.split(",")
    repetitions = 1 if asked.quick else asked.repetitions
    clients = asked.clients.split(",") + [name for name in PEERS if asked.peers and name not in asked.clients.split(",")]
    for word, known in [(load, LOADS) for load in loads] + [(client, CLIENTS) for client in clients]:
        if word not in known:
            parser.error(f"{word!r} is none of {', '.join(known)}")
    tools = built(asked.assayd)
    tools.peers.mkdir(parents=True, exist_ok=True)
    made = {name: CLIENTS[name](tools) for name in clients}
    if machine.two_cores():
        os.sched_setaffinity(0, {0})
    else:
        say("one core: the endpoint and the client share it, and the figures are of both")

    results = []
    scratch = Path(tempfile.mkdtemp(prefix="assayd-bench-"))
    try:
        # In turn, so that a slow drift of the machine meets all alike.
        for repetition in range(repetitions):
            for load in loads:
                for name, client in made.items():
                    busy = machine.wait_until_quiet(0 if asked.quick else asked.quiet_for)
                    folder = scratch / f"{load}-{name}-{repetition}"
                    folder.mkdir()
                    result = one(load, LOADS[load], name, client, tools, folder, asked.timeout) | {
                        "repetition": repetition, "busy_before": busy}
                    results.append(result)
                    shutil.rmtree(folder, ignore_errors=True)
                    say(f"{repetition + 1}/{repetitions}  " + table.text([result]).splitlines()[1])
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    line = facts(tools, repetitions)
    if asked.json:
        asked.json.write_text(json.dumps({"facts": line, "results": results}, indent=1) + "\n", encoding="utf-8")
    print(table.markdown(results, line) if asked.markdown else f"{line}\n\n{table.text(results)}")
    return 1 if any(result["exit"] != 0 or result["failed"] for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
