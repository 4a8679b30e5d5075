"""Who is trained, who is on post when, and does the roster hold? `steward training` and `steward roster`."""

from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from deployments.acts import acting_here
from deployments.output import AsJson, Code, DryRun, Force, print_json, refuse_to_replace, show, show_import
from deployments.staff_commands import Day, Ref, business_day, told_rows

training_app = typer.Typer(no_args_is_help=True, help="Pre-job training: results and who lacks what.")
roster_app = typer.Typer(no_args_is_help=True, help="Rosters: computed, imported, and proved to the minute.")
Month = Annotated[
    str | None, typer.Option(help="Such as 2027-03; by default the month of the business date.")
]
Rest = Annotated[
    float,
    typer.Option(min=0, max=48, help="Least hours between two shifts (11: Directive 2003/88/EC, art. 3)."),
]
GivenDay = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])]


@training_app.command("import", epilog="Example: steward training import JC-2027 results.xlsx")
def training_import(
    code: Code,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX: Ref, Module, Date, Score.")],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take in attendance and test results; a failed test may be repeated on another day."""
    from tasks.training_status import import_training

    with acting_here():
        found = import_training(code, file, dry_run=dry_run)
    show_import(found.as_json(), as_json, told_rows(found), dry_run=dry_run)


@training_app.command("record", epilog="Example: steward training record JC-2027 guard-7 TRAIN-SAFETY 85")
def training_record(
    code: Code,
    ref: Ref,
    module: Annotated[str, typer.Argument(help="Code of the module.")],
    score: Annotated[str, typer.Argument(help="Per cent, 0 to 100.")],
    on: Day = None,
) -> None:
    """Record one result."""
    from models.errors import Terminal
    from tasks.mobilisation import record_training

    try:
        value = Decimal(score)
    except InvalidOperation as error:
        raise Terminal(f"{score!r} is no score: expected 0 to 100 per cent.") from error
    if not (value.is_finite() and 0 <= value <= 100):
        raise Terminal(f"{score!r} is no score: expected 0 to 100 per cent.")
    with acting_here():
        new = record_training(code, [(ref, module, value)], business_day(code, on))
    typer.echo(f"{ref}: {module} recorded." if new else f"{ref}: {module} was recorded before.")


@training_app.command("status", epilog="Example: steward training status JC-2027")
def training_status(code: Code, as_json: AsJson = False) -> None:
    """Show person by module, and how much of the training is passed."""
    from models.migrate import require_current_schema
    from tasks.training_status import training_matrix

    require_current_schema()
    rows, passed, needed = training_matrix(code)
    if as_json:
        print_json({"people": rows, "passed": passed, "needed": needed})
        return
    show(rows, False, "Training")
    typer.echo(f"{passed} of {needed} passed." if needed else "No data: nobody on a post needs a module.")


@roster_app.command("plan", epilog="Example: steward roster plan JC-2027 --month 2027-03")
def roster_plan(
    code: Code,
    month: Month = None,
    shift_hours: Annotated[
        int, typer.Option(help="Length of shifts of round-the-clock posts: 6, 8 or 12.")
    ] = 8,
    rest: Rest = 11,
    replace: Annotated[bool, typer.Option(help="Compute posts anew that have a roster.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compute a month's roster: each slot to the rested person with the fewest hours; what stays open is said."""
    from tasks.roster_planning import current_month, plan_roster

    with acting_here():
        rows = plan_roster(
            code,
            month or current_month(code),
            shift_hours=shift_hours,
            rest=timedelta(hours=rest),
            replace=replace,
        )
    show(rows, as_json, "Roster")


@roster_app.command(
    "import",
    epilog="Example: steward roster import JC-2027 march.xlsx; "
    "steward roster import JC-2027 corrected.xlsx --replace --month 2027-03 --dry-run",
)
def roster_import(
    code: Code,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX: Post, Ref, Date, From, To.")],
    replace: Annotated[
        bool,
        typer.Option(
            help="Take the place of the month's roster of the posts in the file; else shifts are only added."
        ),
    ] = False,
    month: Month = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take in shifts; who is not trained or certified, or is on leave, is not taken.

    A replacement is taken whole or, with a row in doubt, not at all. Shifts that have begun or were worked stay; what
    was planned before is shown by `roster former`.
    """
    from models.errors import Terminal
    from tasks.roster_file import import_roster
    from tasks.roster_planning import current_month

    if month is not None and not replace:
        raise Terminal("--month names the month to --replace; without it the file's own days count.")
    with acting_here():
        which = (month or current_month(code)) if replace else ""
        found = import_roster(code, file, replace_month=which, dry_run=dry_run)
    if replace and found.not_taken:
        sentence = f"{found.file}: {found.not_taken} of {found.rows} rows are in doubt: nothing of {which} is replaced."
    else:
        sentence = told_rows(found)
    if replace and not as_json:
        show(list(found.changes), False, f"Roster of {which}")
    show_import(found.as_json(), as_json, sentence, dry_run=dry_run)


@roster_app.command("former", epilog="Example: steward roster former JC-2027 --month 2027-03")
def roster_former(code: Code, month: Month = None, as_json: AsJson = False) -> None:
    """Show the month's shifts that a later roster changed or took away: when, and by which file."""
    from models.migrate import require_current_schema
    from tasks.roster_planning import current_month
    from tasks.roster_versions import former_roster

    require_current_schema()
    show(former_roster(code, month or current_month(code)), as_json, "Former shifts")


@roster_app.command("worked", epilog="Example: steward roster worked JC-2027 gate-book.xlsx")
def roster_worked(
    code: Code,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX: Post, Ref, Date, From, To.")],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Record shifts as worked; one of somebody who might not have stood there is kept, and marked."""
    from tasks.roster_file import import_shifts

    with acting_here():
        found = import_shifts(code, file, dry_run=dry_run)
    show_import(
        found.as_json(), as_json, told_rows(found), "Rows not taken, or taken with a mark", dry_run=dry_run
    )


@roster_app.command("show", epilog="Example: steward roster show JC-2027 --month 2027-03 --post guard_gate")
def roster_show(
    code: Code,
    month: Month = None,
    post: Annotated[str, typer.Option(help="Only this post.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show the month's planned shifts."""
    from models.migrate import require_current_schema
    from tasks.roster_planning import current_month, listed_roster

    require_current_schema()
    show(listed_roster(code, month or current_month(code), post), as_json, "Roster")


@roster_app.command("export", epilog="Example: steward roster export JC-2027 --month 2027-03 --out rosters")
def roster_export(
    code: Code,
    month: Month = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write to.")] = Path(),
    post: Annotated[str, typer.Option(help="Only this post.")] = "",
    ref: Annotated[str, typer.Option(help="Only this person.")] = "",
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write the month's roster: a workbook, a PDF to put up, and an .ics file for each post and each person."""
    from models.errors import NotReady
    from models.migrate import require_current_schema
    from tasks.exported_files import write_whole
    from tasks.roster_export import roster_files
    from tasks.roster_planning import current_month

    require_current_schema()
    if not out.is_dir():
        raise NotReady(f"There is no folder {out}: make it, or name another one with --out.")
    files = roster_files(code, month or current_month(code), post=post, ref=ref)
    changed = {
        name: content
        for name, content in files.items()
        if not (out / name).is_file() or (out / name).read_bytes() != content
    }
    refuse_to_replace(*(out / name for name in changed), force=force)
    for name, content in changed.items():
        write_whole(out / name, content)
    if as_json:
        print_json([str(out / name) for name in files])
        return
    calendars = [name for name in files if name.endswith(".ics")]
    for name in files:
        if name not in calendars:
            typer.echo(str(out / name))
    typer.echo(f"{len(calendars)} calendars, one for each post and each person, are beside them.")


@roster_app.command("check", epilog="Example: steward roster check JC-2027 --month 2027-03 --worked")
def roster_check(
    code: Code,
    month: Month = None,
    rest: Rest = 11,
    week_hours: Annotated[
        float, typer.Option(min=1, max=168, help="Most hours a week on average (44: Labour Law art. 36).")
    ] = 44,
    worked: Annotated[bool, typer.Option(help="Judge what was worked, not what is planned.")] = False,
    as_json: AsJson = False,
) -> None:
    """Prove that round-the-clock posts are covered to the minute; exit code 1 if anything falls short.

    Overlaps, such as hand-overs, are told and are no fault.
    """
    from models.migrate import require_current_schema
    from tasks.roster_check import OVERLAP, checked_roster
    from tasks.roster_planning import current_month

    require_current_schema()
    rows, proof = checked_roster(
        code,
        month or current_month(code),
        rest=timedelta(hours=rest),
        week_hours=week_hours,
        worked=worked,
    )
    overlaps = [row for row in rows if row["what"] == OVERLAP]
    findings = [row for row in rows if row["what"] != OVERLAP]
    if as_json:
        print_json({**proof, "findings": findings, "overlaps": overlaps})
    else:
        show(overlaps, False, "Overlaps")
        show(findings, False, "Falls short")
        qualified = proof["qualified_minutes"]
        part = "" if qualified == proof["covered_minutes"] else f", {qualified} by people who may stand there"
        typer.echo(
            f"{proof['covered_minutes']} of {proof['required_minutes']} minutes on post are covered{part}."
        )
    if findings:
        raise typer.Exit(1)


@roster_app.command(
    "leave", epilog="Example: steward roster leave JC-2027 guard-7 --first 2027-03-01 --last 2027-03-05"
)
def roster_leave(
    code: Code,
    ref: Ref,
    first: GivenDay,
    last: GivenDay,
    reason: Annotated[str, typer.Option(help="Why, in a word; no details of health.")] = "",
) -> None:
    """Enter days of leave, both included; `roster check` then shows the shifts that need a substitute."""
    from tasks.roster_planning import record_leave

    with acting_here():
        new = record_leave(code, ref, first.date(), last.date(), reason)
    typer.echo(f"{ref}: leave entered." if new else f"{ref}: leave was entered before.")
