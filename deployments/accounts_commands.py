"""What came in, what went out, and what is owed? `steward accounts`."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from deployments.acts import Day, acting_here
from deployments.output import AsJson, Code, DryRun, Force, show, show_import
from deployments.staff_commands import business_day, told_rows

accounts_app = typer.Typer(
    no_args_is_help=True, help="Vouchers, instalments, the bank; accounts to review and audit."
)


@accounts_app.command(
    "import", epilog="Example: steward accounts import JC-2027 vouchers-2027-03.xlsx --dry-run"
)
def accounts_import(
    code: Code,
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV or XLSX: Voucher, Date, Income or expense, Item, Amount; Line, Text, Fee due on, Corrects period if needed."
        ),
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


By = Annotated[str, typer.Option("--by", help="Reference of the person who answers for it, never a name.")]
Audited = Annotated[str, typer.Argument(help="A quarter or year: 2027-Q1, 2027.")]


@accounts_app.command("bank", epilog="Example: steward accounts bank JC-2027 bank-2027-03.csv --dry-run")
def accounts_bank(
    code: Code,
    file: Annotated[
        Path,
        typer.Argument(help="CSV or XLSX: Date, Amount (or Paid in, Paid out), Text, Reference, Account."),
    ],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take in the bank's statement, each movement once."""
    from tasks.bank_statements import import_bank_statement

    with acting_here():
        found = import_bank_statement(code, file, dry_run=dry_run)
    show_import(found.as_json(), as_json, told_rows(found), dry_run=dry_run)


@accounts_app.command("reconcile", epilog="Example: steward accounts reconcile JC-2027 2027-Q1")
def accounts_reconcile(
    code: Code,
    period: Annotated[str, typer.Argument(help="A month, quarter or year: 2027-03, 2027-Q1, 2027.")],
    as_json: AsJson = False,
) -> None:
    """Set the bank's movements beside the vouchers: what is on one side only, and the difference to the cent."""
    from models.migrate import require_current_schema
    from tasks.bank_statements import bank_comparison_of

    require_current_schema()
    bank = bank_comparison_of(code, period)
    if bank is None:
        show([], as_json, f"Movements of the bank in {period}")
        return
    sides = [
        *(("at the bank", x.booked_on, x.reference, x.amount, x.text, day) for x, day in bank.bank_open),
        *(("in the books", x.booked_on, x.voucher, x.amount, x.text, day) for x, day in bank.books_open),
    ]
    heads = ("only", "date", "reference", "amount", "text", "other side")
    rows = [dict(zip(heads, (*side[:5], side[5] or "not found"), strict=True)) for side in sides]
    if not as_json:
        typer.echo(
            f"Bank {bank.bank_total:,}, books {bank.books_total:,} and {bank.no_cash:,} that never reach a bank; "
            f"{bank.matched} movements matched."
        )
    show(rows, as_json, "On one side only", less=("text",))


@accounts_app.command(
    "reason",
    epilog='Example: steward accounts reason JC-2027 2027-Q1 cleaning "two floods in March" --by mgr-1',
)
def accounts_reason(
    code: Code,
    period: Audited,
    item: Annotated[
        str, typer.Argument(help="Code or name of the item; none to list those that need one.")
    ] = "",
    reason: Annotated[str, typer.Argument(help="Why, in a sentence.")] = "",
    by: By = "",
    file: Annotated[
        Path | None, typer.Option(help="CSV or XLSX with the columns Item and Reason instead.")
    ] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """List the items that are far from their budget, or say why one is."""
    from tasks.accounts_terms import explained, give_reason, import_reasons

    if file is not None:
        with acting_here():
            found = import_reasons(code, period, file, by, dry_run=dry_run)
        show_import(found.as_json(), as_json, told_rows(found), dry_run=dry_run)
    elif item:
        with acting_here():
            new = give_reason(code, period, item, reason, by)
        typer.echo(f"{item} {period}: {'recorded.' if new else 'was recorded before.'}")
    else:
        show(explained(code, period), as_json, f"Far from budget in {period}")


@accounts_app.command("list", epilog="Example: steward accounts list JC-2027")
def accounts_list(code: Code, as_json: AsJson = False) -> None:
    """List the accounts of quarters and years: version, state, who answered for them, what is late."""
    from models.migrate import require_current_schema
    from tasks.statement_checks import statements_listed

    require_current_schema()
    show(statements_listed(code), as_json, "Accounts", less=("income", "expense", "with the client"))


@accounts_app.command("prepare", epilog="Example: steward accounts prepare JC-2027 2027-Q1 --by accountant-1")
def accounts_prepare(code: Code, period: Audited, by: By) -> None:
    """Answer for compiled accounts as the one who prepared them; another person has to review them."""
    from tasks.statement_signing import prepare_accounts

    with acting_here():
        new = prepare_accounts(code, period, by)
    typer.echo(f"Accounts of {period}: {'prepared.' if new else 'was recorded before.'}")


@accounts_app.command("correct", epilog="Example: steward accounts correct JC-2027 2027-Q1 --by accountant-1")
def accounts_correct(code: Code, period: Audited, by: By) -> None:
    """Compile returned accounts anew, with the vouchers that correct them, as the next version, and have it reviewed."""
    from tasks.accounts_issue import compile_anew

    with acting_here():
        version, again = compile_anew(code, period, by)
    typer.echo(
        f"Accounts of {period}, version {version}: "
        + ("compiled anew; the custodian is asked to review." if again else "was compiled before.")
    )


@accounts_app.command("verify", epilog="Example: steward accounts verify JC-2027 2027-Q1")
def accounts_verify(code: Code, period: Audited, as_json: AsJson = False) -> None:
    """Reckon the control totals of issued accounts anew: exit code 1 if a voucher or the document was changed."""
    from models.migrate import require_current_schema
    from tasks.statement_checks import verify_accounts

    require_current_schema()
    checks = verify_accounts(code, period)
    rows = [
        {
            "version": check.version,
            "vouchers": check.now.count,
            "sum": check.now.total,
            "sealed": f"{check.sealed.count}, {check.sealed.total:,}",
            "hash": "no seal kept"
            if not check.sealed.sha256
            else "same"
            if check.sealed == check.now
            else "differs",
            "document": check.document,
            "result": "unchanged"
            if check.holds
            else "older than seals"
            if not check.sealed.sha256
            else "CHANGED",
        }
        for check in checks
    ]
    show(rows, as_json, f"Accounts of {period}")
    if any(check.sealed.sha256 and not check.holds for check in checks):
        raise typer.Exit(1)


@accounts_app.command("export", epilog="Example: steward accounts export JC-2027 2027-Q1 --to accounts/")
def accounts_export(
    code: Code,
    period: Audited,
    to: Annotated[
        Path, typer.Option(help="Folder; the report and the workbook of vouchers are written there.")
    ] = Path(),
    force: Force = False,
) -> None:
    """Write the report (PDF, XLSX) and the workbook of vouchers as the accounts stand now."""
    from models.migrate import require_current_schema
    from tasks.accounts_issue import write_accounts

    require_current_schema()
    for path in write_accounts(code, period, to, force=force):
        typer.echo(f"Written: {path}")


@accounts_app.command(
    "terms",
    epilog="Example: steward accounts terms JC-2027 --reason-share 0.1 --reason-amount 1000 --by mgr-1",
)
def accounts_terms(
    code: Code,
    reason_share: Annotated[
        str, typer.Option(help="Beyond this share of the budget a reason is asked, 0 to 1 ...")
    ] = "",
    reason_amount: Annotated[str, typer.Option(help="... and beyond this amount.")] = "",
    large: Annotated[str, typer.Option(help="Vouchers of this amount or more are listed one by one.")] = "",
    quarter_days: Annotated[int, typer.Option(help="Days after a quarter until its accounts are due.")] = 0,
    year_days: Annotated[int, typer.Option(help="Days after a year until its final accounts are due.")] = 0,
    fixed: Annotated[
        str,
        typer.Option("--remuneration-fixed", help="Yearly sum instead of a share of cost; none to go back."),
    ] = "",
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Show what was agreed on the accounts, or record what is agreed now."""
    from tasks.accounts_terms import accounts_terms as terms_in_force
    from tasks.accounts_terms import agree_on_terms

    changes: dict[str, Decimal | int | None] = {
        name: _figure(option, text)
        for name, option, text in (
            ("reason_share", "--reason-share", reason_share),
            ("reason_amount", "--reason-amount", reason_amount),
            ("large_amount", "--large", large),
            ("remuneration_fixed", "--remuneration-fixed", fixed),
        )
        if text
    }
    changes |= {
        name: days for name, days in (("quarter_days", quarter_days), ("year_days", year_days)) if days
    }
    if changes:
        with acting_here():
            terms = agree_on_terms(code, by, changes)
    else:
        terms = terms_in_force(code)
    show([vars(terms)], as_json, "Agreed on the accounts")


def _figure(option: str, text: str) -> Decimal | None:
    if text.strip().lower() == "none":
        return None
    try:
        figure = Decimal(text.replace(",", ""))
    except InvalidOperation:
        figure = Decimal("NaN")
    if not figure.is_finite():
        raise typer.BadParameter(f"{text!r} is no figure; expected one such as 1000.00", param_hint=option)
    return figure
