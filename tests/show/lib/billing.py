"""Bills the invoices of tests/billing, and random answers, by rules of its own in exact fractions: what assayd is held to.

billing.py invoices            prints how many invoices there are and how many come out otherwise; each of these is told
billing.py sums COUNT SEED     prints the sums over so many random answers, by component
"""

import sys
import tomllib
from datetime import datetime, time, timezone
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

READ = ["input", "cache_read", "cache_write", "cache_write_1h", "audio_input", "image_input"]
WRITTEN = ["output", "reasoning", "audio_output", "image_output"]
LIKE = {"cache_read": "input", "cache_write": "input", "reasoning": "output"}
BASE = {"", "default", "standard", "auto", "on_demand"}


def usd(text, rates):
    number, code = text.rsplit(maxsplit=1)
    return Fraction(number) / (1 if code == "USD" else Fraction(rates[code]["per_usd"]))


def part(text):
    return Fraction(text.removesuffix("%")) / 100


def nano(amount):
    """Half goes up: no amount is negative."""
    return (amount * 10**9 + Fraction(1, 2)).__floor__()


def bill(price, usage, at, tier, rates):
    """The cost by component; none where the price does not know what was used."""
    name = (tier or "").lower()
    tiers = {key.lower(): change for key, change in price.get("tier", {}).items()}
    if name not in BASE and name not in tiers:
        return None
    total = sum(usage.get(kind, 0) for kind in READ)
    changes = []
    for hours in price.get("hours", []):
        clock = at.astimezone(ZoneInfo(hours["zone"])).time()
        begin, end = (time.fromisoformat(hours[key].replace("24:00", "00:00")) for key in ("from", "to"))
        if begin <= clock < end if begin < end else clock >= begin or clock < end:
            changes.append(hours)
            break
    if name not in BASE:
        changes.append(tiers[name])
    prices, share = {}, Fraction(1)
    for level in [price, *changes]:
        steps = sorted(level.get("context", []), key=lambda step: step["above"])
        for table in [level, *(step for step in steps if total > step["above"])]:
            prices |= {kind: usd(table[kind], rates) for kind in READ + WRITTEN if kind in table}
        share *= part(level.get("share", "100%"))
    left = 1 - part(price.get("discount", "0%"))
    cost = {"request": nano(usd(price.get("per_request", "0 USD"), rates) * left)}
    for kind in READ + WRITTEN:
        if count := usage.get(kind, 0):
            each = prices.get(kind, prices.get(LIKE.get(kind)))
            if each is None:
                return None
            cost[kind] = nano(each * share * left * count / 10**6)
    if count := usage.get("searches", 0):
        if "per_search" not in price:
            return None
        cost["search"] = nano(usd(price["per_search"], rates) * left * count)
    cost["request"] += max(0, nano(usd(price.get("minimum", "0 USD"), rates)) - sum(cost.values()))
    return {component: amount for component, amount in cost.items() if amount}


def invoices():
    count, wrong = 0, []
    for path in sorted(Path("tests/billing").glob("*.toml")):
        book = tomllib.loads(path.read_text())
        rates = book.get("currency", {})
        for invoice in book["invoice"]:
            count += 1
            at = datetime.fromisoformat(invoice.get("at", "2026-09-21T14:00:00Z")).astimezone(timezone.utc)
            names = invoice["price"] if isinstance(invoice["price"], list) else [invoice["price"]]
            day = at.date().isoformat()
            versions = [book["price"][name] for name in names]
            held = [v for v in versions if v.get("since", "") <= day and day < v.get("until", "9")]
            usage = invoice["usage"]
            found = "unpriced"
            if held:
                whole = all(any(kind in usage for kind in side) for side in (READ, WRITTEN))
                newest = max(held, key=lambda version: version.get("since", ""))
                cost = bill(newest, usage, at, invoice.get("tier"), rates)
                found = "unpriced" if cost is None else cost if whole else "unknown"
            wanted = next((word for word in ("unpriced", "unknown") if invoice.get(word)), invoice.get("cost"))
            if found != wanted:
                wrong.append(f"{path.name}: {invoice['name']}: {found}, not {wanted}")
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"invoices {count} wrong {len(wrong)}")


def sums(count, seed):
    """The same draws as `million` of tests/it/billing.rs; prices are in 10⁻⁵ USD per million, shares in percent."""
    state = seed

    def draw(below):
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) % below

    kinds = READ[:3] + WRITTEN[:2]
    totals = dict.fromkeys([*kinds, "request", "search"], 0)
    for _ in range(count):
        prices = [draw(10_000_000) for _ in kinds]
        left, share = 100 - draw(101), draw(200) + 1
        used = [draw(100_000) for _ in kinds]
        searches, fee, found = draw(3), draw(1_000_000), draw(1_000_000)
        # n/10⁵ USD per 10⁶ tokens are n/100 nano-USD a token; two shares in percent are 10⁴ more.
        for kind, price, tokens in zip(kinds, prices, used):
            totals[kind] += (price * tokens * share * left + 500_000) // 1_000_000
        # Fees are in 10⁻⁸ USD, which are 10 nano-USD; a tier has no share in them.
        totals["request"] += (fee * 10 * left + 50) // 100
        totals["search"] += (found * 10 * searches * left + 50) // 100
    print(" ".join(f"{name} {amount}" for name, amount in totals.items()), "total", sum(totals.values()))


if __name__ == "__main__":
    if sys.argv[1] == "invoices":
        invoices()
    else:
        sums(int(sys.argv[2]), int(sys.argv[3]))
