"""Of which part of the frame is an answer to a sampled wave, and for how many households does it stand? (D2, D5)

Small buildings are asked more closely than large ones (the floor of a sample), so that answers do not weigh the same. A
building is too small to stand on an anonymous answer: buildings are joined before the wave opens.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

Place = tuple[str, str]
"""Type of space and building."""
FEWEST_INVITED = 20
"""Invitations of a cell at least: a cell stands on an anonymous answer and must not tell who it is (own rule)."""
FEWEST_ANSWERS = 20
"""Answers of a weighting class at least: with fewer their weight is a matter of chance (rule of thumb)."""
MOST_FACTOR = 2.0
"""A class that answered less than half as well as all is joined with its neighbour (rule of thumb)."""


@dataclass(frozen=True)
class WeightingCell:
    """Buildings that were asked about equally closely."""

    name: str
    stratum: str
    buildings: tuple[str, ...]
    population: int
    """Units of the frame in them."""
    invited: int

    def as_record(self) -> dict[str, Any]:
        """Plain values, to keep with the wave."""
        return asdict(self) | {"buildings": list(self.buildings)}

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "WeightingCell":
        """The cell a wave has kept."""
        return cls(**{**record, "buildings": tuple(record["buildings"])})


@dataclass(frozen=True)
class WeightingClass:
    """Cells whose answers stand for all units of these cells."""

    name: str
    cells: tuple[WeightingCell, ...]
    population: int
    invited: int
    answers: int


def weighting_cells(
    population: Mapping[Place, int], invited: Mapping[Place, int]
) -> tuple[tuple[WeightingCell, ...], dict[Place, str]]:
    """The cells of a sample, and the cell of each place.

    Within a type of space, which an answer bears anyway, buildings are joined in the order of their sampling rate until
    `FEWEST_INVITED` are invited: those joined were asked about equally closely, so that little is lost by it.

    Args:
        population: units of the frame by place.
        invited: invitations by place; where nobody could be asked there are none, and others speak for it.
    """
    cells: list[WeightingCell] = []
    of_place: dict[Place, str] = {}
    for stratum in sorted({place[0] for place in population}):
        inside = [place for place in population if place[0] == stratum]
        for group in _groups(
            sorted(inside, key=lambda one: (-invited.get(one, 0) / population[one], one)), invited
        ):
            name = f"{len(cells) + 1:03d}"
            cells.append(
                WeightingCell(
                    name,
                    stratum,
                    tuple(sorted(building for _, building in group if building)),
                    sum(population[one] for one in group),
                    _asked(group, invited),
                )
            )
            of_place |= dict.fromkeys(group, name)
    return tuple(cells), of_place


def _groups(places: Sequence[Place], invited: Mapping[Place, int]) -> list[list[Place]]:
    groups: list[list[Place]] = [[]]
    for place in places:
        if _asked(groups[-1], invited) >= FEWEST_INVITED:
            groups.append([])
        groups[-1].append(place)
    if len(groups) > 1 and _asked(groups[-1], invited) < FEWEST_INVITED:
        last = groups.pop()
        groups[-1] += last
    return groups


def _asked(places: Sequence[Place], invited: Mapping[Place, int]) -> int:
    return sum(invited.get(place, 0) for place in places)


def weighting_classes(
    cells: Sequence[WeightingCell], answers: Mapping[str, int]
) -> tuple[WeightingClass, ...]:
    """Cells joined until each class has answers enough to be weighted to its population; empty where nobody answered.

    A class with fewer than `FEWEST_ANSWERS` answers, or whose answers would count more than `MOST_FACTOR` times for not
    answering, is joined with its neighbour in the order of the cells, which is that of the sampling rate.

    Args:
        cells: in the order of `weighting_cells`.
        answers: answers by cell.
    """
    total = sum(answers.get(cell.name, 0) for cell in cells)
    if not total:
        return ()
    usual = sum(cell.invited for cell in cells) / total
    classes = [
        WeightingClass(cell.name, (cell,), cell.population, cell.invited, answers.get(cell.name, 0))
        for cell in cells
    ]

    def poor(one: WeightingClass) -> bool:
        return one.answers < FEWEST_ANSWERS or one.invited / one.answers > MOST_FACTOR * usual

    while len(classes) > 1 and any(map(poor, classes)):
        at = next(place for place, one in enumerate(classes) if poor(one))
        start = at if at + 1 < len(classes) else at - 1
        classes[start : start + 2] = [_joined(classes[start], classes[start + 1])]
    return tuple(classes)


def design_weight(cell: WeightingCell) -> float:
    """How many units of the frame each invitation of the cell stands for."""
    return cell.population / cell.invited if cell.invited else 1.0


def _joined(one: WeightingClass, other: WeightingClass) -> WeightingClass:
    first, last = one.name.split("-")[0], other.name.split("-")[-1]
    return WeightingClass(
        f"{first}-{last}",
        (*one.cells, *other.cells),
        one.population + other.population,
        one.invited + other.invited,
        one.answers + other.answers,
    )
