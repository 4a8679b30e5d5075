"""Whom may a survey ask, and whom does a wave ask? `steward survey frame` and `steward survey sample` (D2)."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.text import Text

from deployments.acts import acting_here
from deployments.output import AsJson, Code, print_json, show
from models.rules.survey_reminders import REMIND_AFTER, reminder_days

frame_app = typer.Typer(no_args_is_help=True, help="The units and contacts a survey may ask.")
sample_app = typer.Typer(no_args_is_help=True, help="What is decided before a wave opens.")

Period = Annotated[str, typer.Argument(help="Of the wave, for example 2027-Q1.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be done.")]


@frame_app.command("import", epilog="Example: steward survey frame import JC-2027 frame.csv --dry-run")
def frame_import(
    code: Code,
    file: Annotated[
        Path,
        typer.Argument(help="CSV or XLSX: unit, building, type, kind, modes; person and language if known."),
    ],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take in the whole frame: what it no longer names is not asked any more; doubtful rows are named and kept."""
    from models.rules.survey_frame import FRAME_COLUMNS
    from tasks.survey_frame import import_frame

    with acting_here():
        found = import_frame(code, file, dry_run=dry_run)
    if as_json:
        print_json(found.as_json())
        return
    would = " (dry run, nothing written)" if dry_run else ""
    typer.echo(
        f"{found.file}: {found.rows} rows, {found.taken} taken ({found.new} new, {found.changed} changed, "
        f"{found.as_before} as before), {len(found.doubts)} not taken; {found.dropped} no longer asked{would}."
    )
    if found.kept:
        typer.echo(
            f"{found.kept} contacts that the file does not name stay until its doubtful rows are put right: one of these may be theirs."
        )
    if found.unread:
        typer.echo(
            f"Columns not read: {', '.join(found.unread)}. A frame has "
            f"{', '.join(f'{column.zh}/{column.en}' for column in FRAME_COLUMNS)}."
        )
    show_doubts(found.doubts)


@frame_app.command("show", epilog="Example: steward survey frame show JC-2027")
def frame_show(code: Code, as_json: AsJson = False) -> None:
    """Show the frame by building, type of space and kind of contact."""
    from models.migrate import require_current_schema
    from tasks.survey_frame import frame_summary

    require_current_schema()
    show(frame_summary(code), as_json, "Survey frame")


@sample_app.command(
    "plan",
    epilog="Example: steward survey sample plan JC-2027 2027-Q1 --purpose overall --rotation 1/4 --dry-run",
)
def sample_plan(
    code: Code,
    period: Period,
    purpose: Annotated[
        Literal["overall", "special", "risk"], typer.Option(help="Picks the template for this property.")
    ] = "overall",
    instrument: Annotated[str, typer.Option(help="Code or YAML file instead of the template.")] = "",
    of: Annotated[
        Literal["household", "tenant_contact", "employee"],
        typer.Option("--of", help="Who answers; never mixed in one wave."),
    ] = "household",
    answers: Annotated[
        Literal["anonymous", "confidential"],
        typer.Option(help="Confidential answers stay joined to their invitation. Fixed when the wave opens."),
    ] = "anonymous",
    margin: Annotated[float, typer.Option(min=0.01, max=0.2, help="Wanted margin at 95 %.")] = 0.05,
    response: Annotated[float, typer.Option(min=0.05, max=1.0, help="Expected share that answers.")] = 0.5,
    floor: Annotated[int, typer.Option(min=0, max=1000, help="Fewest invitations of each building.")] = 5,
    rotation: Annotated[str, typer.Option(help="PART/PARTS, for example 1/4: parts do not overlap.")] = "1/1",
    cap_days: Annotated[
        int, typer.Option(min=0, max=730, help="Nobody is invited twice within so many days.")
    ] = 60,
    remind: Annotated[
        str, typer.Option(help="Days after the invitation mail on which to remind, at most two; or none.")
    ] = ",".join(map(str, REMIND_AFTER)),
    link: Annotated[
        str,
        typer.Option(help="Address of the form elsewhere, with {code}; goes into invitations and reminders."),
    ] = "",
    seed: Annotated[str, typer.Option(help="Another word draws another sample.")] = "1",
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day from which the cap counts back.")
    ] = None,
    replan: Annotated[bool, typer.Option("--replan", help="Draw anew although one is kept.")] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Draw the sample of a wave before it opens, and show how many answers are needed and which change could be seen."""
    from models.db import reading
    from models.rules.survey_sample import SampleChoices, checked_link
    from tasks.engagements import business_today, find_engagement
    from tasks.survey_samples import plan_wave_sample

    part, parts = _rotation(rotation)
    try:
        reminders = reminder_days(remind)
    except ValueError as error:
        raise typer.BadParameter(f"{error}.", param_hint="--remind") from error
    try:
        form = checked_link(link)
    except ValueError as error:
        raise typer.BadParameter(f"{error}.", param_hint="--link") from error
    with acting_here():
        with reading() as session:
            day = business_today(find_engagement(session, code)) if on is None else on.date()
        choices = SampleChoices(
            seed, day, of, margin, response, floor, part, parts, cap_days, reminders, form
        )
        found = plan_wave_sample(
            code,
            period,
            choices,
            purpose=purpose,
            instrument=instrument,
            confidential=answers == "confidential",
            dry_run=dry_run,
            replan=replan,
        )
    _show_sample(found, as_json, dry_run)


@sample_app.command("show", epilog="Example: steward survey sample show JC-2027 2027-Q1")
def sample_show(code: Code, period: Period, as_json: AsJson = False) -> None:
    """Show the kept sample of a wave."""
    from models.migrate import require_current_schema
    from tasks.survey_samples import kept_sample

    require_current_schema()
    _show_sample(kept_sample(code, period), as_json, False)


def _rotation(text: str) -> tuple[int, int]:
    part, _, parts = text.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts) <= 12):
        raise typer.BadParameter(f"{text!r}: expected PART/PARTS such as 1/4, at most 12 parts.")
    return int(part), int(parts)


def _show_sample(found: dict[str, Any], as_json: bool, dry_run: bool) -> None:
    if as_json:
        print_json(found)
        return
    kind = "census" if found["census"] else "stratified sample"
    lines = [
        f"{found['period']}: {found['instrument']}, {found['questions']} questions, {found['answers']}; {kind} of "
        f"{found['population']}s" + (" (dry run, nothing kept)" if dry_run else ""),
        f"Frame {found['frame']}; invited {found['invited']}; other rotation parts {found['rotated_out']}; "
        f"invited lately {found['capped']}.",
        f"Answers needed {found['answers_needed']}, expected {found['answers_expected']}: margin "
        f"{_points(found['margin_expected'])}; detectable change between two waves {_points(found['detectable'])}.",
    ]
    if found.get("design_effect", 1) > 1.005:
        lines.append(
            f"Small buildings are asked more closely: answers are weighted, expected design effect {found['design_effect']:.2f}."
        )
    if not found["reachable"]:
        lines.append("The wanted margin will not be reached at the expected response.")
    for line in lines:
        Console().print(Text(line), soft_wrap=True)
    show(found["buildings"], False, "Buildings")


def _points(value: float | None) -> str:
    return "none" if value is None else f"{value * 100:.1f} points"


def show_doubts(doubts: Any) -> None:
    """The first rows that were not taken, each by its place."""
    for doubt in doubts[:20]:
        value = f" {doubt.value!r}" if doubt.value else ""
        where = f"row {doubt.row}" + (f", column {doubt.column}" if doubt.column else "")
        Console().print(Text(f"  {where}:{value} {doubt.reason}"), soft_wrap=True)
    if len(doubts) > 20:
        typer.echo(f"  and {len(doubts) - 20} more; --json names all.")
