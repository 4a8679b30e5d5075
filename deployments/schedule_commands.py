"""How is the planned work looked at, explained and changed at the command line? `steward schedule`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from deployments.output import AsJson, Code, print_json, show

schedule_app = typer.Typer(no_args_is_help=True, help="The planned work: occurrences, reasons, calendars.")
Series = Annotated[
    str, typer.Argument(help="The series, as `schedule show` names it, for example PPM-LIFT-15D/LIFT-1.")
]
_LESS = ("nominal_on", "legal_latest_on", "post", "latest_on")
"""What a narrow terminal can do without, the least important first."""


@schedule_app.command("show", epilog="Example: steward schedule show JC-2027 --month 2027-03 --state planned")
def schedule_show(
    code: Code,
    month: Annotated[
        str | None, typer.Option(help="Such as 2027-03; by default the month of the business date.")
    ] = None,
    series: Annotated[str, typer.Option(help="Only series that begin so.")] = "",
    state: Annotated[
        str, typer.Option(help="Only planned, released, done, absorbed, skipped or missed ones.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many lines.")] = 200,
    as_json: AsJson = False,
) -> None:
    """Show what falls due in a month: day, series, k, post, state, and why it is not as the bare rule has it."""
    from models.migrate import require_current_schema
    from tasks.occurrence_views import listed_occurrences

    require_current_schema()
    found = listed_occurrences(code, month, series, state)
    shown = found if as_json else found[:limit]
    show(shown, as_json, f"Planned work of {month or 'this month'}", less=_LESS)
    if len(shown) < len(found):
        typer.echo(f"{len(found) - len(shown)} more: --series and --state narrow it, --limit shows more.")


@schedule_app.command("explain", epilog="Example: steward schedule explain JC-2027 PPM-LIFT-15D/LIFT-1")
def schedule_explain(code: Code, series: Series, as_json: AsJson = False) -> None:
    """Say why the work falls due on its days: start, k, clipping to the month's end, shift, latest day by law."""
    from models.migrate import require_current_schema
    from tasks.occurrence_views import explained_series

    require_current_schema()
    found = explained_series(code, series)
    if as_json:
        print_json(found.__dict__)
        return
    limit = found.longest_interval_days
    facts: list[tuple[str, Any]] = [
        ("series", f"{found.series}: {found.title}"),
        ("rule", f"{found.rrule or 'once'} from {found.start_on}, {found.basis}"),
        ("law", f"at most {limit} days: {found.law}" if limit else "no legal interval"),
        ("window", f"{found.window_days} days after the nominal date count as in time"),
        *([("contains", ", ".join(found.absorbs))] if found.absorbs else []),
        *([("meter", found.meter)] if found.meter else []),
        *((f"working days {year}", basis) for year, basis in found.working_days.items()),
    ]
    console = Console()
    for label, value in facts:
        console.print(f"{label:<18} {value}", highlight=False, markup=False)
    show(found.occurrences, False, "Occurrences", less=_LESS)


@schedule_app.command(
    "skip",
    epilog='Example: steward schedule skip JC-2027 PPM-LIFT-3M/LIFT-1 2 --reason "Lift is being renewed"',
)
def schedule_skip(
    code: Code,
    series: Series,
    ordinal: Annotated[int, typer.Argument(help="The k of the occurrence.")],
    reason: Annotated[str, typer.Option(help="Why it is left out; it stays in the record.")],
) -> None:
    """Leave one occurrence out for a reason; it counts as not done, and the next one is not touched."""
    from models.acting import acting
    from models.migrate import require_current_schema
    from tasks.occurrence_changes import skip_occurrence

    require_current_schema()
    with acting("command_line"):
        new = skip_occurrence(code, series, ordinal, reason)
    typer.echo(f"{series} {ordinal} is left out." if new else f"{series} {ordinal} was left out before.")


@schedule_app.command(
    "reading", epilog="Example: steward schedule reading JC-2027 GEN-1 1250.5 --on 2027-03-04"
)
def schedule_reading(
    code: Code,
    asset: Annotated[str, typer.Argument(help="Tag of the asset.")],
    value: Annotated[str, typer.Argument(help="What the meter shows.")],
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day of the reading; today by default.")
    ] = None,
) -> None:
    """Record a meter; work that is due after so many units is given out once, however often the meter is read."""
    from models.acting import acting
    from models.migrate import require_current_schema
    from tasks.occurrence_changes import record_reading

    require_current_schema()
    with acting("command_line"):
        new, due = record_reading(code, asset, value, None if on is None else on.date())
    typer.echo(f"{asset}: {value} {'recorded' if new else 'was recorded before'}.")
    for series in due:
        typer.echo(f"Due by the meter: {series}")


@schedule_app.command("calendar", epilog="Example: steward schedule calendar JC-2027 2027-03 --out calendars")
def schedule_calendar(
    code: Code,
    month: Annotated[str, typer.Argument(help="Such as 2027-03.")],
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path(),
    as_json: AsJson = False,
) -> None:
    """Write the month's calendar: an .ics file for each team that any calendar takes, and one PDF of them all."""
    from models.migrate import require_current_schema
    from tasks.team_calendars import write_calendars

    require_current_schema()
    written = write_calendars(code, month, out)
    if as_json:
        print_json([str(path) for path in written])
        return
    for path in written:
        typer.echo(str(path))
    if not written:
        typer.echo(f"Nothing is planned in {month}.")
