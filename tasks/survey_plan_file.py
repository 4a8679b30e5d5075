"""What does a survey plan in YAML say? Read strictly: a mistake is named by file, place, key, value and expectation."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

from models.catalogue_reading import CatalogueInvalid, Entry
from models.errors import Terminal
from models.rules.survey_plan import (
    ALL,
    Columns,
    Duplicates,
    ItemSet,
    PlanItem,
    Population,
    PopulationMargin,
    Scale,
    ScaleKind,
    SurveyPlan,
)
from models.rules.survey_rates import DISPOSITIONS
from models.rules.survey_rows import read_time
from models.rules.survey_tests import DeclaredControl, ScreenControl
from models.rules.survey_weights import Weighting
from tasks.outside_text import YamlRefused, plain_yaml, read_at_most
from tasks.survey_dispositions import read_dispositions

MAX_BYTES = 1_000_000
_COLUMNS = ("token", "answered_at", "mode", "wave", "stratum", "cluster", "weight", "comment")


class SurveyPlanRefused(Terminal):
    """The plan cannot be used; the message names file, key, value and what was expected."""


def read_survey_plan(path: Path) -> SurveyPlan:
    """Read and check a plan.

    Raises:
        SurveyPlanRefused: no such file, no YAML, a key that is missing, wrong, or that nobody asked for.
    """
    if not path.is_file():
        raise SurveyPlanRefused(f"{path.name}: there is no such file.")
    content = read_at_most(path, MAX_BYTES)
    if content is None:
        raise SurveyPlanRefused(f"{path.name}: larger than {MAX_BYTES} bytes; is it a survey plan?")
    try:
        whole = Entry(path.name, "plan", plain_yaml(content))
        plan = _plan(whole, path.parent)
        whole.finish()
    except YamlRefused as error:
        where = f", line {error.line}" if error.line else ""
        raise SurveyPlanRefused(
            f"{path.name}{where}: is no plain YAML in UTF-8 ({error.problem})."
        ) from error
    except CatalogueInvalid as error:
        raise SurveyPlanRefused(str(error).removeprefix("Catalogue file ")) from error
    return plan


def _plan(whole: Entry, folder: Path) -> SurveyPlan:
    language = whole.text("language", "en")
    if language not in ("en", "zh"):
        raise whole.refuse("language", f"expected en or zh, found {language!r}")
    scales = whole.each("scales", _scale)
    items = tuple(_item(entry, scales) for entry in whole.entries("items"))
    if not items:
        raise whole.refuse("items", "expected at least one item")
    _refuse_twice(whole, "items", [item.code for item in items])
    _refuse_twice(whole, "items", [item.column for item in items])
    columns = Columns(**_texts_of(whole, "columns", _COLUMNS))
    plan = SurveyPlan(
        title=whole.text("title"),
        language="zh" if language == "zh" else "en",
        items=items,
        overall=_known(whole, "overall", whole.text("overall"), items),
        columns=columns,
        confidence=_share(whole, "confidence", "0.95"),
        minimum=_count(whole, "suppress_below", 10, at_least=2),
        opens=_time(whole, "opens"),
        closes=_time(whole, "closes"),
        duplicates=whole.choice("duplicates", Duplicates, Duplicates.LAST),
        modes=tuple(mode.lower() for mode in whole.texts("modes")),
        population=_population(whole, columns),
        weighting=whole.choice("weighting", Weighting, Weighting.RAKING),
        trim=_trim(whole),
        groups=whole.texts("groups"),
        waves=whole.texts("waves"),
        wave_control=whole.choice("wave_control", DeclaredControl, DeclaredControl.HOLM),
        group_control=whole.choice("group_control", ScreenControl, ScreenControl.BENJAMINI_HOCHBERG),
        index=_index(whole, items),
        drivers=tuple(_known(whole, "drivers", code, items) for code in whole.texts("drivers")),
        sets=tuple(_set(entry, items) for entry in whole.entries("reliability")),
        invited=_count(whole, "invited", 0) or None,
        dispositions=_dispositions(whole, folder),
        themes=_themes(whole),
    )
    _check_together(whole, plan)
    return plan


def _check_together(whole: Entry, plan: SurveyPlan) -> None:
    columns = plan.columns
    for key, used, column in (
        ("waves", plan.waves, columns.wave),
        ("closes", plan.opens or plan.closes, columns.answered_at),
        ("modes", plan.modes, columns.mode),
        ("themes", plan.themes, columns.comment),
    ):
        if used and not column:
            need = {"closes": "answered_at", "themes": "comment"}.get(key, key.removesuffix("s"))
            raise whole.refuse(key, f"expected a column {need} in columns")
    if columns.wave and not plan.waves:
        raise whole.refuse("waves", "expected the names of the waves in order, as columns names a wave")
    if plan.opens and plan.closes and plan.opens >= plan.closes:
        raise whole.refuse("closes", f"expected a time after {plan.opens}, found {plan.closes}")
    if plan.overall in plan.drivers:
        raise whole.refuse("drivers", f"expected items other than the overall one, found {plan.overall!r}")
    for key, codes in (("overall", (plan.overall,)), ("drivers", plan.drivers), ("index", tuple(plan.index))):
        other = next((c for c in codes if plan.item(c).scale.kind is not ScaleKind.RATING), None)
        if other is not None:
            raise whole.refuse(key, f"expected items on a rating scale, found {other!r}")
    total = sum(plan.dispositions.values())
    if plan.invited is not None and total > plan.invited:
        raise whole.refuse("dispositions", f"expected at most {plan.invited} invitations, found {total}")


def _scale(entry: Entry) -> Scale:
    kind = entry.choice("kind", ScaleKind, ScaleKind.RATING)
    name = entry.where.rsplit(", ", 1)[-1]
    named = entry.entry("values")
    words: dict[str, int] = {}
    values: list[int] = []
    for key in named.names():
        if not key.isdecimal() or len(key) > 3:
            raise named.refuse(key, "expected a whole number as value of the scale")
        values.append(int(key))
        for word in named.texts(key):
            if words.setdefault(word.strip().lower(), int(key)) != int(key):
                raise named.refuse(key, f"{word!r} stands for another value already")
    values.sort()
    if len(values) < 2 or values != list(range(values[0], values[-1] + 1)):
        raise entry.refuse("values", f"expected whole numbers in a row, found {values}")
    if kind is ScaleKind.RECOMMENDATION and values != list(range(11)):
        raise entry.refuse("values", f"expected 0 to 10 for a recommendation, found {values}")
    satisfied = [int(text) if text.isdecimal() else -1 for text in entry.texts("satisfied")]
    if kind is ScaleKind.RATING and (not satisfied or not set(satisfied) < set(values)):
        raise entry.refuse("satisfied", f"expected some of {values}, found {satisfied}")
    if kind is ScaleKind.RATING and values[0] not in (0, 1):
        raise entry.refuse("values", f"expected values from 0 or 1 up, found {values}")
    return Scale(
        name,
        kind,
        tuple(values),
        words,
        frozenset(satisfied),
        frozenset(text.strip().lower() for text in entry.texts("not_applicable")),
    )


def _item(entry: Entry, scales: dict[str, Scale]) -> PlanItem:
    code = entry.text("code")
    scale = entry.text("scale")
    if scale not in scales:
        raise entry.refuse("scale", f"expected one of {', '.join(scales)}, found {scale!r}")
    item = PlanItem(
        code,
        entry.text("column", code),
        entry.text("en", code),
        entry.text("zh", entry.text("en", code) if entry.has("en") else code),
        scales[scale],
        _share(entry, "target") if entry.has("target") else None,
        _flag(entry, "reverse"),
    )
    best = item.scale.low if item.reverse else item.scale.high
    if item.scale.kind is ScaleKind.RATING and best not in item.scale.satisfied:
        why = (
            "the lowest as the item is reversed"
            if item.reverse
            else "the highest unless the item says reverse: true"
        )
        shown = ", ".join(map(str, sorted(item.scale.satisfied)))
        raise entry.refuse(
            "scale", f"expected one on which {best} is satisfied ({why}), found {shown} on {scale!r}"
        )
    entry.finish()
    return item


def _population(whole: Entry, columns: Columns) -> Population:
    if not whole.has("population"):
        return Population()
    entry = whole.entry("population")
    strata = _counts(entry, "strata")
    if strata and not columns.stratum:
        raise entry.refuse("strata", "expected a column stratum in columns")
    clusters = _count(entry, "clusters", 0) or None
    if clusters and not columns.cluster:
        raise entry.refuse("clusters", "expected a column cluster in columns")
    margins = []
    for inner in entry.entries("margins"):
        named = inner.texts("columns")
        counts = _counts(inner, "counts")
        if not named or not counts:
            raise inner.refuse("columns", "expected columns and counts")
        margins.append(PopulationMargin(named, {k: float(v) for k, v in counts.items()}))
        inner.finish()
    households = _count(entry, "households", 0) or None
    if households and strata and sum(strata.values()) != households:
        raise entry.refuse(
            "strata", f"expected {households} households together, found {sum(strata.values())}"
        )
    entry.finish()
    return Population(households, strata, clusters, tuple(margins))


def _counts(whole: Entry, key: str) -> dict[str, int]:
    if not whole.has(key):
        return {}
    entry = whole.entry(key)
    counts = {name: _count(entry, name, None, at_least=1) for name in entry.names()}
    if ALL in counts:
        raise entry.refuse(ALL, "the name stands for all answers; use another")
    return counts


def _dispositions(whole: Entry, folder: Path) -> dict[str, int]:
    if not whole.has("dispositions"):
        return {}
    entry = whole.entry("dispositions")
    if entry.has("file"):
        file, column = entry.text("file"), entry.text("column")
        entry.finish()
        return read_dispositions(folder / file, column)
    counts = {}
    for code in entry.names():
        if code not in DISPOSITIONS:
            raise entry.refuse(code, f"expected one of {', '.join(DISPOSITIONS)}, or file and column")
        counts[code] = _count(entry, code, None)
    return counts


def _index(whole: Entry, items: tuple[PlanItem, ...]) -> dict[str, float]:
    if not whole.has("index"):
        return {}
    entry = whole.entry("index")
    return {
        _known(entry, code, code, items): float(entry.number(code, at_least="0.0001"))
        for code in entry.names()
    }


def _set(entry: Entry, items: tuple[PlanItem, ...]) -> ItemSet:
    found = ItemSet(
        entry.text("name"), tuple(_known(entry, "items", code, items) for code in entry.texts("items"))
    )
    if len(found.items) < 2:
        raise entry.refuse("items", f"expected at least two items, found {list(found.items)}")
    entry.finish()
    return found


def _themes(whole: Entry) -> dict[str, tuple[str, ...]]:
    if not whole.has("themes"):
        return {}
    entry = whole.entry("themes")
    return {name: tuple(word.lower() for word in entry.texts(name)) for name in entry.names()}


def _trim(whole: Entry) -> tuple[float, float] | None:
    texts = whole.texts("trim")
    if not texts:
        return 0.3, 3.0
    if texts == ("none",):
        return None
    try:
        low, high = (float(text) for text in texts)
    except ValueError:
        raise whole.refuse(
            "trim", f"expected two numbers such as [0.3, 3], or [none], found {texts}"
        ) from None
    if not 0 < low < 1 < high:
        raise whole.refuse("trim", f"expected a number below 1 and one above, found {texts}")
    return low, high


def _texts_of(whole: Entry, key: str, names: tuple[str, ...]) -> dict[str, str]:
    if not whole.has(key):
        return {}
    entry = whole.entry(key)
    found = {name: entry.text(name) for name in names if entry.has(name)}
    entry.finish()
    return found


def _known(entry: Entry, key: str, code: str, items: tuple[PlanItem, ...]) -> str:
    if code not in {item.code for item in items}:
        raise entry.refuse(key, f"expected the code of an item, found {code!r}")
    return code


def _count(entry: Entry, key: str, default: int | None, at_least: int = 0) -> int:
    text = entry.text(key, None if default is None else str(default)).strip()
    if not text.isdecimal() or int(text) < at_least:
        raise entry.refuse(key, f"expected a whole number of at least {at_least}, found {text!r}")
    return int(text)


def _share(entry: Entry, key: str, default: str | None = None) -> float:
    share = entry.number(key, default)
    if not 0 < share < 1:
        raise entry.refuse(key, f"expected a number between 0 and 1, found {share}")
    return float(Decimal(share))


def _flag(entry: Entry, key: str) -> bool:
    text = entry.text(key, "false").lower()
    if text not in ("true", "false"):
        raise entry.refuse(key, f"expected true or false, found {text!r}")
    return text == "true"


def _time(entry: Entry, key: str) -> datetime | None:
    if not entry.has(key):
        return None
    text = entry.text(key)
    found = read_time(text)
    if found is None:
        raise entry.refuse(key, f"expected a time such as 2027-01-26T18:00, found {text!r}")
    return found


def _refuse_twice(whole: Entry, key: str, codes: list[str]) -> None:
    twice = next((code for number, code in enumerate(codes) if code in codes[:number]), None)
    if twice is not None:
        raise whole.refuse(key, f"{twice!r} stands twice")
