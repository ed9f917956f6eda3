"""Exact tests and intervals for the commands in tests/show: the standard library only, and none of assayd's own code.

Run as a program, it checks itself against worked examples.
"""

from math import comb, exp, lgamma, sqrt


def _ln_choose(n, k):
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def fisher(a, n, b, m):
    """Two-sided p of a correct of n against b of m: all tables with these margins that are no likelier than this one."""
    correct = a + b
    first, last = max(0, correct - m), min(n, correct)
    ln = [_ln_choose(n, k) + _ln_choose(m, correct - k) - _ln_choose(n + m, correct) for k in range(first, last + 1)]
    seen = ln[a - first]
    # Tables that are exactly as likely count, in spite of rounding.
    return min(1.0, sum(exp(x) for x in ln if x <= seen + 1e-7))


def mcnemar(b, c):
    """Two-sided exact p of b items right only here against c right only there: a binomial with chance one half."""
    n = b + c
    tail = sum(comb(n, k) for k in range(min(b, c) + 1))
    return min(1.0, 2 * tail / 2**n)


def holm(ps):
    """Holm's adjusted p-values, in the order given: compare each with the level wanted over all."""
    order = sorted(range(len(ps)), key=ps.__getitem__)
    adjusted, highest = [0.0] * len(ps), 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[i]))
        adjusted[i] = highest
    return adjusted


def wilson(k, n):
    """Wilson's 95 % interval of k of n."""
    z = 1.959963984540054
    centre, half = (k + z * z / 2) / (n + z * z), z / (n + z * z) * sqrt(k * (n - k) / n + z * z / 4)
    return centre - half, centre + half


def _check():
    def near(x, y):
        assert abs(x - y) < 5e-7, (x, y)

    # Fisher's tea tasting: 3 of 4 against 1 of 4 is 34/70.
    near(fisher(3, 4, 1, 4), 34 / 70)
    # All tables at once, by whole numbers.
    ways = [comb(12, k) * comb(9, 10 - k) for k in range(1, 11)]
    near(fisher(9, 12, 1, 9), sum(w for w in ways if w <= ways[8]) / comb(21, 10))
    near(fisher(400, 400, 400, 400), 1)
    near(mcnemar(0, 5), 2 / 32)
    near(mcnemar(3, 3), 1)
    assert holm([0.01, 0.04, 0.03]) == [0.03, 0.06, 0.06]
    # Wilson's bounds are where the score statistic is z.
    low, high = wilson(15, 20)
    for p in (low, high):
        near(abs(15 / 20 - p) / sqrt(p * (1 - p) / 20), 1.959963984540054)


if __name__ == "__main__":
    _check()
