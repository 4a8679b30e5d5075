"""How often is that, in words a client understands?"""

from typing import Literal

from models.rules.recurrence import Frequency, Recurrence, RecurrenceNotSupported
from models.rules.schedule import ROUTINE_DAYS

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
MAINTENANCE_CLAUSE = "B2"
"""Rounds, preventive maintenance and repairs."""
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEKDAYS_ZH = "一二三四五六日"
_ORDINALS = {1: ("first", "第一个"), 2: ("second", "第二个"), 3: ("third", "第三个"), 4: ("fourth", "第四个"), -1: ("last", "最后一个")}  # fmt: skip
_STEPS = {
    Frequency.DAILY: ("day", "天", "天"),
    Frequency.WEEKLY: ("week", "周", "周"),
    Frequency.MONTHLY: ("month", "月", "个月"),
    Frequency.YEARLY: ("year", "年", "年"),
}


def frequency_words(rrule: str, language: Literal["zh", "en"]) -> str:
    """A recurrence rule in words: "every 15 days", "每15天", "every week from April to October".

    Args:
        rrule: as in `Commitment.rrule`, not empty; a rule that cannot be read is returned as it stands.
        language: of the words.
    """
    try:
        rule = Recurrence.parse(rrule)
    except RecurrenceNotSupported:
        return rrule
    return _chinese(rule) if language == "zh" else _english(rule)


def maintenance_part(rrule: str) -> str:
    """Where a promise stands in a maintenance plan divided as clause A4 asks: daily, periodic, special.

    Args:
        rrule: as in `Commitment.rrule`; empty for what is done once or when needed.

    Returns:
        1-daily (at least once a week), 2-periodic or 3-special, so that they sort in this order.
    """
    if not rrule.strip():
        return "3-special"
    try:
        rule = Recurrence.parse(rrule)
    except RecurrenceNotSupported:
        return "2-periodic"
    step = {Frequency.DAILY: 1, Frequency.WEEKLY: 7}.get(rule.frequency)
    return "1-daily" if step is not None and step * rule.interval <= ROUTINE_DAYS else "2-periodic"


def _english(rule: Recurrence) -> str:
    step = _STEPS[rule.frequency][0]
    text = f"every {step}" if rule.interval == 1 else f"every {rule.interval} {step}s"
    if rule.weekdays:
        text += " on " + _joined([_WEEKDAYS[day] for day in rule.weekdays])
    if rule.nth_weekday:
        text += f" on the {_ORDINALS[rule.nth_weekday[0]][0]} {_WEEKDAYS[rule.nth_weekday[1]]}"
    if not rule.months or len(rule.months) == 12:
        return text
    spans = [
        MONTHS[first - 1] if first == last else f"{MONTHS[first - 1]} to {MONTHS[last - 1]}"
        for first, last in _spans(rule.months)
    ]
    return (
        f"{text} in {_joined(spans)}" if rule.frequency is Frequency.YEARLY else f"{text}, {_joined(spans)}"
    )


def _chinese(rule: Recurrence) -> str:
    _, once, many = _STEPS[rule.frequency]
    text = f"每{once}" if rule.interval == 1 else f"每{rule.interval}{many}"
    if rule.weekdays:
        days = "、".join("周" + _WEEKDAYS_ZH[day] for day in rule.weekdays)
        text = f"每{days}" if rule.interval == 1 else f"{text}（{days}）"
    if rule.nth_weekday:
        text += f"{_ORDINALS[rule.nth_weekday[0]][1]}周{_WEEKDAYS_ZH[rule.nth_weekday[1]]}"
    if not rule.months or len(rule.months) == 12:
        return text
    months = "、".join(
        f"{first}月" if first == last else f"{first}月至{last}月" for first, last in _spans(rule.months)
    )
    return f"{text}{months}" if rule.frequency is Frequency.YEARLY else f"{months}期间{text}"


def _spans(months: tuple[int, ...]) -> list[tuple[int, int]]:
    """Neighbouring months as (first, last); winter runs over the end of the year.

    >>> _spans((1, 2, 5, 12))
    [(12, 2), (5, 5)]
    """
    spans: list[tuple[int, int]] = []
    for month in sorted(set(months)):
        if spans and spans[-1][1] == month - 1:
            spans[-1] = (spans[-1][0], month)
        else:
            spans.append((month, month))
    if len(spans) > 1 and spans[0][0] == 1 and spans[-1][1] == 12:
        last = spans.pop()
        spans[0] = (last[0], spans[0][1])
    return spans


def _joined(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
