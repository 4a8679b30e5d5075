"""What does each field of an intake form take, and what is wrong with one that was filled in? (A1)"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from models.intake import DemandForm, IntakeForm, WorkingCalendarForm
from models.rules.service_levels import WEEKDAYS

_DAYS = "days such as 2027-01-01, 2027-02-06"
_HOURS = "hours such as 08:30-12:00, 13:30-17:30, or nothing for a day of rest"
EXPECTED: Mapping[str, str] = {
    "code": "2 to 31 capital letters, digits and hyphens, the first no hyphen, such as JC-2027",
    "property_name": "the name of the property, such as Garden Court",
    "property_type": "residential, commercial, office or mixed (住宅、商业、写字楼、综合体)",
    "client_name": "the name of the organisation, such as Owners of Garden Court",
    "custodian_name": "the name of the organisation, such as Custody Ltd",
    "scope": "what is in custody, such as: common parts, systems and grounds",
    "service_standard": "the standard of the service, such as: as the confirmed plan says",
    "term_start": "a day such as 2027-01-01",
    "term_end": "a day such as 2029-12-31",
    "fee_model": "lump_sum or cost_plus_fee (包干制、酬金制)",
    "remuneration_share": "a share of cost between 0 and 100 %, such as 8% or 0.08",
    "currency": "CNY, USD, GBP or EUR",
    "timezone": "a time zone such as Asia/Shanghai",
    "language": "zh or en",
    "jurisdiction": "the two capital letters of a country, such as CN",
    "floor_area": "a number of square metres above 0, such as 4200",
    "unit_count": "a whole number above 0, such as 320",
    "working_calendar": "hours for each weekday, and lists of holidays and make-up workdays",
    **{f"working_calendar.{day}": _HOURS for day in WEEKDAYS},
    "working_calendar.holidays": _DAYS,
    "working_calendar.makeup_workdays": _DAYS,
    "demands": "a list of demands, each with ref, text, priority and measure",
    "demands.ref": "a short reference such as D1, at most 20 letters",
    "demands.text": "what the client wants, such as: lifts are safe",
    "demands.priority": "a whole number from 1 (most important) to 5, such as 2",
    "demands.measure": "how both sides will see whether it is met, such as: repairs in time, 95 %",
}
"""Dotted name of a field, without the number of a demand, to what it takes, with an example."""

_NAMES = {
    "": tuple(IntakeForm.model_fields),
    "working_calendar": tuple(WorkingCalendarForm.model_fields),
    "demands": tuple(DemandForm.model_fields),
}


@dataclass(frozen=True)
class FieldFault:
    """One field that cannot be taken: where it stands, what was found there, what is wrong."""

    spot: tuple[str | int, ...]
    found: Any
    text: str
    """Without a full stop; it says what was expected."""

    @property
    def field(self) -> str:
        """The dotted name, such as `demands[0].priority`; empty for the form as a whole."""
        return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.spot).lstrip(".")


def faults_of(error: ValidationError, inside: tuple[str, ...] = ()) -> tuple[FieldFault, ...]:
    """Every fault of a form in words of the field, none in words of the program.

    Args:
        error: what the form, or a part of it, was refused for.
        inside: where the part stands in the form.
    """
    faults = []
    for wrong in error.errors():
        spot = (*inside, *wrong["loc"])
        faults.append(FieldFault(spot, wrong["input"], _words(wrong, spot)))
    return tuple(faults)


def _words(wrong: Any, spot: tuple[str | int, ...]) -> str:
    named = [part for part in spot if isinstance(part, str)]
    if wrong["type"] == "extra_forbidden":
        group = named[0] if len(named) > 1 else ""
        near = get_close_matches(named[-1], _NAMES.get(group, ()), 1)
        return "the form has no such field" + (f"; did you mean {near[0]}?" if near else "")
    if wrong["type"] == "value_error":
        return str(wrong["msg"]).removeprefix("Value error, ").rstrip(".")
    expected = EXPECTED.get(".".join(named), "another value")
    return f"{'it must be filled in; ' if wrong['type'] == 'missing' else ''}expected {expected}"
