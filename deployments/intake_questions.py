"""How is an engagement asked for in a terminal, question by question, without losing an answer? (A1)"""

from collections.abc import Callable, Collection, Iterable
from difflib import get_close_matches
from typing import Any

import typer
from pydantic import BaseModel, ValidationError

from models.intake import OFFICE_HOURS, DemandForm, IntakeForm, WorkingCalendarForm, code_of
from models.intake_expected import faults_of
from models.rules.service_levels import WEEKDAYS
from reports.intake_form import form_values
from reports.intake_words import FIELDS

BACK = "<"
EMPTY = "-"
_GROUPS = ("working_calendar", "demands")
_DEMAND_QUESTIONS = (
    ("text", "What the client wants / 内容"),
    ("priority", "Priority 1-5 / 优先级"),
    ("measure", "How it is measured / 衡量方式"),
)

Values = dict[str, Any]


def asked_form(show: Callable[[IntakeForm], None], taken: Collection[str]) -> IntakeForm:
    """Put every question, then show the record until nothing is to be answered again.

    Args:
        show: prints the record as it would be kept.
        taken: codes of engagements that are on record.

    Raises:
        typer.Exit: the person leaves without recording.
    """
    typer.echo(
        f"Enter takes what stands in brackets, {BACK} goes back to the question before, {EMPTY} leaves a field empty."
    )
    values = _all_asked(taken)
    while True:
        try:
            form = IntakeForm.model_validate(_without_blanks(values))
        except ValidationError as error:
            _ask_what_is_wrong(error, values)
            continue
        show(form)
        answer = str(
            typer.prompt(
                "Enter to go on with this record, the name of a field to answer it again, q to leave",
                default="",
                show_default=False,
            )
        ).strip()
        if not answer:
            return form
        if answer == "q":
            typer.echo("Nothing was recorded.")
            raise typer.Exit(1)
        _ask_again(answer.partition(".")[0], values)


def _all_asked(taken: Collection[str]) -> Values:
    values: Values = {
        name: "" if value is None else value
        for name, value in form_values(None).items()
        if name not in _GROUPS
    }
    names = [name for name in IntakeForm.model_fields if name not in _GROUPS]
    answered: list[str] = []
    while len(answered) < len(names):
        name = names[len(answered)]
        if _is_asked(name, values):
            known = {earlier: values[earlier] for earlier in answered}
            answer = _answer(name, values, known)
            if name == "code" and answer in taken:
                typer.echo(
                    f"{answer} is on record: choose another code, or change it with `steward engagement change`."
                )
                continue
            if answer == BACK:
                while answered and not _is_asked(answered.pop(), values):
                    pass
                continue
            values[name] = answer
        else:
            values[name] = ""
        answered.append(name)
    values["working_calendar"] = _asked_calendar({})
    values["demands"] = _asked_demands([])
    return values


def _is_asked(name: str, values: Values) -> bool:
    return name != "remuneration_share" or values.get("fee_model") == "cost_plus_fee"


def _answer(name: str, values: Values, known: Values) -> str:
    """One answer that can be right beside those known; `BACK` where the person wants to go back."""
    en, zh = FIELDS[name]
    default = str(values.get(name, ""))
    required = IntakeForm.model_fields[name].is_required()
    while True:
        answer = str(
            typer.prompt(
                f"{en} / {zh}",
                default=default or (None if required else ""),
                show_default=bool(default),
            )
        ).strip()
        if answer == BACK:
            return BACK
        answer = "" if answer == EMPTY else code_of(name, answer)
        fault = "" if not answer and not required else _fault(IntakeForm, known | {name: answer}, name)
        if not fault:
            return answer
        typer.echo(f"{answer!r}: {fault}.")


def _ask_what_is_wrong(error: ValidationError, values: Values) -> None:
    faults = faults_of(error)
    for fault in faults:
        typer.echo(f"{fault.field}: {fault.text}.")
    for name in dict.fromkeys(str(fault.spot[0]) for fault in faults):
        _ask_again(name, values)


def _ask_again(name: str, values: Values) -> None:
    if name == "working_calendar":
        values[name] = _asked_calendar(values[name])
    elif name == "demands":
        values[name] = _asked_demands(values[name])
    elif name in IntakeForm.model_fields:
        answer = _answer(name, values, {})
        values[name] = values[name] if answer == BACK else answer
        if name == "fee_model" and answer == "cost_plus_fee":
            _ask_again("remuneration_share", values)
    else:
        near = get_close_matches(name, IntakeForm.model_fields, 3) or IntakeForm.model_fields
        typer.echo(f"There is no field {name!r}; the record has {', '.join(near)}.")


def _asked_calendar(earlier: Values) -> Values:
    """Hours of each day, holidays and make-up workdays; earlier answers are offered again."""
    calendar = WorkingCalendarForm().model_dump(mode="json") | earlier
    if earlier or not typer.confirm(
        f"Does the office work Monday to Friday {OFFICE_HOURS}, closed on Saturday and Sunday? / 办公时间是否如此？",
        default=True,
    ):
        for day in WEEKDAYS:
            calendar[day] = _hours(day, str(calendar[day]))
    for name in ("holidays", "makeup_workdays"):
        calendar[name] = _days(name, calendar[name])
    return calendar


def _hours(day: str, default: str) -> str:
    en, zh = FIELDS[f"working_calendar.{day}"]
    while True:
        answer = _prompt(f"{en} / {zh} ({EMPTY} for a day of rest / 休息)", default or EMPTY)
        answer = "" if answer == EMPTY else answer
        fault = _fault(WorkingCalendarForm, {day: answer}, day)
        if fault:
            typer.echo(f"{answer!r}: {fault}.")
            continue
        said = overnight_sentences(WorkingCalendarForm().model_copy(update={day: answer}), (day,))
        for sentence in said:
            typer.echo(sentence)
        if not said or typer.confirm("Is that meant? / 是否如此？", default=True):
            return answer


def _days(name: str, default: list[str]) -> list[str]:
    en, zh = FIELDS[f"working_calendar.{name}"]
    while True:
        answer = _prompt(
            f"{en} / {zh} (YYYY-MM-DD, several with commas; {EMPTY} for none / 无)",
            ", ".join(default) or EMPTY,
        )
        text = "" if answer == EMPTY else answer.replace("，", ",")
        days = [day.strip() for day in text.split(",") if day.strip()]
        fault = _fault(WorkingCalendarForm, {name: days}, name)
        if not fault:
            return days
        typer.echo(f"{answer!r}: {fault}.")


def _asked_demands(earlier: list[Values]) -> list[Values]:
    """The demands: earlier ones are gone through first, then new ones are asked for."""
    demands = [_demand(demand) for demand in earlier]
    while typer.confirm("Add a core demand? / 添加核心诉求？", default=False):
        taken = {demand["ref"] for demand in demands}
        ref = next(f"D{number}" for number in range(1, len(demands) + 2) if f"D{number}" not in taken)
        demands.append(_demand({"ref": ref}))
    return demands


def _demand(earlier: Values) -> Values:
    typer.echo(f"Demand / 诉求 {earlier['ref']}")
    demand = dict(earlier)
    for name, question in _DEMAND_QUESTIONS:
        while True:
            demand[name] = _prompt(question, str(earlier.get(name, "")))
            fault = _fault(DemandForm, {name: demand[name]}, name)
            if not fault:
                break
            typer.echo(f"{demand[name]!r}: {fault}.")
    return demand


def _prompt(question: str, default: str) -> str:
    return str(typer.prompt(question, default=default or None)).strip()


def _fault(model: type[BaseModel], values: Values, name: str) -> str:
    """What is wrong with the answer to `name` beside the other values; their own faults are not told."""
    prefix = {WorkingCalendarForm: ("working_calendar",), DemandForm: ("demands",)}.get(model, ())
    try:
        model.model_validate(_without_blanks(values) | {name: values[name]})
    except ValidationError as error:
        spot = (*prefix, name)
        return next((f.text for f in faults_of(error, prefix) if f.spot[: len(spot)] == spot), "")
    return ""


def _without_blanks(values: Values) -> Values:
    return {name: value for name, value in values.items() if value != ""}


def overnight_sentences(calendar: WorkingCalendarForm, days: Iterable[str] = WEEKDAYS) -> list[str]:
    """Hours that run past midnight, said back: a slip of the pen looks the same."""
    return [
        f"{FIELDS[f'working_calendar.{day}'][0]} {window.opens:%H:%M}-{window.closes:%H:%M} runs past midnight, "
        f"until {window.closes:%H:%M} of the next day."
        for day, window in calendar.overnight()
        if day in days
    ]
