"""Which small groups may not be shown, and which others must go with them so that nobody can subtract?"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from models.rules.satisfaction import MINIMUM_CELL

Mask = npt.NDArray[np.bool_]
Vector = npt.NDArray[np.float64]
Cell = tuple[str, str]
"""A grouping and the name of a group."""
_MOST_CHECKED = 500_000
"""Crossed groups by groups up to which groupings are searched together; beyond it only the first of them is shown."""
_NOTHING = 1e-9


def hidden_cells(
    counts: Mapping[str, int], minimum: int = MINIMUM_CELL, *, total_shown: bool = True
) -> frozenset[str]:
    """The groups of one grouping that are withheld.

    Those below the minimum, and, where the total is shown, further ones by size until the hidden groups together hold
    the minimum: a single hidden group, or a few tiny ones, would follow from the total by subtraction
    (secondary suppression, as in official statistics). An empty group hides nobody.

    Args:
        counts: valid answers by group; the groups do not overlap.
        minimum: fewest answers that may be shown.
        total_shown: whether the figure over all groups is published beside them.
    """
    hidden = {name for name, n in counts.items() if n < minimum}
    people = [name for name in hidden if counts[name] > 0]
    if not people or not total_shown:
        return frozenset(hidden)
    shown = sorted((n, name) for name, n in counts.items() if name not in hidden)
    while shown and (len(people) < 2 or sum(counts[name] for name in people) < minimum):
        _, name = shown.pop(0)
        hidden.add(name)
        people.append(name)
    return frozenset(hidden)


def hidden_across(
    groupings: Mapping[str, Mapping[str, Mask]], minimum: int = MINIMUM_CELL, *, total_shown: bool = True
) -> frozenset[Cell]:
    """The groups that are withheld where one set of answers is shown by several groupings.

    Each grouping by itself as `hidden_cells`; then, while a few people could still be reckoned from sums and differences of
    what is shown (the phase less its other buildings), the smallest group that this takes is withheld as well.

    Args:
        groupings: of each, the valid answers that belong to each group.
        minimum: fewest answers that may be shown.
        total_shown: whether the figure over all groups is published beside them.
    """
    counts = {
        (grouping, name): int(mask.sum())
        for grouping, masks in groupings.items()
        for name, mask in masks.items()
    }
    hidden = {
        (grouping, name)
        for grouping, masks in groupings.items()
        for name in hidden_cells(
            {name: counts[grouping, name] for name in masks}, minimum, total_shown=total_shown
        )
    }
    shown = sorted(counts.keys() - hidden, key=lambda cell: (counts[cell], cell))
    if len(groupings) < 2 or not shown:
        return frozenset(hidden)
    people, inside = _crossed(groupings, list(counts))
    if inside.size > _MOST_CHECKED:
        return frozenset(cell for cell in counts if cell in hidden or cell[0] != next(iter(groupings)))
    row = {cell: inside[at] for at, cell in enumerate(counts)}
    few = [row[cell] for cell, n in counts.items() if 0 < n < minimum]
    while shown:
        known = np.array([*([np.ones(len(people))] if total_shown else []), *(row[cell] for cell in shown)])
        used = _telling(known, few, people, minimum)
        if used is None:
            break
        shown.pop(int(used[len(known) - len(shown) :].argmax()))
    return frozenset(counts.keys() - set(shown))


def _crossed(groupings: Mapping[str, Mapping[str, Mask]], cells: Sequence[Cell]) -> tuple[Vector, Vector]:
    """People of each combination of groups that occurs, and of each cell which combinations are in it."""
    combined = np.zeros(len(next(iter(next(iter(groupings.values())).values()))), dtype=np.int64)
    anywhere = np.zeros(len(combined), dtype=bool)
    for masks in groupings.values():
        for number, mask in enumerate(masks.values()):
            combined[mask] += number
            anywhere |= mask
        combined = np.unique(combined, return_inverse=True)[1].reshape(-1) * max(map(len, groupings.values()))
    _, first, people = np.unique(combined[anywhere], return_index=True, return_counts=True)
    kept = np.flatnonzero(anywhere)[first]
    inside = np.array([groupings[grouping][name][kept] for grouping, name in cells], dtype=np.float64)
    return people.astype(np.float64), inside


def _telling(
    known: Vector, few: Sequence[Vector], people: Vector, minimum: int
) -> npt.NDArray[np.bool_] | None:
    """Which of the known sums tell of a few people together; None where none do."""
    sizes, shared = known @ people, (known * people) @ known.T
    apart = sizes[:, None] - sizes
    nested = (shared >= sizes - _NOTHING) & (apart > _NOTHING) & (apart < minimum)
    for larger, smaller in np.argwhere(nested):
        used = np.zeros(len(known), dtype=bool)
        used[[larger, smaller]] = True
        return used
    inverse = np.linalg.pinv(known.T)
    for target in few:
        loads = inverse @ target
        if np.abs(known.T @ loads - target).max() < _NOTHING:
            return np.asarray(np.abs(loads) > _NOTHING)
    # Of a combination of groups, that it follows is told by its place on the diagonal of the projection.
    follows = np.einsum("ij,ji->i", known.T, inverse) > 1 - _NOTHING
    for combination in np.flatnonzero(follows & (people < minimum)):
        return np.asarray(np.abs(inverse[:, combination]) > _NOTHING)
    return None
