"""What came in, what went out, and what is owed? `steward accounts`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from deployments.acts import Day, acting_here
from deployments.output import AsJson, Code, DryRun, show, show_import
from deployments.staff_commands import business_day

accounts_app = typer.Typer(no_args_is_help=True, help="Vouchers, instalments of the fee, statements.")


@accounts_app.command(
    "import", epilog="Example: steward accounts import JC-2027 vouchers-2027-03.xlsx --dry-run"
)
def accounts_import(
    code: Code,
    file: Annotated[
        Path, typer.Argument(help="CSV or XLSX: Voucher, Date, Income or expense, Item, Amount, Text.")
    ],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Book the accountant's list of vouchers, each number once; a negative amount takes back what was too much."""
    from tasks.ledger_file import import_vouchers

    with acting_here():
        found = import_vouchers(code, file, dry_run=dry_run)
    sentence = (
        f"{found.file}: {found.rows} rows: {found.recorded} booked, {found.as_before} booked before, "
        f"{found.not_taken} not taken."
    )
    show_import(found.as_json(), as_json, sentence, dry_run=dry_run)


@accounts_app.command("dues", epilog="Example: steward accounts dues JC-2027")
def accounts_dues(code: Code, as_json: AsJson = False) -> None:
    """List the instalments of the contract and when each was paid."""
    from models.migrate import require_current_schema
    from tasks.ledger_views import instalments_of

    require_current_schema()
    show(instalments_of(code), as_json, "Instalments")


@accounts_app.command("paid", epilog="Example: steward accounts paid JC-2027 2027-04-10 --on 2027-04-12")
def accounts_paid(
    code: Code,
    due: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The day the instalment is due.")],
    on: Day = None,
) -> None:
    """Record that an instalment of the fee came in."""
    from tasks.accounts import record_payment

    with acting_here():
        new = record_payment(code, due.date(), business_day(code, on))
    typer.echo(f"Instalment due {due:%Y-%m-%d}: {'recorded.' if new else 'was recorded before.'}")


@accounts_app.command("show", epilog="Example: steward accounts show JC-2027 2027-03")
def accounts_show(
    code: Code,
    period: Annotated[str, typer.Argument(help="A month, quarter or year: 2027-03, 2027-Q1, 2027.")],
    as_json: AsJson = False,
) -> None:
    """Show what was booked in a period, item by item, against its share of the budget."""
    from models.migrate import require_current_schema
    from tasks.ledger_views import booked_in

    require_current_schema()
    show(booked_in(code, period), as_json, f"Booked in {period}")
