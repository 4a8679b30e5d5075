"""How are people recorded, listed and put right? `steward people` (A3)."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from deployments.acts import acting_here
from deployments.output import AsJson, Code, DryRun, show, show_import

people_app = typer.Typer(no_args_is_help=True, help="People of an engagement.")


@people_app.command(
    "import", epilog="Example: steward people import people.csv --engagement JC-2027 --dry-run"
)
def people_import(
    file: Annotated[
        Path,
        typer.Argument(help="CSV or .xlsx: Ref, Role, Name; also Email, Phone, Unit, Property_type."),
    ],
    engagement: Annotated[str, typer.Option(help="Code of the engagement.")],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Record the people of both sides, owners, tenants and contacts; good rows are kept, bad ones named."""
    from tasks.people_file import import_people

    with acting_here():
        found = import_people(engagement, file, dry_run=dry_run)
    show_import(
        found.as_json(),
        as_json,
        f"{found.file}: {found.rows} rows: {found.recorded} recorded, {found.known_before} known before, "
        f"{len(found.doubts)} not taken.",
        dry_run=dry_run,
    )


@people_app.command("list", epilog="Example: steward people list JC-2027 --role client")
def people_list(
    code: Code,
    role: Annotated[
        Literal["client", "custodian", "owner", "tenant", "staff", "contact"] | None,
        typer.Option(help="Only people of this role."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the people by reference; names are not shown, and of addresses only enough to recognise them."""
    from models.migrate import require_current_schema
    from tasks.people_records import listed_people

    require_current_schema()
    show(listed_people(code, role or ""), as_json, f"People of {code}")


@people_app.command(
    "correct", epilog="Example: steward people correct JC-2027 client-1 --email office@example.com"
)
def people_correct(
    code: Code,
    ref: Annotated[str, typer.Argument(help="Reference of the person.")],
    name: Annotated[str | None, typer.Option(help="How the person is to be addressed.")] = None,
    email: Annotated[str | None, typer.Option(help="The address; empty takes it away.")] = None,
    phone: Annotated[str | None, typer.Option(help="The number; empty takes it away.")] = None,
    unit: Annotated[str | None, typer.Option(help="The unit; empty takes it away.")] = None,
) -> None:
    """Put right how a person is reached; mails that wait go to the new address, failed ones by `mail retry`."""
    from tasks.people_records import correct_person

    with acting_here():
        changed = correct_person(code, ref, name=name, email=email, phone=phone, unit=unit)
    typer.echo(f"{ref}: {', '.join(changed)} changed." if changed else f"{ref}: nothing to change.")
