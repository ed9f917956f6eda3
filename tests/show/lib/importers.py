"""Writes price lists of four public shapes with drawn figures, imports them with assayd, and compares the books, figure by figure,
with what was written: exact decimals per 1,000,000 tokens. Arguments: assayd, a folder, a seed."""

import json
import random
import subprocess
import sys
import tomllib
from decimal import Decimal
from pathlib import Path

MODELS = 250
MILLION = Decimal(1_000_000)


# Numbers are put in afterwards: json would write them as floats.
def dumped(document, numbers):
    text = json.dumps(document)
    for mark, digits in numbers.items():
        text = text.replace(f'"{mark}"', digits)
    return text


class List:
    """One list that is being written: its numbers, and what the book must have."""

    def __init__(self, rng):
        self.rng, self.numbers, self.due = rng, {}, {}

    def price(self, per_token):
        """A price per 1,000,000 tokens with up to six digits, and its number in a list, in either notation."""
        price = Decimal(self.rng.randrange(1, 10**6)).scaleb(-self.rng.randrange(2, 5))
        number = price / MILLION if per_token else price
        digits = f"{number:E}".replace("E-0", "e-0") if self.rng.random() < 0.5 else f"{number:f}"
        mark = f"#{len(self.numbers)}#"
        self.numbers[mark] = digits
        return price, mark

    def text(self, price):
        return f"{price / MILLION:f}"


def litellm(out):
    models = {"sample_spec": {"input_cost_per_token": 0}}
    fields = {
        "cache_read_input_token_cost": ("cache_read",),
        "cache_creation_input_token_cost": ("cache_write",),
        "cache_creation_input_token_cost_above_1hr": ("cache_write_1h",),
        "output_cost_per_reasoning_token": ("reasoning",),
        "input_cost_per_token_above_200k_tokens": ("context", 200_000, "input"),
        "output_cost_per_token_above_200k_tokens": ("context", 200_000, "output"),
    }
    for n in range(MODELS):
        entry = {"litellm_provider": "maker", "mode": "chat", "max_input_tokens": 128_000, "supports_vision": True}
        due = {}
        names = {"input_cost_per_token": ("input",), "output_cost_per_token": ("output",)}
        names |= {name: to for name, to in fields.items() if out.rng.random() < 0.5}
        for name, to in names.items():
            due[to], entry[name] = out.price(per_token=True)
        models[f"maker/m{n}"] = entry
        out.due["maker", f"m{n}"] = due
    # By the image only: no price by token, so no entry.
    models["maker/painter"] = {"litellm_provider": "maker", "output_cost_per_image": 0.04}
    return models


def openrouter(out):
    data = []
    extra = {"input_cache_read": "cache_read", "input_cache_write": "cache_write", "internal_reasoning": "reasoning"}
    for n in range(MODELS):
        pricing, due = {}, {}
        names = {"prompt": "input", "completion": "output"} | {k: v for k, v in extra.items() if out.rng.random() < 0.5}
        for name, to in names.items():
            due[(to,)], _ = out.price(per_token=True)
            # As texts there.
            pricing[name] = out.text(due[(to,)])
        data.append({"id": f"maker/m{n}", "name": f"M {n}", "context_length": 8192, "pricing": pricing})
        out.due["openrouter", f"maker/m{n}"] = due
    data.append({"id": "openrouter/auto", "pricing": {"prompt": "-1", "completion": "-1"}})
    return {"data": data}


def genai_prices(out):
    models = []
    for n in range(MODELS):
        prices, due = {}, {}
        for name, to in (("input_mtok", "input"), ("output_mtok", "output"), ("cache_read_mtok", "cache_read")):
            due[(to,)], prices[name] = out.price(per_token=False)
        if out.rng.random() < 0.3:
            due["context", 200_000, "input"], more = out.price(per_token=False)
            prices["input_mtok"] = {"base": prices["input_mtok"], "tiers": [{"start": 200_000, "price": more}]}
        models.append({"id": f"m{n}", "match": {"equals": f"m{n}"}, "prices": prices})
        out.due["maker", f"m{n}"] = due
    models.append({"id": "free-of-word", "match": {"equals": "free-of-word"}, "prices": {}})
    return [{"id": "maker", "name": "Maker", "api_pattern": "https://", "models": models}]


def models_dev(out):
    models = {}
    for n in range(MODELS):
        cost, due = {}, {}
        for name in ("input", "output", "cache_read", "cache_write"):
            due[(name,)], cost[name] = out.price(per_token=False)
        if out.rng.random() < 0.3:
            over = {}
            for name in ("input", "output"):
                due["context", 200_000, name], over[name] = out.price(per_token=False)
            cost["context_over_200k"] = over
        models[f"m{n}"] = {"id": f"m{n}", "name": f"M {n}", "cost": cost, "limit": {"context": 1000, "output": 100}}
        out.due["maker", f"m{n}"] = due
    models["unpriced"] = {"id": "unpriced", "name": "No cost"}
    return {"maker": {"id": "maker", "env": ["KEY"], "models": models}}


def usd(text):
    number, currency = text.split()
    assert currency == "USD", text
    return Decimal(number)


def read(entry):
    """The figures of an entry of a book: where they stand, and how much they are."""
    found = {(key,): usd(value) for key, value in entry.items() if isinstance(value, str) and value.endswith(" USD")}
    for step in entry.get("context", []):
        found |= {("context", step["above"], key): usd(value) for key, value in step.items() if key != "above"}
    return found


def main():
    assayd, folder, seed = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    told, all_figures = [], 0
    for name, write in (
        ("litellm", litellm),
        ("openrouter", openrouter),
        ("genai-prices", genai_prices),
        ("models-dev", models_dev),
    ):
        out = List(random.Random(f"{seed} {name}"))
        document = write(out)
        source, book = folder / f"{name}.json", folder / f"{name}.toml"
        source.write_text(dumped(document, out.numbers))
        command = [assayd, "prices", "import", "--from", name, source, "--out", book, "--as-of", "2026-11-01"]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if ended.returncode != 0:
            sys.exit(print(f"{name}: exit code {ended.returncode}: {ended.stderr}") or 1)
        entries = tomllib.loads(book.read_text())["price"]
        found = {(entry["provider"], entry["model"]): read(entry) for entry in entries}
        if len(found) != len(entries) or found.keys() != out.due.keys():
            sys.exit(print(f"{name}: other models: {sorted(found.keys() ^ out.due.keys())[:5]}") or 1)
        for model, due in out.due.items():
            # What costs the same as where nothing is said need not be said.
            wrong = {k: (v, found[model].get(k)) for k, v in due.items() if found[model].get(k) != v}
            wrong |= {k: (None, v) for k, v in found[model].items() if k not in due}
            if wrong:
                sys.exit(print(f"{name}: {model}: {wrong}") or 1)
            all_figures += len(due)
        if "left out" not in ended.stderr:
            sys.exit(print(f"{name}: what was left out is not told: {ended.stderr!r}") or 1)
        shown = subprocess.run([assayd, "prices", "show", book], capture_output=True, text=True, check=False)
        if shown.returncode != 0:
            sys.exit(print(f"{name}: its book is not read back: {shown.stderr}") or 1)
        told.append(f"{name} {len(found)}")
    print(f"seed {seed}: models of {', '.join(told)}; {all_figures} figures, every one the list's own in exact decimals")


main()
