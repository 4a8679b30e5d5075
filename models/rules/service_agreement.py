"""What does the desk promise: when is it open, by when is what answered and settled? Proposed, or as agreed (B6)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from models.rules.file_values import plain_text
from models.rules.service_levels import (
    PROPOSED_TARGETS,
    WEEKDAYS,
    Priority,
    ProposedTarget,
    RequestKind,
    Window,
    windows_of,
)

ENTRIES = ("desk", "targets")
TARGET = ("kind", "priority", "answer", "settle", "clock")
CLOCKS = ("day_and_night", "desk_hours")
AGREED = "agreed"
_SPAN = re.compile(r"(\d{1,5})\s*(min|h|d)")
_UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_LONGEST = timedelta(days=366)


class AgreementRefused(ValueError):
    """What was said is no agreement; the text names the place, what stood there and what was expected."""


@dataclass(frozen=True)
class ServiceAgreement:
    """What is promised where nothing else was agreed, or what was."""

    hours: tuple[tuple[Window, ...], ...] = ((Window(time(8), time(20)),),) * 7
    """Monday first; in them runs the clock of what does not run day and night."""
    targets: tuple[ProposedTarget, ...] = PROPOSED_TARGETS


def read_agreement(said: Mapping[str, Any]) -> ServiceAgreement:
    """The agreement a mapping of texts says; days and targets it does not name stay as proposed.

    Args:
        said: `desk`, hours such as "08:00-12:00, 14:00-22:00" by weekday, empty for a day of rest; and `targets`, a list
            of kind, priority, answer and settle such as "30 min", "4 h" or "2 d" (a day is 24 hours of the clock),
            and the clock they run on.

    Raises:
        AgreementRefused: something in it is not as expected.
    """
    unknown = [str(key)[:40] for key in said if key not in ENTRIES]
    if unknown:
        raise AgreementRefused(f"{unknown[0]!r} is not known; expected {', '.join(ENTRIES)}")
    proposed = ServiceAgreement()
    hours = list(proposed.hours)
    desk = said.get("desk") or {}
    if not isinstance(desk, Mapping):
        raise AgreementRefused("desk: expected hours by weekday, such as monday: 08:00-20:00")
    for day, text in desk.items():
        if day not in WEEKDAYS:
            raise AgreementRefused(f"desk: {str(day)[:40]!r} is no day; expected {', '.join(WEEKDAYS)}")
        try:
            hours[WEEKDAYS.index(day)] = windows_of(str(text))
        except ValueError as error:
            raise AgreementRefused(f"desk, {day}: {error}") from error
    if not any(hours):
        raise AgreementRefused("desk: is never open; expected hours on at least one day")
    rows = said.get("targets") or []
    if not isinstance(rows, list):
        raise AgreementRefused(f"targets: expected a list of entries with {', '.join(TARGET)}")
    targets = {(row.kind, row.priority): row for row in proposed.targets}
    seen = set()
    for number, row in enumerate(rows, start=1):
        target = _target(row, number)
        key = (target.kind, target.priority)
        if key in seen:
            raise AgreementRefused(
                f"targets, entry {number}: {target.kind}, {target.priority} stands there twice"
            )
        seen.add(key)
        targets[key] = target
    return ServiceAgreement(tuple(hours), tuple(targets.values()))


def _target(row: object, number: int) -> ProposedTarget:
    where = f"targets, entry {number}"
    if not isinstance(row, Mapping) or set(row) != set(TARGET):
        raise AgreementRefused(f"{where}: expected {', '.join(TARGET)}, and nothing else")
    cells = {key: plain_text(str(row[key])) for key in TARGET}
    for key, known in (("kind", tuple(RequestKind)), ("priority", tuple(Priority)), ("clock", CLOCKS)):
        if cells[key] not in known:
            raise AgreementRefused(f"{where}, {key}: {cells[key][:40]!r}; expected one of {', '.join(known)}")
    answer, settle = _span(cells["answer"], f"{where}, answer"), _span(cells["settle"], f"{where}, settle")
    if answer > settle:
        raise AgreementRefused(
            f"{where}, answer: {cells['answer']!r} is longer than settling; expected at most {cells['settle']!r}"
        )
    return ProposedTarget(
        RequestKind(cells["kind"]),
        Priority(cells["priority"]),
        answer,
        settle,
        cells["clock"] == CLOCKS[0],
        AGREED,
    )


def _span(text: str, where: str) -> timedelta:
    found = _SPAN.fullmatch(text)
    span = int(found[1]) * _UNITS[found[2]] if found else timedelta(0)
    if not timedelta(0) < span <= _LONGEST:
        raise AgreementRefused(
            f"{where}: {text[:40]!r}; expected for example 30 min, 4 h or 2 d, up to a year"
        )
    return span


def span_words(span: timedelta) -> str:
    """A span in the largest unit it is a whole number of, as `read_agreement` reads it."""
    for unit in ("d", "h"):
        if span % _UNITS[unit] == timedelta(0):
            return f"{span // _UNITS[unit]} {unit}"
    return f"{span // _UNITS['min']} min"


def hours_words(windows: tuple[Window, ...]) -> str:
    """Hours of a day as `read_agreement` reads them; empty for a day of rest."""
    return ", ".join(f"{window.opens:%H:%M}-{window.closes:%H:%M}" for window in windows)
