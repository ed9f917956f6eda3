"""Kills assayd again and again in the middle of a run, resumes it, and holds what is stored against the mock's truth.

Usage: kills.py FOLDER MOCK_URL PORT SEED KILLS ASSAYD. Prints one line, the figure, and exits non-zero when it misses.
"""

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
from collections import Counter
from pathlib import Path

from truth import (
    COMPONENTS, exported, fetch, items, ledger, must, output, row_of, say, show, told_by_mock, true_cost, wait_until,
    write_plan,
)

CONCURRENCY = 32
# The longest that a life lasts once it could work, in seconds.
LONGEST = 1.0
READY_WITHIN = 2.0
# With the pace that kill-9 gives the mock, no life answers more: all kills then fall within the run.
ITEMS_A_LIFE = 240


class Life:
    """One process, from its start to its kill."""

    def __init__(self, assayd, plan, port, log, daemon):
        self.daemon, self.url, self.began = daemon, f"http://127.0.0.1:{port}", time.monotonic()
        words = ["serve", "-c", plan] if daemon else ["run", "-c", plan, "--format", "json"]
        self.process = subprocess.Popen(
            [assayd, *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)

    def until_ready(self):
        """Seconds from the start of the process until it says that it is ready."""

        def ready():
            must(self.process.poll() is None, f"assayd ended by itself with {self.process.returncode}")
            try:
                fetch(f"{self.url}/-/ready", seconds=5)
                return True
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                return False

        wait_until(ready, 30, "assayd was not ready after 30 s")
        return time.monotonic() - self.began

    def answers(self):
        """What /metrics counts."""
        lines = fetch(f"{self.url}/metrics").splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith("assayd_answers_total{"))

    def kill(self):
        must(self.process.poll() is None, f"assayd ended by itself with {self.process.returncode}")
        self.process.kill()
        must(self.process.wait() == -signal.SIGKILL, "assayd ended in another way than by the kill")


def committed(plan):
    """What another process sees in the database at this moment: items by the position of their samples."""
    path = Path(plan).parent / "assayd.db"
    if not path.exists():
        return {}
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
    try:
        return dict(database.execute("SELECT position, item FROM trial WHERE position IS NOT NULL"))
    except sqlite3.OperationalError as error:
        # Killed before its tables were there.
        must("no such table" in str(error), f"the database cannot be read: {error}")
        return {}
    finally:
        database.close()


def keeps(before, after, when):
    """Nothing that was acknowledged has gone or changed."""
    for position, what in before.items():
        must(after.get(position) == what, f"{when}: sample {position} was {what} and is {after.get(position)}")


class Trail:
    """A run that is killed and resumed."""

    def __init__(self, assayd, folder, url, port, draw, kills, retry):
        self.assayd, self.url, self.port, self.draw, self.kills, self.retry = assayd, url, port, draw, kills, retry
        self.rows = items(kills * ITEMS_A_LIFE, seed=draw.randrange(1 << 30))
        self.plan = write_plan(
            folder, url, self.rows, max_tokens=64, concurrency=CONCURRENCY, listen=f"127.0.0.1:{port}",
            retry_unknown=retry)
        self.prompts = {row["id"]: row["prompt"] for row in self.rows}
        self.ready, self.acknowledged, self.stored, self.counted = [], {}, {}, 0

    def live(self, number, log):
        """A life: `serve` and `run` in turn. A daemon is killed after it was ready, a run at any moment at all."""
        life = Life(self.assayd, self.plan, self.port, log, daemon=number % 2 == 0)
        moment = self.draw.uniform(0, LONGEST)
        try:
            if life.daemon:
                self.ready.append(life.until_ready())
                counted = life.answers()
                must(counted >= self.counted, f"/metrics went back from {self.counted} to {counted} answers")
                time.sleep(moment)
                self.counted = life.answers()
            else:
                time.sleep(moment)
            seen = committed(self.plan)
            life.kill()
        finally:
            life.process.kill()
            life.process.wait()
        keeps(self.acknowledged, seen, f"life {number}, before its kill")
        self.look(seen, f"after kill {number}")

    def look(self, seen, when):
        """Reads what is stored; all that was seen before is there, as it was, and once."""
        samples = exported(self.assayd, self.plan) if seen or self.stored else []
        stored = {sample["position"]: sample for sample in samples}
        must(len(stored) == len(samples), f"{when}: a position is there twice")
        keeps(seen, {position: sample["item"] for position, sample in stored.items()}, when)
        keeps(self.stored, stored, when)
        must(self.counted <= len(samples), f"{when}: /metrics had counted {self.counted} answers of {len(samples)}")
        answered = Counter(sample["item"] for sample in samples if sample["verdict"] != "unknown")
        must(not answered or max(answered.values()) == 1, f"{when}: an item was answered twice: {answered.most_common(1)}")
        self.stored = stored
        self.acknowledged = {position: sample["item"] for position, sample in stored.items()}

    def end(self):
        """Lets the run come to its end; the total row of its report."""
        report = row_of(output([self.assayd, "run", "-c", self.plan, "--format", "json"]))
        self.look(committed(self.plan), "at the end")
        return report

    def judge(self, report):
        """Holds the store against the mock: what was asked, how often, and what it cost."""
        asked = {}
        for told in told_by_mock(self.url):
            asked.setdefault(told["prompt"], []).append(told)
        strange = asked.keys() - self.prompts.values()
        must(not strange, f"the mock was asked what is no item: {sorted(strange)[:1]}")

        by_item = {}
        for sample in self.stored.values():
            by_item.setdefault(sample["item"], []).append(sample)
        must(by_item.keys() == self.prompts.keys(), f"{len(by_item)} of {len(self.prompts)} items have a sample")
        spent, bounded, lost = Counter(), 0, 0
        unknown = unsent = 0
        for item, samples in by_item.items():
            told = asked.get(self.prompts[item], [])
            settled = [sample for sample in samples if sample["verdict"] != "unknown"]
            open_ended = [sample for sample in samples if sample["verdict"] == "unknown"]
            most = len(samples) if self.retry else 1
            must(len(samples) == 1 or self.retry, f"{item} has {len(samples)} samples")
            must(len(settled) == 1 or not self.retry, f"{item} was asked again and has {len(settled)} answers")
            must(len(settled) <= len(told) <= most, f"{item} was asked {len(told)} times for {len(samples)} samples")
            # What was answered last was not asked again: the recorded answer is that of the last request.
            if settled:
                last = told.pop()
                must(last["outcome"] == "completed", f"{item}: recorded, and {last['outcome']} at the mock")
                true = true_cost(last)
                for component in COMPONENTS:
                    found = settled[0][f"{component}_nano_usd"]
                    must(found == true[component], f"{item}: {component} is {found} nano-USD, not {true[component]}")
                spent.update(true)
            bound = sum(sample["unknown_bound_nano_usd"] for sample in open_ended)
            at_most = sum(sum(true_cost(one).values()) for one in told)
            must(at_most <= bound, f"{item}: of unknown outcome, cost {at_most} nano-USD, bounded by {bound}")
            bounded, lost = bounded + bound, lost + at_most
            unknown, unsent = unknown + len(open_ended), unsent + len(open_ended) - len(told)

        total = sum(spent.values())
        must(report["cost"]["nano_usd"] == total, f"the report has {report['cost']['nano_usd']} nano-USD, the truth {total}")
        must(report["unknown"]["bound_nano_usd"] == bounded, f"the report bounds unknown ones by {report['unknown']}")
        book = ledger(self.plan)
        settled = book.get("settle", {"entries": 0, "amount": 0})
        open_ended = book.get("unknown", {"entries": 0, "amount": 0})
        must(settled["amount"] == total, f"the ledger settles {settled['amount']} nano-USD, the truth is {total}")
        must(open_ended["amount"] == bounded, f"the ledger bounds unknown ones by {open_ended['amount']}, not {bounded}")
        must(open_ended["entries"] == unknown, f"the ledger has {open_ended['entries']} unknown ones, not {unknown}")
        ended = settled["entries"] + open_ended["entries"] + book.get("release", {"entries": 0})["entries"]
        must(book["reserve"]["entries"] == ended, f"{book['reserve']['entries']} reserves and {ended} ends of them")
        must(unknown <= self.kills * CONCURRENCY, f"{unknown} unknown ones are more than were ever in flight")
        slowest = max(self.ready)
        must(slowest < READY_WITHIN, f"a restart took {slowest:.2f} s to be ready")
        answered = len(self.stored) - unknown
        return (f"{self.kills} kills: {answered} answers recorded once and asked once, {total} nano-USD = truth; "
                f"{unknown} unknown ({unsent} never sent) cost {lost}, bounded by {bounded} nano-USD; "
                f"ready within {slowest:.3f} s of {len(self.ready)} restarts")


def trail(assayd, folder, url, port, draw, kills, retry):
    fetch(f"{url}/__reset", {})
    trail = Trail(assayd, folder, url, port, draw, kills, retry)
    Path(folder).mkdir(parents=True, exist_ok=True)
    with open(f"{folder}/assayd.err", "w", encoding="utf-8") as log:
        for number in range(kills):
            trail.live(number, log)
            say(f"kill-9: kill {number + 1} of {kills}: {len(trail.stored)} samples")
    figure = trail.judge(trail.end())
    say(f"kill-9: retry_unknown = {json.dumps(retry)}: {figure}")
    return figure


def main(folder, url, port, seed, kills, assayd):
    draw = random.Random(int(seed))
    figure = trail(assayd, f"{folder}/once", url, port, draw, int(kills), retry=False)
    # And once more, shorter, where what is unknown may be asked again.
    trail(assayd, f"{folder}/again", url, port, draw, max(int(kills) // 5, 1), retry=True)
    return f"seed {seed}, {figure}"


if __name__ == "__main__":
    show(lambda: main(*sys.argv[1:]))
