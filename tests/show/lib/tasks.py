"""The seven tasks of the demo, told once more in another language: which prompts there are, which were held out of the
models' training, and what is right. Only so is the demo's own grading held against something else.
"""

from zlib import crc32

DOMAINS = ["add", "sub", "mul", "mod", "rev", "sort", "count"]


def held_out(prompt):
    return crc32(prompt.encode()) % 10 == 0


def solve(prompt):
    """Domain and answer of a prompt."""
    body = prompt.removesuffix("=")
    words = body.split(" ")
    if words[0] == "rev":
        return "rev", words[1][::-1]
    if words[0] == "sort":
        return "sort", "".join(sorted(words[1]))
    if words[0] == "count":
        return "count", str(words[2].count(words[1]))
    for sign, domain, work in (
        ("+", "add", lambda a, b: a + b),
        ("-", "sub", lambda a, b: a - b),
        ("*", "mul", lambda a, b: a * b),
        ("%", "mod", lambda a, b: a % b),
    ):
        if sign in body:
            a, b = body.split(sign)
            return domain, str(work(int(a), int(b)))
    raise ValueError(f"{prompt!r} is none of the seven tasks")


def pool(domain, excluded):
    """How many prompts of a domain are held out and not excluded."""
    digits = [f"{n:0{length}}" for length in (3, 4, 5) for n in range(10**length)]
    prompts = {
        "add": lambda: (f"{a}+{b}=" for a in range(1000) for b in range(1000)),
        "sub": lambda: (f"{a}-{b}=" for a in range(1000) for b in range(1000)),
        "mul": lambda: (f"{a}*{b}=" for a in range(1000) for b in range(10)),
        "mod": lambda: (f"{a}%{b}=" for a in range(1000) for b in range(2, 10)),
        "rev": lambda: (f"rev {d}=" for d in digits),
        "sort": lambda: (f"sort {d}=" for d in digits),
        "count": lambda: (f"count {c} {d}=" for c in "0123456789" for d in digits),
    }[domain]()
    return sum(held_out(prompt) and prompt not in excluded for prompt in prompts)
