"""What do past records say about an asset: how often did it fail, when was it last serviced? (A3, B2)"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from statistics import median_low

FEW_FAILURES = 5
"""Below so many failures a mean is an indication only (own rule; the label says the number)."""


class HistoryKind(StrEnum):
    """What was done."""

    PREVENTIVE = "preventive"
    CORRECTIVE = "corrective"
    INSPECTION = "inspection"
    REPLACEMENT = "replacement"


_KIND_WORDS: dict[HistoryKind, tuple[str, ...]] = {
    HistoryKind.PREVENTIVE: (
        *("preventive", "preventative", "pm", "ppm", "service", "servicing", "maintenance", "planned"),
        *("预防", "预防性", "预防性维护", "保养", "维护", "维护保养", "维保", "计划性维护", "例行保养"),
    ),
    HistoryKind.CORRECTIVE: (
        *("corrective", "repair", "breakdown", "fault", "failure", "emergency", "cm"),
        *("维修", "修理", "故障", "抢修", "故障维修", "应急维修", "纠正性", "报修"),
    ),
    HistoryKind.INSPECTION: (
        *("inspection", "inspect", "test", "check", "statutory inspection"),
        *("检查", "巡检", "检验", "检测", "试验", "年检", "定期检验"),
    ),
    HistoryKind.REPLACEMENT: (
        *("replacement", "replace", "replaced", "renewal", "overhaul"),
        *("更换", "换件", "更新", "更新改造", "整机更换", "大修"),
    ),
}
_KIND_OF = {word: kind for kind, words in _KIND_WORDS.items() for word in words}


@dataclass(frozen=True)
class HistoryFact:
    """One record of what was done to an asset before the custody."""

    asset_tag: str
    done_on: date
    kind: str
    text: str = ""
    downtime_hours: Decimal | None = None


@dataclass(frozen=True)
class Reliability:
    """What the records say about one asset, or about all assets of a type."""

    subject: str
    """Tag of the asset, or name of the type."""
    assets: int
    failures: int
    operating_days: int
    """Calendar days under observation, over all its assets."""
    mtbf_days: Decimal | None
    """Operating days / failures, one decimal; None without a failure."""
    label: str
    """enough, few or none: how far the mean can be trusted."""
    last_preventive_on: date | None
    observed_interval_days: int | None
    """Middle of the gaps between its preventive dates; None with fewer than two."""
    downtime_hours: Decimal | None
    """Sum of what was recorded; None where nothing was."""


@dataclass(frozen=True)
class Window:
    """The days the records cover: the first to the last record of the whole history."""

    first: date
    last: date


def history_kind(text: str) -> HistoryKind | None:
    """The kind a word in English or Chinese stands for; None for a word that is not known."""
    return _KIND_OF.get(text.strip().casefold())


def window_of(facts: Iterable[HistoryFact]) -> Window | None:
    """First and last day of all records; None without any.

    Before the first nobody wrote down, so an absent failure there means nothing.
    """
    days = [fact.done_on for fact in facts]
    return Window(min(days), max(days)) if days else None


def asset_reliability(
    tag: str, facts: Sequence[HistoryFact], window: Window, installed_on: date | None
) -> Reliability:
    """The figures of one asset; it is under observation from its installation, or from the first record of all."""
    own = [fact for fact in facts if fact.asset_tag == tag]
    start = window.first if installed_on is None else max(window.first, installed_on)
    # A record older than the installation the register names: the records win.
    start = min([start, *(fact.done_on for fact in own)])
    return _figures(tag, 1, own, max(1, (window.last - start).days + 1))


def type_reliability(name: str, figures: Sequence[Reliability], facts: Sequence[HistoryFact]) -> Reliability:
    """The figures of a type, from those of its assets: days and failures added up."""
    return _figures(name, len(figures), facts, sum(figure.operating_days for figure in figures))


def _figures(subject: str, assets: int, own: Sequence[HistoryFact], days: int) -> Reliability:
    kinds = [(fact, history_kind(fact.kind)) for fact in own]
    # Several lines of one day's repair are one failure.
    failures = len({(f.asset_tag, f.done_on) for f, kind in kinds if kind is HistoryKind.CORRECTIVE})
    serviced: dict[str, set[date]] = defaultdict(set)
    for fact, kind in kinds:
        if kind is HistoryKind.PREVENTIVE:
            serviced[fact.asset_tag].add(fact.done_on)
    gaps = [
        (later - earlier).days
        for dates in serviced.values()
        for earlier, later in zip(sorted(dates), sorted(dates)[1:], strict=False)
    ]
    downtime = [fact.downtime_hours for fact in own if fact.downtime_hours is not None]
    mtbf = (Decimal(days) / failures).quantize(Decimal("0.1"), ROUND_HALF_UP) if failures else None
    return Reliability(
        subject=subject,
        assets=assets,
        failures=failures,
        operating_days=days,
        mtbf_days=mtbf,
        label="none" if not failures else "few" if failures < FEW_FAILURES else "enough",
        last_preventive_on=max((max(dates) for dates in serviced.values()), default=None),
        observed_interval_days=median_low(gaps) if gaps else None,
        downtime_hours=sum(downtime, Decimal(0)) if downtime else None,
    )
