"""Looks through assayd at a driver that is made up, for 60 s, and holds what it says against the schedule.

usage: nvml.py ASSAYD FOLDER

The schedule is integrated here once more, by other code than the driver's. Each look's cost is what the kernel has counted
for the two threads of the meter, the one that paces and the one that talks to the driver.
"""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from truth import must, say, show

SECONDS, MOST = 60, 0.01
# Stretches of unlike length and level, whose cycle (1.837 s) falls together neither with the looks nor with the samples:
# ms, per cent of utilisation, mW, and GPM's SM, tensor and DRAM in per cent.
CYCLE = [
    (403, 100, 612_000, 71, 38, 55),
    (37, 0, 96_000, 0, 0, 0),
    (59, 100, 480_000, 64, 12, 47),
    (651, 0, 88_000, 0, 0, 0),
    (244, 62, 355_000, 33, 9, 21),
    (443, 8, 121_000, 4, 1, 3),
]
# The kinds of figure that are held against the schedule, with their place in it.
KINDS = {"kernel_active": 1, "sm_active": 3, "tensor_active": 4, "dram_active": 5}


def total(place, time_):
    """The integral of a level from the beginning to `time_`, in its unit times seconds."""
    length = sum(stretch[0] for stretch in CYCLE) / 1e3
    whole, left = divmod(max(time_, 0.0), length)
    sum_ = whole * sum(stretch[0] / 1e3 * stretch[place] for stretch in CYCLE)
    for stretch in CYCLE:
        part = min(left, stretch[0] / 1e3)
        sum_ += part * stretch[place]
        left -= part
    return sum_


def truth(place, from_, to):
    return total(place, to) - total(place, from_)


def cpu(pid):
    """Seconds of processor time that the kernel has counted for the meter's threads, in nanoseconds by each."""
    spent = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        name = (task / "comm").read_text().strip()
        if name in ("meter-nvml", "look-nvml"):
            spent[name] = int((task / "schedstat").read_text().split()[0]) / 1e9
    return spent


def looked(assayd, folder, name, more):
    """What the meter says of the window, and what its threads cost in a second."""
    begin = time.monotonic_ns()
    schedule = ",".join(":".join(str(field) for field in stretch) for stretch in CYCLE)
    lines = [f"begin_ns={begin}", "gpu.0.gpm=1", f"gpu.0.schedule={schedule}", *more]
    state = Path(folder, f"{name}.state")
    state.write_text("\n".join(lines) + "\n")
    command = [assayd, "gpu", "--format", "json", "--for", f"{SECONDS}s", "--library", f"{folder}/libfakenvml.so"]
    environment = dict(os.environ, FAKENVML_STATE=str(state))
    child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    # The pipe is read while the process runs: nobody is to wait for room in it.
    out = []
    reader = threading.Thread(target=lambda: out.extend(child.stdout))
    reader.start()
    # From the second second on, when the library is loaded, to shortly before the end.
    time.sleep(2)
    first, at = cpu(child.pid), time.monotonic()
    time.sleep(SECONDS - 4)
    last, until = cpu(child.pid), time.monotonic()
    said = child.stderr.read()
    reader.join()
    must(child.wait() == 0 and not said, f"{name}: assayd ended with {child.returncode}: {said}")
    must(set(last) == {"meter-nvml", "look-nvml"}, f"{name}: the meter's threads are {sorted(last)}")
    spent = sum(last.values()) - sum(first.values())
    lines = [json.loads(line) for line in out]
    windows = [window for window in lines[-1]["windows"] if window["meter"] == "nvml"]
    looks = [line["meters"][0] for line in lines[:-1] if line["meters"][0]["meter"] == "nvml"]
    return begin, windows[0], looks, spent / (until - at)


def held(name, begin, window):
    """How far each figure of the window is from the schedule."""
    from_, to = ((window[end] - begin) / 1e9 for end in ("from_ns", "to_ns"))
    (device,) = window["devices"]
    off = {}
    for kind, place in KINDS.items():
        figure = device["busy_seconds"][kind]
        right = truth(place, from_, to) / 100
        off[kind] = figure["value"] / right - 1
        say(f"nvml: {name}: {kind} {figure['value']:.3f} s ({figure['quality']}), schedule {right:.3f} s: {off[kind]:+.3%}")
    joules, right = device["energy_joules"], truth(2, from_, to) / 1e3
    off["energy"] = joules["value"] / right - 1
    say(f"nvml: {name}: energy {joules['value']:.1f} J ({joules['quality']}), schedule {right:.1f} J: {off['energy']:+.3%}; "
        f"{window['looks']} looks over {to - from_:.1f} s, flags {device['flags']}")
    return off, joules["quality"]


def body():
    assayd, folder = sys.argv[1:]
    source = ["rustc", "--edition", "2024", "--crate-type", "cdylib", "-C", "panic=abort", "-O"]
    subprocess.run([*source, "-o", f"{folder}/libfakenvml.so", "tests/fake-nvml/fakenvml.rs"], check=True)
    # A counter that moves ten times a second and samples that come late, as a card's do.
    usual = ["gpu.0.energy_step_ms=100", "gpu.0.sample_ms=20", "gpu.0.sample_late_ms=30"]
    cases = {
        "counter": usual,
        # Power of the driver's samples where it has them.
        "no counter": [*usual, "fail.nvmlDeviceGetTotalEnergyConsumption=3"],
        "slow samples": ["gpu.0.energy_step_ms=100", "gpu.0.sample_ms=167", "gpu.0.sample_late_ms=100"],
    }
    found, failed = {}, []

    def one(name, more):
        try:
            found[name] = looked(assayd, folder, name.replace(" ", "-"), more)
        except Exception as error:
            failed.append(f"{name}: {error}")

    threads = [threading.Thread(target=one, args=case) for case in cases.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    must(not failed, "; ".join(failed))

    worst, energy, cost = 0.0, {}, 0.0
    for name, (begin, window, looks, share) in found.items():
        off, quality = held(name, begin, window)
        energy[name] = off["energy"]
        cost = max(cost, share)
        say(f"nvml: {name}: {share:.3%} of a core for ten looks a second")
        must(quality == ("estimated" if name == "no counter" else "measured"), f"{name}: energy is {quality}")
        missing = {(gone["what"], gone["why"]) for look in looks for gone in look["absent"]}
        want = {("energy", "not_supported")} if name == "no counter" else set()
        must(missing == want, f"{name}: missing are {sorted(missing)}")
        worst = max(worst, *(abs(off[kind]) for kind in KINDS))
    text = (f"{len(found)} windows of {SECONDS} s against a made-up driver: busy seconds off by {worst:.2%} at the most, energy by "
            f"{energy['counter']:+.2%} by the counter and {energy['no counter']:+.2%} from power; looking costs {cost:.2%} of a core "
            f"at 10 Hz; no real card")
    must(worst <= MOST, f"{text}: busy seconds miss 1 %")
    must(max(map(abs, energy.values())) <= MOST, f"{text}: energy misses 1 %")
    must(cost < 0.01, f"{text}: more than 1 % of a core")
    return text


show(body)
