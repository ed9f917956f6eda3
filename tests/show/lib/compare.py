"""Makes a store of many samples as comparisons read them, and measures a comparison of it.

compare.py make STORE ITEMS
compare.py measure ASSAYD STORE ITEMS
"""

import json
import os
import sqlite3
import sys
import time

TARGETS = 8
MOST_SECONDS, MOST_MB = 10, 500

# A number that looks like chance and depends on nothing but the row.
MIX = "((({0}) * 2654435761 + 40503) % 1000003)"


def make(store, items):
    connection = sqlite3.connect(store)
    run = "many"
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("DELETE FROM outcome")
    connection.execute("DELETE FROM stratum")
    connection.execute(
        "INSERT INTO run (id, name, plan, seed, started_unix_ms, finished_unix_ms, result) "
        "VALUES ((SELECT MAX(id) + 1 FROM run), ?, 'p', 1, 1760000000000, 1760000900000, 'complete')",
        (run,),
    )
    number = connection.execute("SELECT MAX(id) FROM run").fetchone()[0]
    domains = ["algebra", "history", "law", "medicine"]
    for target in range(TARGETS):
        for at, domain in enumerate(domains):
            connection.execute(
                "INSERT INTO stratum VALUES (?, ?, ?, 'many', ?, 'recall', 'en', 'public', 'short', 0, ?)",
                (target * len(domains) + at + 1, number, f"model-{target}", domain, f"v{target}"),
            )
    hard = MIX.format("i.n")
    luck = MIX.format("i.n * 8 + t.t + 7")
    right = f"({luck} % 1000 < 930 - t.t * 20 - {hard} % 400)"
    connection.execute(
        f"""
        INSERT INTO outcome (position, stratum_id, cluster, form, verdict, good, said, cost, bound, unpriced,
            d_lag, d_first, d_whole, tokens, microjoules)
        WITH RECURSIVE i(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM i WHERE n + 1 < {items}),
            t(t) AS (SELECT 0 UNION ALL SELECT t + 1 FROM t WHERE t + 1 < {TARGETS})
        SELECT i.n * {TARGETS} + t.t + 1, t.t * {len(domains)} + i.n % {len(domains)} + 1,
            i.n * 2654435761, NULL,
            CASE WHEN {right} THEN 0 ELSE 1 END, {right}, CASE WHEN {right} THEN 1 ELSE {luck} % 5 + 2 END,
            1000 * (t.t + 1) + {luck} % 500, 0, 0,
            10000 + {luck} % 1000, 200000000 + {luck} * 300, 900000000 + {luck} * 900, 50 + {luck} % 100, NULL
        FROM i CROSS JOIN t
        """
    )
    connection.commit()
    rows = connection.execute("SELECT COUNT(*) FROM outcome").fetchone()[0]
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    print(f"{rows} samples in a store of {os.path.getsize(store) / 1e6:.0f} MB")


def measure(assayd, store, items):
    begin = time.monotonic()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(writer, 1)
        os.close(reader)
        os.execv(assayd, [assayd, "compare", "--store", f"sqlite://{store}", "--run", "many", "--format", "json"])
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as out:
        text = out.read()
    _, status, usage = os.wait4(child, 0)
    seconds, megabytes = time.monotonic() - begin, usage.ru_maxrss / 1024
    report = json.loads(text)
    whole = report["parts"][0]["targets"]
    # What was counted is what SQL counts.
    connection = sqlite3.connect(store)
    counted = dict(
        connection.execute(
            "SELECT s.target, SUM(o.verdict = 0) FROM outcome o JOIN stratum s ON s.id = o.stratum_id GROUP BY s.target"
        ).fetchall()
    )
    same = {target["target"]: target["verdicts"]["correct"] for target in whole} == counted
    samples = sum(target["samples"] for target in whole)
    good = os.waitstatus_to_exitcode(status) == 0 and same and samples == items * TARGETS
    good = good and seconds < MOST_SECONDS and megabytes < MOST_MB
    print(
        f"{samples} samples of {len(whole)} targets compared in {seconds:.1f} s (at most {MOST_SECONDS}) with {megabytes:.0f} MB "
        f"(at most {MOST_MB}), {usage.ru_utime + usage.ru_stime:.1f} CPU-seconds; right answers "
        + ("as SQL counts them" if same else "NOT as SQL counts them")
    )
    return 0 if good else 1


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2], int(sys.argv[3]))
    else:
        sys.exit(measure(sys.argv[2], sys.argv[3], int(sys.argv[4])))
