"""What the commands of tests/show compare assayd with: items whose answers are known, costs worked out anew from token
counts, nearest-rank quantiles, and assayd's own side read through its reports, its export and its database.

Nothing here is taken from assayd: amounts are exact fractions, rounded by the rule that the documentation gives.
"""

import csv
import json
import random
import sqlite3
import subprocess
import sys
import time
import urllib.request
from fractions import Fraction
from pathlib import Path

# USD per 1,000,000 tokens (the fee: USD per request), with decimals that make every component round.
PRICES = {
    "input": "0.1234567",
    "cache_read": "0.0123457",
    "output": "0.7654321",
    "reasoning": "1.1111111",
    "per_request": "0.0000012345",
}
COMPONENTS = ("input", "cache_read", "output", "reasoning", "request")


class Missed(Exception):
    """Something does not hold; the text says what."""


def must(condition, text):
    if not condition:
        raise Missed(text)


def say(text):
    print(text, file=sys.stderr, flush=True)


def nanos(usd, units=1):
    """An amount in whole nano-USD, rounded once, half away from zero (amounts here are never negative)."""
    exact = Fraction(usd) * units * 10**9
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def cost(prompt, cached, completion, reasoning):
    """Nano-USD by component for OpenAI's figures: cached is a part of prompt, reasoning of completion."""
    million = Fraction(1, 10**6)
    counts = {"input": prompt - cached, "cache_read": cached, "output": completion - reasoning, "reasoning": reasoning}
    amounts = {name: nanos(Fraction(PRICES[name]) * million, n) for name, n in counts.items()}
    return amounts | {"request": nanos(PRICES["per_request"])}


def items(count, seed, same_length=False):
    """Questions with their right answers: every prompt is different, in words and length, with texts beyond ASCII."""
    draw = random.Random(seed)
    words = ["apples", "pears", "Äpfel", "苹果", "boxes", "and", "then", "carefully", "ночью", "twice"]
    made = []
    for number in range(count):
        a, b = draw.randrange(10, 1_000), draw.randrange(10, 1_000)
        filler = "" if same_length else " ".join(draw.choices(words, k=draw.randrange(0, 24))) + " "
        prompt = f"[{number:06}] {filler}What is {a:03} + {b:03}?"
        made.append({"id": f"item-{number:06}", "prompt": prompt, "answer": str(a + b)})
    return made


def write_lines(path, rows):
    Path(path).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def write_plan(folder, url, rows, *, max_tokens, concurrency=64, scorer="number", listen=None, retry_unknown=False):
    """Writes a configuration and its items; gives the configuration's path."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_lines(folder / "items.jsonl", rows)
    prices = "\n".join(f'{name} = "{usd} USD"' for name, usd in PRICES.items())
    server = f'[server]\nlisten = ["{listen}"]\n' if listen else ""
    path = folder / "assayd.toml"
    path.write_text(f"""{server}
[store]
url = "sqlite://assayd.db"

[target.endpoint]
api = "openai-chat"
url = "{url}/v1"
model = "mock"
proxy = false
sampling = {{ max_tokens = {max_tokens} }}

[target.endpoint.price.tokens]
{prices}

[scenario.questions]
dataset = {{ format = "jsonl", path = "items.jsonl" }}
scorer = "{scorer}"

[workload.closed]
arrival = {{ kind = "closed", concurrency = {concurrency} }}

[[run]]
name = "shown"
targets = ["*"]
scenarios = ["*"]
workload = "closed"
retry_unknown = {str(retry_unknown).lower()}
""")
    return path


def fetch(url, body=None, seconds=60):
    data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"})
    # Loopback only: no proxy of the environment.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=seconds) as answer:
        return answer.read().decode()


def fetch_json(url, body=None, seconds=60):
    return json.loads(fetch(url, body, seconds))


def told_by_mock(url):
    """The records of `assayd mock` in order of arrival, figures as integers (none where empty), once nothing is in flight."""
    wait_until(lambda: fetch_json(f"{url}/__truth?summary=1")["in_flight"] == 0, 30, "the mock still has requests")
    summary = fetch_json(f"{url}/__truth?summary=1")
    must(summary["dropped_records"] == 0, f"the mock did not keep {summary['dropped_records']} records")
    rows = []
    csv.field_size_limit(1 << 30)
    for row in csv.DictReader(fetch(f"{url}/__truth.csv").splitlines(keepends=True)):
        for name, text in row.items():
            if name.endswith("_tokens") or name in ("sequence", "status", "received_ns", "first_ns", "ended_ns"):
                row[name] = int(text) if text else None
        row["gaps_ns"] = [int(gap) for gap in row["gaps_ns"].split()]
        rows.append(row)
    must(len(rows) == summary["arrived"], f"the mock tells of {len(rows)} requests, and of {summary['arrived']} arrivals")
    return sorted(rows, key=lambda row: row["sequence"])


def true_cost(row):
    """By component, of one of the mock's records."""
    return cost(row["prompt_tokens"], row["cached_tokens"] or 0, row["completion_tokens"], row["reasoning_tokens"] or 0)


def wait_until(condition, seconds, text):
    end = time.monotonic() + seconds
    while not condition():
        must(time.monotonic() < end, text)
        time.sleep(0.02)


def output(command):
    """Runs a command to its end; what it printed. Its own standard error goes to ours."""
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    must(done.returncode == 0, f"{' '.join(map(str, command))} ended with {done.returncode}")
    return done.stdout.decode()


def exported(assayd, plan):
    """Every stored sample, as `assayd export samples` gives it."""
    return [json.loads(line) for line in output([assayd, "export", "samples", "-c", plan]).splitlines()]


def row_of(report):
    """The total row of a report of one target and one scenario."""
    rows = [row for row in json.loads(report)["reports"][0]["rows"] if row["domain"] is None and row["split"] is None]
    must(len(rows) == 1, f"the report has {len(rows)} rows where one was expected")
    return rows[0]


def ledger(plan):
    """The ledger as it stands in the database: number of entries, amount and components by kind."""
    columns = ("input", "cache_read", "cache_write", "output", "reasoning", "request", "hardware")
    sums = ", ".join(f"SUM({name})" for name in ("amount", *columns))
    database = sqlite3.connect(f"file:{Path(plan).parent / 'assayd.db'}?mode=ro", uri=True)
    try:
        rows = database.execute(f"SELECT kind, COUNT(*), {sums} FROM ledger_entry GROUP BY kind").fetchall()
    finally:
        database.close()
    return {kind: dict(zip(("entries", "amount", *columns), figures)) for kind, *figures in rows}


def quantile(values, share):
    """The nearest rank: the smallest value that at least this share (a Fraction) of all is not above."""
    ranked = sorted(values)
    return ranked[max(-(-len(ranked) * share.numerator // share.denominator), 1) - 1]


P50, P99 = Fraction(1, 2), Fraction(99, 100)


def show(body):
    """Runs a command's body; what was missed becomes the figure, and the exit says which it was."""
    try:
        print(body())
    except Missed as missed:
        print(missed)
        sys.exit(1)
