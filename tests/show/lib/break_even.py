"""Works out the example of docs/cost.md anew, in exact fractions, and compares with what the command said."""

import json
import math
import sys
import tomllib
from fractions import Fraction as F

config, said, page = sys.argv[1:]
with open(config, "rb") as file:
    own = tomllib.load(file)
said = json.load(open(said))
page = " ".join(open(page).read().split())
grid, own = own["carbon"], own["target"]["own-gpu"]
price = own["price"]["owned"]


def amount(text):
    return F(text.split()[0].rstrip("%"))


capex, years = amount(price["capex"]), F(price["years"])
depreciation = capex * (1 - amount(price["residual"]) / 100) / (years * 8760)
capital = capex * amount(price["wacc"]) / 100 / 8760
opex = amount(price["opex_per_hour"])
kilowatts = amount(price["power"]["nameplate"]) / 1000 * F(str(price["pue"]))
energy = kilowatts * amount(price["tariff"])
hour = depreciation + capital + opex + energy
accuracy, answers, tokens, api = F("0.8"), F("2.5") * 3600, F(750), F("0.0005")
right = accuracy * answers
duty = hour / (right * api)
grams = kilowatts * amount(grid["intensity"]) + amount(own["carbon"]["embodied"]) * 1000 / (years * 8760)

checked = 0


def same(what, got, want, within=1e-12):
    global checked
    checked += 1
    if not math.isclose(got, float(want), rel_tol=within):
        sys.exit(f"{what}: the command says {got}, worked out {float(want)}")


def told(text):
    """The page says it so."""
    global checked
    checked += 1
    if text not in page:
        sys.exit(f"the page does not say: {text}")


parts = said["usd_per_hour"]["parts"]
same("depreciation", parts["depreciation"], depreciation)
same("capital", parts["capital"], capital)
same("opex", parts["opex"], opex)
same("energy", said["usd_per_hour"]["energy"]["usd"], energy)
same("C_h", said["usd_per_hour"]["total"], hour)
same("u*", said["break_even"]["duty"]["estimate"], duty)
same("answers a day", said["break_even"]["answers_per_day"], duty * answers * 24)
# Each side by the distances that make it: a larger input makes the duty smaller.
side = lambda *ratios: math.sqrt(sum(math.log(r) ** 2 for r in ratios))
same("u* lower", said["break_even"]["duty"]["lower"], float(duty) * math.exp(-side(0.833 / 0.8, 0.00056 / 0.0005)))
same("u* upper", said["break_even"]["duty"]["upper"], float(duty) * math.exp(side(0.8 / 0.763, 0.0005 / 0.00045)))
for row in said["by_duty"]:
    u = F(row["duty"])
    same("per correct", row["usd_per_correct"]["estimate"], hour / (right * u))
    same("per million", row["usd_per_million_tokens"], 10**6 * hour / (tokens * 3600 * u))
    same("joules", row["joules_per_correct"], amount(price["power"]["nameplate"]) * 3600 / (right * u))
    same("grams", row["co2e_grams_per_correct"], grams / (right * u))

told(f"= {float(depreciation):g} USD; capital")
told(f"= {float(capital):g} USD; opex: {float(opex):g} USD")
told(f"= {float(energy):g} USD; so C_h = {float(hour):g} USD")
told(f"3600 = {float(right):g}")
told(f"= {float(duty):.4f}, which is {float(duty):.4f} × 9000 × 24 = {float(duty * answers * 24):,.0f} answers a day")
told(f"= {float(hour / (right * F('0.4'))):.6f} USD per correct answer")
told(f"= {float(10**6 * hour / (tokens * 3600 * F('0.4'))):.2f} USD for a million tokens")
told(f"= {float(grams / right * 1000):.1f} g for 1000 correct answers")
print(f"{checked} numbers of the example worked out anew: C_h {float(hour):g} USD, u* {float(duty):.4f} "
      f"({said['break_even']['duty']['lower']:.3f} to {said['break_even']['duty']['upper']:.3f}), "
      f"{float(duty * answers * 24):,.0f} answers a day")
