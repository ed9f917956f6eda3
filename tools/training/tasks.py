#!/usr/bin/env python3
"""The seven exact-answer tasks that the demo's models learn: prompt in, answer out, both plain ASCII.

The Rust generator (src/workload/generator/tasks/) asks the same questions with the same distributions, but draws from
its own generator of chance. What both must agree on (answers, domains, split) is checked over `fixture.jsonl`, written
by running this file:

    python3 tasks.py > fixture.jsonl
"""

from __future__ import annotations

import argparse
import json
import random
import zlib
from collections.abc import Callable
from typing import NamedTuple

DIGITS = "0123456789"


class Question(NamedTuple):
    """One question with its only right answer."""

    prompt: str
    answer: str


def number(rng: random.Random) -> int:
    """A number of one to three digits: first the length, then the number, so that short ones are common."""
    length = rng.randint(1, 3)
    least = 0 if length == 1 else 10 ** (length - 1)
    return rng.randint(least, 10**length - 1)


def digits(rng: random.Random) -> str:
    """Three to five digits; zeros may lead."""
    return "".join(rng.choice(DIGITS) for _ in range(rng.randint(3, 5)))


def add(rng: random.Random) -> Question:
    a, b = number(rng), number(rng)
    return Question(f"{a}+{b}=", str(a + b))


def sub(rng: random.Random) -> Question:
    a, b = number(rng), number(rng)
    return Question(f"{a}-{b}=", str(a - b))


def mul(rng: random.Random) -> Question:
    a, b = number(rng), rng.randint(0, 9)
    return Question(f"{a}*{b}=", str(a * b))


def mod(rng: random.Random) -> Question:
    a, divisor = number(rng), rng.randint(2, 9)
    return Question(f"{a}%{divisor}=", str(a % divisor))


def rev(rng: random.Random) -> Question:
    text = digits(rng)
    return Question(f"rev {text}=", text[::-1])


def sort(rng: random.Random) -> Question:
    text = digits(rng)
    return Question(f"sort {text}=", "".join(sorted(text)))


def count(rng: random.Random) -> Question:
    """Every place takes the digit sought with chance 0.35 before any digit, so that answers above 1 are common."""
    sought = rng.choice(DIGITS)
    length = rng.randint(3, 5)
    text = "".join(sought if rng.random() < 0.35 else rng.choice(DIGITS) for _ in range(length))
    return Question(f"count {sought} {text}=", str(text.count(sought)))


DOMAINS: dict[str, Callable[[random.Random], Question]] = {
    "add": add, "sub": sub, "mul": mul, "mod": mod, "rev": rev, "sort": sort, "count": count,
}


def is_held_out(prompt: str) -> bool:
    """One prompt in ten, by its CRC-32, is for testing only."""
    return zlib.crc32(prompt.encode()) % 10 == 0


def sample(domain: str, rng: random.Random, held_out: bool = False) -> Question:
    """A question of the training set, or of the held-out tenth."""
    while True:
        question = DOMAINS[domain](rng)
        if is_held_out(question.prompt) == held_out:
            return question


def main() -> None:
    """Prints the fixture: of every domain, half from the training set and half held out."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--each", type=int, default=20, help="questions a domain (default: 20)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the draw (default: 1)")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    for domain in DOMAINS:
        for i in range(options.each):
            question = sample(domain, rng, held_out=i % 2 == 1)
            row = {"domain": domain, **question._asdict(), "held_out": is_held_out(question.prompt)}
            print(json.dumps(row))


if __name__ == "__main__":
    main()
