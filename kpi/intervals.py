"""Intervals for count ratios."""

from __future__ import annotations

from math import sqrt

_Z = 1.959963984540054


def wilson(k: int, n: int) -> tuple[float, float]:
    """Wilson 95 % score interval of k out of n, as fractions (domain.md §3, Uncertainty); n must be above 0."""
    if n <= 0 or not 0 <= k <= n:
        raise ValueError(f"Wilson needs 0 ≤ k ≤ n and n > 0; asked for k={k}, n={n}.")
    share, z2 = k / n, _Z * _Z
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return (0.0 if k == 0 else centre - half), (1.0 if k == n else centre + half)
