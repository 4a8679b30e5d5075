"""Who is on which post, and with which certificates? `steward staff`."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from deployments.acts import acting_here
from deployments.output import AsJson, Code, print_json, show

staff_app = typer.Typer(no_args_is_help=True, help="People on posts: certificates, assignment, vacancies.")
Ref = Annotated[str, typer.Argument(help="Reference of the person.")]
Day = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; today of the engagement by default.")
]


@staff_app.command("import", epilog="Example: steward staff import JC-2027 certificates.xlsx")
def staff_import(
    code: Code,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX: Ref, Certificate, Number, Issuer, Expires.")],
    as_json: AsJson = False,
) -> None:
    """Take in certificates, several a person; numbers are kept as a keyed hash only."""
    from tasks.qualifications import import_qualifications

    with acting_here():
        new, known, doubts = import_qualifications(code, file)
    show_import(file, new, known, [doubt.__dict__ for doubt in doubts], as_json)


def show_import(file: Path, new: int, known: int, doubts: list[dict[str, Any]], as_json: bool) -> None:
    """Print what became of a file's rows."""
    left = [doubt for doubt in doubts if not doubt["taken"]]
    marked = [doubt for doubt in doubts if doubt["taken"]]
    if as_json:
        print_json({"file": file.name, "new": new, "known": known, "not_taken": left, "marked": marked})
        return
    typer.echo(f"{file.name}: {new} new, {known} known before, {len(left)} not taken.")
    for found, title in ((left, "Rows not taken"), (marked, "Rows taken and marked")):
        if found:
            rows = [{name: row[name] for name in ("row", "column", "value", "reason")} for row in found]
            show(rows, False, title)


@staff_app.command("list", epilog="Example: steward staff list JC-2027 --vacant")
def staff_list(
    code: Code,
    on: Day = None,
    vacant: Annotated[bool, typer.Option(help="Only the posts that lack people, and why.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the people on posts and whether each may stand there on that day, or the vacancies."""
    from models.migrate import require_current_schema
    from tasks.qualifications import listed_staff, vacant_places

    require_current_schema()
    day = None if on is None else on.date()
    if vacant:
        show(vacant_places(code, day), as_json, "Vacancies")
    else:
        show(listed_staff(code, day), as_json, "Staff")


@staff_app.command(
    "assign", epilog="Example: steward staff assign JC-2027 guard-7 guard_gate --on 2027-03-01"
)
def staff_assign(
    code: Code,
    ref: Ref,
    post: Annotated[str, typer.Argument(help="Code of the post in the plan.")],
    on: Day = None,
) -> None:
    """Put a person on a post; refused where the certificate it requires is missing or out of date."""
    from tasks.mobilisation import assign_staff

    with acting_here():
        new = assign_staff(code, ref, post, "", None, business_day(code, on))
    typer.echo(f"{ref} is on {post}." if new else f"{ref} was on {post} before.")


@staff_app.command("release", epilog="Example: steward staff release JC-2027 guard-7 --on 2027-06-30")
def staff_release(code: Code, ref: Ref, on: Day = None) -> None:
    """Take a person off the post from that day on."""
    from tasks.mobilisation import leave_post

    with acting_here():
        new = leave_post(code, ref, business_day(code, on))
    typer.echo(f"{ref} is off the post." if new else f"{ref} was off the post before.")


def business_day(code: str, on: datetime | None) -> date:
    """The day that was given, or the engagement's own today."""
    from models.db import reading
    from tasks.engagements import business_today, find_engagement

    if on is not None:
        return on.date()
    with reading() as session:
        return business_today(find_engagement(session, code))
