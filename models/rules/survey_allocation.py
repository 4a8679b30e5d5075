"""How are the interviews of a sample divided among the buildings?"""

import math
from collections.abc import Sequence


def allocate(
    n: int, sizes: Sequence[int], spreads: Sequence[float] | None = None, power: float = 1.0
) -> tuple[int, ...]:
    """Divide n interviews in proportion to N_h^power S_h; all sum to n, no stratum gets more than it holds.

    Proportional without `spreads`, Neyman with them, and with `power` 0.5 small buildings get more. A stratum that is
    taken whole leaves the rest to the others. Rounded by largest remainder.

    Raises:
        ValueError: more interviews than households.
    """
    if n > sum(sizes):
        raise ValueError(f"{n} interviews in {sum(sizes)} households")
    weight = [size**power * (1.0 if spreads is None else spreads[h]) for h, size in enumerate(sizes)]
    whole: set[int] = set()
    while True:
        left = n - sum(sizes[h] for h in whole)
        base = sum(w for h, w in enumerate(weight) if h not in whole)
        share = [
            float(sizes[h]) if h in whole else left * w / base if base else 0.0 for h, w in enumerate(weight)
        ]
        full = {h for h, s in enumerate(share) if h not in whole and s > sizes[h]}
        if not full:
            break
        whole |= full
    given = [math.floor(s + 1e-9) for s in share]
    by_remainder = sorted(range(len(share)), key=lambda h: (given[h] - share[h], h))
    for h in by_remainder[: n - sum(given)]:
        given[h] += 1
    return tuple(given)
