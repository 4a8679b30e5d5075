"""How are cleaning and greening inspected at the command line? `steward inspection` (B3, B4)."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Literal

import typer

from deployments.acts import At, By, Day, acting_here, day_of
from deployments.output import AsJson, Code, DryRun, print_json, show, show_import
from models.errors import Terminal
from models.rules.periods import Period

inspection_app = typer.Typer(
    no_args_is_help=True, help="Quality inspections of cleaning and greening: scores, rework, what is due."
)


@inspection_app.command("due", epilog="Example: steward inspection due JC-2027 --until 2027-03-31")
def inspection_due(
    code: Code,
    until: Day = None,
    everything: Annotated[bool, typer.Option("--all", help="Also the zones that are due later.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the zones and plant groups whose next look is due; what failed a short while ago is due sooner."""
    from models.migrate import require_current_schema
    from tasks.quality_zones import due_inspections

    require_current_schema()
    rows = due_inspections(code, day_of(until), everything=everything)
    show(rows, as_json, f"Inspections due at {code}")


@inspection_app.command("sheets", epilog="Example: steward inspection sheets JC-2027")
def inspection_sheets(code: Code, as_json: AsJson = False) -> None:
    """List what is marked in each zone of the plan: criteria, weights, and the marks that must be reached."""
    from models.migrate import require_current_schema
    from tasks.quality_zones import sheets_of

    require_current_schema()
    show(sheets_of(code), as_json, f"Score sheets of {code}")


@inspection_app.command(
    "record",
    epilog="Example: steward inspection record JC-2027 QC-LOBBY 1F-LOBBY --by staff-manager-1 --mark FLOOR=90 --mark LITTER=85 --mark GLASS=70 --mark DUST=100",
)
def inspection_record(
    code: Code,
    sheet: Annotated[str, typer.Argument(help="Code of the score sheet.")],
    zone: Annotated[str, typer.Argument(help="Code of the zone or plant group.")],
    by: By,
    mark: Annotated[list[str], typer.Option("--mark", help="CRITERION=mark from 0 to 100; one for each criterion.")],
    at: At = None,
    note: Annotated[str, typer.Option(help="What was seen; no names.")] = "",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Record a look at a zone: what fails becomes rework with a due time, passing again settles it."""
    from tasks.inspections import SaidInspection, record_inspection

    with acting_here():
        found = record_inspection(code, SaidInspection(sheet, zone, by, _marks(mark), at, note))
    if as_json:
        print_json(found.__dict__)
        return
    said = f"{sheet} {zone}: {found.score}, {'passed' if found.passed else 'failed'}"
    typer.echo(said + ("" if found.new else "; was recorded before"))
    if found.below:
        typer.echo(f"Below their own mark: {', '.join(found.below)}")
    if found.rework is not None and not found.passed:
        typer.echo(f"To be done again: order {found.rework}")
    for order in found.closed:
        typer.echo(f"Settled: order {order}")


@inspection_app.command("list", epilog="Example: steward inspection list JC-2027 --month 2027-03 --open")
def inspection_list(
    code: Code,
    month: Annotated[str, typer.Option(help="Only those of a month, such as 2027-03.")] = "",
    subject: Annotated[
        Literal["cleaning", "greening"] | None, typer.Option(help="Only cleaning, or only greening.")
    ] = None,
    open_only: Annotated[
        bool, typer.Option("--open", help="Only failed ones that nothing passed after.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the inspections, newest first: score, result, rework, whether what failed has passed since."""
    from models.migrate import require_current_schema
    from tasks.inspections import listed_inspections

    require_current_schema()
    try:
        period = Period.parse(month) if month else None
    except ValueError as error:
        raise Terminal(f"--month is {month[:20]!r}; expected a month such as 2027-03.") from error
    days = None if period is None else (period.first, period.last)
    rows = listed_inspections(code, days, subject or "", open_only=open_only)
    if not as_json:  # a screen is narrow: each mark stands in the JSON
        rows = [
            {name: value for name, value in row.items() if name not in ("marks", "by", "note")}
            for row in rows
        ]
    show(rows, as_json, f"Inspections of {code}")


@inspection_app.command("import", epilog="Example: steward inspection import JC-2027 looks.csv --dry-run")
def inspection_import(
    code: Code,
    file: Annotated[
        Path,
        typer.Argument(help="CSV or .xlsx, one criterion a row: Sheet, Zone, Time, Person, Criterion, Mark."),
    ],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take in inspections; one with a row in doubt is not taken at all, the others once."""
    from tasks.inspections import import_inspections

    with acting_here():
        found = import_inspections(code, file, dry_run=dry_run)
    show_import(
        found.as_json(),
        as_json,
        f"{found.file}: {found.inspections} inspections: "
        f"{found.recorded} recorded ({found.failed} failed), {found.as_before} as before, "
        f"{found.inspections - found.recorded - found.as_before} not taken.",
        "Rows in doubt",
        dry_run=dry_run,
    )


def _marks(texts: list[str]) -> dict[str, Decimal]:
    marks: dict[str, Decimal] = {}
    for text in texts:
        criterion, equals, written = text.partition("=")
        try:
            mark = Decimal(written.strip())
        except InvalidOperation:
            mark = Decimal("NaN")
        if not (equals and criterion.strip()) or not mark.is_finite() or len(written) > 10:
            raise Terminal(f"--mark is {text[:60]!r}; expected CRITERION=mark, such as FLOOR=90.")
        if criterion.strip() in marks:
            raise Terminal(f"--mark names {criterion.strip()[:40]!r} twice; expected each criterion once.")
        marks[criterion.strip()] = mark
    return marks
