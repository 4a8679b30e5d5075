"""Which small groups may not be shown, and which others must go with them so that nobody can subtract?"""

from collections.abc import Mapping

from models.rules.satisfaction import MINIMUM_CELL


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
