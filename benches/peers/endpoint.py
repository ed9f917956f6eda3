"""The endpoint that everybody is measured against: `assayd mock`, and the truth in its records."""

import csv
import subprocess
import time
import urllib.request

import machine
from stored import spread


def fetch(url, seconds=60):
    # Loopback only: no proxy of the environment.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=seconds) as answer:
        return answer.read().decode()


class Endpoint:
    """A running mock with the pace of a load."""

    def __init__(self, assayd, load, log):
        command = [assayd, "mock", "--listen", "127.0.0.1:0", "--ttft", f"{load.ttft_us}us", "--itl", f"{load.itl_us}us",
                   "--tokens", str(load.tokens), "--truth-bytes", str(1 << 30)]
        command += [] if load.spread else ["--no-spread"]
        self.child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=machine.onto(0))
        line = self.child.stderr.readline()
        if "http://" not in line:
            raise SystemExit(f"the mock did not start: {line}{self.child.stderr.read()}")
        self.address = line.split("http://")[1].split("/")[0]
        log.write_text(line)

    def truth(self):
        """What really happened: counts, true durations in nanoseconds, and the window of the answers."""
        url = f"http://{self.address}/__truth"
        rows = []
        csv.field_size_limit(1 << 30)
        for row in csv.DictReader(fetch(f"{url}.csv").splitlines(keepends=True)):
            if row["outcome"] == "completed" and row["first_ns"]:
                gaps = [int(gap) for gap in row["gaps_ns"].split()]
                rows.append((int(row["received_ns"]), int(row["first_ns"]), gaps, int(row["completion_tokens"])))
        if not rows:
            return None
        first, last = min(row[0] for row in rows), max(row[1] + sum(row[2]) for row in rows)
        tokens = sum(row[3] for row in rows)
        return {
            "requests": len(rows),
            "tokens": tokens,
            "first_received_ns": first,
            "last_write_ns": last,
            "tokens_per_second": tokens / max(1, last - first) * 1e9,
            "ttft_ns": spread([row[1] - row[0] for row in rows]),
            "gap_ns": spread([gap for row in rows for gap in row[2]]),
            "e2e_ns": spread([row[1] + sum(row[2]) - row[0] for row in rows]),
        }

    def stop(self):
        self.child.terminate()
        self.child.wait()
        self.child.stderr.close()
        time.sleep(0.1)
