"""Intervals for count ratios."""

from __future__ import annotations

from math import comb, sqrt

_Z = 1.959963984540054


def wilson(k: int, n: int) -> tuple[float, float]:
    """Wilson 95 % score interval of k out of n, as fractions (domain.md §3, Uncertainty); n must be above 0."""
    if n <= 0 or not 0 <= k <= n:
        raise ValueError(f"Wilson needs 0 ≤ k ≤ n and n > 0; asked for k={k}, n={n}.")
    share, z2 = k / n, _Z * _Z
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return (0.0 if k == 0 else centre - half), (1.0 if k == n else centre + half)


def difference(left: tuple[int, int], right: tuple[int, int]) -> tuple[float, float, float]:
    """Return right minus left of two shares (k of n) with its 95 % interval by Newcombe's method 10 (hybrid score)."""
    (k1, n1), (k2, n2) = left, right
    first, second = k1 / n1, k2 / n2
    (low1, high1), (low2, high2) = wilson(k1, n1), wilson(k2, n2)
    apart = second - first
    below = sqrt((second - low2) ** 2 + (high1 - first) ** 2)
    above = sqrt((high2 - second) ** 2 + (first - low1) ** 2)
    return apart, apart - below, apart + above


def significant(left: tuple[int, int], right: tuple[int, int]) -> bool:
    """Say whether two shares differ for certain at 95 %: the interval of their difference leaves out 0 (Newcombe)."""
    _, low, high = difference(left, right)
    return low > 0 or high < 0


def chance(left: tuple[int, int], right: tuple[int, int]) -> float:
    """Return how likely two shares (k of n) lie at least so far apart by chance alone (Fisher's exact test, two-sided).

    Unlike an interval it stays true for a handful of accounts, however strict the line that it is held against.
    """
    (k1, n1), (k2, n2) = left, right
    hits, whole = k1 + k2, n1 + n2
    ways = {k: comb(n1, k) * comb(n2, hits - k) for k in range(max(0, hits - n2), min(hits, n1) + 1)}
    return sum(number for number in ways.values() if number <= ways[k1]) / comb(whole, hits)


def flips(k: int, n: int, threshold: float, *, higher_is_better: bool = True) -> bool:
    """Say whether one account more or less among the k of n would turn a verdict "reaches the threshold" round."""
    if n <= 0:
        return False

    def reached(count: int) -> bool:
        return count / n >= threshold if higher_is_better else count / n <= threshold

    return any(reached(other) != reached(k) for other in (k - 1, k + 1) if 0 <= other <= n)
