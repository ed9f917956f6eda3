"""The machine under the figures: who runs on which core, and what a process and its children take of it."""

import os
import threading
import time
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
TICK = os.sysconf("SC_CLK_TCK")
CGROUPS = Path("/sys/fs/cgroup")


def two_cores():
    """Whether endpoint and client can each have a core of their own."""
    try:
        return {0, 1} <= os.sched_getaffinity(0)
    except OSError:
        return False


def onto(core):
    """What a child does before it becomes the program: a session of its own, its core, and before all ordinary work.

    No real-time priority: an endpoint that fills its core would keep the kernel's own network threads off it, and then
    nothing arrives anywhere until the kernel's throttle lets go, a second later.
    """
    def prepare():
        os.setsid()
        if two_cores():
            os.sched_setaffinity(0, {core})
        try:
            os.setpriority(os.PRIO_PROCESS, 0, -20)
            # Where the kernel groups by session, priority counts within the group only, and this is the group's.
            Path("/proc/self/autogroup").write_text("-20")
        except OSError:
            pass  # Not permitted, or not there; the JSON says how busy the machine was.
    return prepare


def busy_jiffies():
    """Busy and all jiffies of every core so far."""
    found = []
    for line in Path("/proc/stat").read_text().splitlines():
        if line.startswith("cpu") and line[3].isdigit():
            parts = [int(part) for part in line.split()[1:9]]
            found.append((sum(parts) - parts[3] - parts[4], sum(parts)))
    return found


def busy_cores(before, after):
    """Cores' worth of work between two readings."""
    return sum((b[0] - a[0]) / max(1, b[1] - a[1]) for a, b in zip(before, after))


def wait_until_quiet(seconds, most=0.12):
    """Waits for other work to end; how many cores are busy still."""
    end = time.monotonic() + seconds
    while True:
        before = busy_jiffies()
        time.sleep(1)
        busy = busy_cores(before, busy_jiffies())
        if busy < most or time.monotonic() > end:
            return busy


class ByCgroup:
    """Counts a child and all that it starts in a control group of its own (version 1's cpuacct, or version 2)."""

    def __init__(self):
        self.one = (CGROUPS / "cpuacct").is_dir()
        self.path = (CGROUPS / "cpuacct" if self.one else CGROUPS) / f"assayd-bench-{os.getpid()}"
        self.path.mkdir(exist_ok=True)
        if not (self.path / ("cpuacct.usage" if self.one else "cpu.stat")).exists():
            self.close()
            raise OSError("no accounting in this control group")

    def enter(self):
        (self.path / "cgroup.procs").write_text(str(os.getpid()))

    def follow(self, child):
        pass

    def seconds(self):
        if self.one:
            return int((self.path / "cpuacct.usage").read_text()) / 1e9
        fields = dict(line.split() for line in (self.path / "cpu.stat").read_text().splitlines())
        return int(fields["usage_usec"]) / 1e6

    def processes(self):
        return (self.path / "cgroup.procs").read_text().split()

    def close(self):
        for _ in range(50):
            try:
                self.path.rmdir()
                return
            except OSError:
                time.sleep(0.02)  # The last process is still being buried.


class ByProc:
    """The same out of /proc where control groups can't be written: in ticks, and of what still lives or was waited for."""

    def __init__(self):
        self.child, self.name = None, "proc"

    def enter(self):
        pass

    def follow(self, child):
        self.child = child

    def processes(self):
        found, open_ones = [], [str(self.child)] if self.child else []
        while open_ones:
            pid = open_ones.pop()
            found.append(pid)
            for thread in Path(f"/proc/{pid}/task").glob("*/children"):
                try:
                    open_ones += thread.read_text().split()
                except OSError:
                    pass
        return found

    def seconds(self):
        ticks = 0
        for pid in self.processes():
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            ticks += sum(int(field) for field in fields[11:15])  # Its own and its dead children's, user and system.
        return ticks / TICK

    def close(self):
        pass


def accounting():
    """The best accounting that is possible here."""
    try:
        return ByCgroup()
    except OSError:
        return ByProc()


class Watch(threading.Thread):
    """Reads CPU time and resident memory of what an accounting holds, until it is stopped."""

    def __init__(self, account, endpoint):
        super().__init__(daemon=True)
        self.account, self.endpoint = account, endpoint
        self.rows, self.most_rss, self.going = [], 0, True

    def run(self):
        while self.going:
            try:
                self.rows.append((time.monotonic_ns(), self.account.seconds(), of_process(self.endpoint)))
                self.most_rss = max(self.most_rss, sum(map(resident, self.account.processes())))
            except OSError:
                pass
            time.sleep(0.05)

    def stop(self):
        self.going = False
        self.join()

    def spent(self, start, end, column):
        """CPU seconds between two instants, read linearly between two readings."""
        return self.at(end, column) - self.at(start, column)

    def at(self, instant, column):
        before = None
        for row in self.rows:
            if row[0] >= instant:
                if before is None:
                    return row[column]
                share = (instant - before[0]) / (row[0] - before[0])
                return before[column] + share * (row[column] - before[column])
            before = row
        return before[column] if before else 0.0


def of_process(pid):
    """CPU seconds of one process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def resident(pid):
    """Bytes of memory of one process."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except OSError:
        return 0
