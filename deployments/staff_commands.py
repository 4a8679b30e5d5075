"""Who is on which post, and with which certificates? `steward staff`."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deployments.acts import acting_here
from deployments.output import AsJson, Code, DryRun, show, show_import

if TYPE_CHECKING:
    from tasks.sheet_rows import RowsTaken

staff_app = typer.Typer(no_args_is_help=True, help="People on posts: certificates, assignment, vacancies.")
Ref = Annotated[str, typer.Argument(help="Reference of the person.")]
Day = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; today of the engagement by default.")
]


@staff_app.command("import", epilog="Example: steward staff import JC-2027 certificates.xlsx")
def staff_import(
    code: Code,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX: Ref, Certificate, Number, Issuer, Expires.")],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take in certificates, several a person; numbers are kept as a keyed hash only."""
    from tasks.qualifications import import_qualifications

    with acting_here():
        found = import_qualifications(code, file, dry_run=dry_run)
    show_import(found.as_json(), as_json, told_rows(found), dry_run=dry_run)


def told_rows(found: "RowsTaken") -> str:
    """The counts of a sheet, for a person."""
    return (
        f"{found.file}: {found.rows} rows: {found.recorded} new, {found.as_before} as before, "
        f"{found.not_taken} not taken."
    )


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
