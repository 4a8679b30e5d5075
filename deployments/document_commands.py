"""Which papers came in, which are owed, and what was done to the machines before? `steward document`, `steward history`."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from deployments.output import AsJson, Code, Force, print_json, refuse_to_replace, show

document_app = typer.Typer(
    no_args_is_help=True, help="Papers to be handed over: list, sheet, receipt, reminders."
)
history_app = typer.Typer(no_args_is_help=True, help="What was done to the assets before the custody.")

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and write nothing.")]
Day = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Business date; by default today's.")
]
OnlyCondition = Literal["good", "damaged", "illegible", "incomplete"]


@document_app.command("list", epilog="Example: steward document list JC-2027 --json")
def document_list(code: Code, as_json: AsJson = False) -> None:
    """List the papers to expect, what became of each, and how often it was asked for."""
    from tasks.document_chasing import paper_list

    rows = paper_list(code)
    if not as_json:
        shown = ("ref", "title", "state", "condition", "pages", "received_on", "received_from", "reminders")
        rows = [{name: "" if row[name] is None else row[name] for name in shown} for row in rows]
    show(rows, as_json, f"Papers of {code}", less=("pages", "received_from", "reminders"))


@document_app.command("form", epilog="Example: steward document form JC-2027 --out papers.xlsx")
def document_form(
    code: Code,
    out: Annotated[Path, typer.Option(help="The workbook to write (.xlsx).")],
    force: Force = False,
) -> None:
    """Write the expected list as a handover sheet to fill in, with what is known so far."""
    from tasks.document_sheet import form_of

    _write(out, form_of(code), force)


@document_app.command(
    "import", epilog="Example: steward document import JC-2027 papers.xlsx --files scans --dry-run"
)
def document_import(
    code: Code,
    file: Annotated[Path, typer.Argument(help="The filled-in handover sheet (.xlsx or .csv).")],
    files: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Folder with the files the sheet names.")
    ] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take in a filled-in sheet: good rows are kept, bad ones named; the same sheet again changes nothing."""
    from models.acting import acting
    from models.migrate import require_current_schema
    from tasks.document_sheet import import_sheet

    require_current_schema()
    with acting("command_line"):
        result = import_sheet(code, file, files, dry_run=dry_run)
    if as_json:
        print_json(result.as_json())
        return
    typer.echo(
        f"{'Dry run, nothing written. ' if dry_run else ''}{result.rows} rows: {len(result.changed)} changed, "
        f"{result.as_before} as before, {result.unstated} without a statement, {result.not_taken} not taken; "
        f"{result.files_kept} files."
    )
    show([{"ref": r, "before": b, "now": n} for r, b, n in result.changed], False, "Changes")
    show([asdict(doubt) for doubt in result.doubts], False, "Rows and cells in doubt")


@document_app.command(
    "receive",
    epilog="Example: steward document receive JC-2027 keys --from client --condition good --signed-by R-17",
)
def document_receive(
    code: Code,
    ref: Annotated[str, typer.Argument(help="Reference of the paper on the list.")],
    giver: Annotated[
        str,
        typer.Option("--from", help="Who handed it over: a role or the reference of a person, never a name."),
    ],
    pages: Annotated[int | None, typer.Option(min=0, max=100_000, help="Number of pages.")] = None,
    condition: Annotated[OnlyCondition, typer.Option(help="Condition as it came in.")] = "good",
    file: Annotated[Path | None, typer.Option(help="The file; its bytes are kept by their hash.")] = None,
    signed_by: Annotated[str, typer.Option(help="Number of the signed receipt.")] = "",
    received_by: Annotated[str, typer.Option(help="Who took it in: a role or a reference.")] = "custodian",
    state: Annotated[
        Literal["received", "partial", "waived"],
        typer.Option(help="In full, in part, or waived by both sides."),
    ] = "received",
    on: Day = None,
) -> None:
    """Record one paper as handed over, in part, or waived; saying it again changes nothing."""
    from models.acting import acting
    from models.migrate import require_current_schema
    from tasks.document_sheet import receive_one
    from tasks.documents import Receipt

    require_current_schema()
    waived = state == "waived"
    receipt = Receipt(
        state,
        received_from=giver,
        received_by="" if waived else received_by,
        signature_ref=signed_by,
        condition="" if waived else condition,
        pages=pages,
    )
    with acting("command_line"):
        changed = receive_one(code, ref, receipt, on.date() if on else None, file)
    typer.echo(f"{ref} of {code}: {state}." if changed else f"{ref} of {code} was recorded so before.")


@document_app.command("receipt", epilog="Example: steward document receipt JC-2027 --out handed-over")
def document_receipt(
    code: Code,
    out: Annotated[
        Path, typer.Option(file_okay=False, help="Folder to write the PDF and the workbook into.")
    ],
    on: Day = None,
    force: Force = False,
) -> None:
    """Write the receipt of papers (移交清单) for two signatures, as PDF and as workbook."""
    from reports.pack import pack_file_name
    from reports.pdf import render_pdf
    from reports.workbook import render_xlsx
    from tasks.document_sheet import receipt_of

    pack = receipt_of(code, on.date() if on else None)
    out.mkdir(parents=True, exist_ok=True)
    for extension, render in (("pdf", render_pdf), ("xlsx", render_xlsx)):
        _write(out / pack_file_name(pack, extension), render(pack), force)


@document_app.command("remind", epilog="Example: steward document remind JC-2027 --dry-run")
def document_remind(code: Code, dry_run: DryRun = False, as_of: Day = None, as_json: AsJson = False) -> None:
    """Ask for the papers that are missing and due to be asked for; `--dry-run` shows who would get what."""
    from models.acting import acting
    from models.migrate import require_current_schema
    from tasks.document_chasing import chase_documents

    require_current_schema()
    with acting("command_line"):
        report = chase_documents(code, as_of.date() if as_of else None, dry_run=dry_run)
    if as_json:
        print_json(asdict(report))
        return
    typer.echo(
        f"{'Dry run, nothing queued. ' if dry_run else ''}{report.on}: {len(report.papers)} papers, to "
        f"{', '.join(report.recipients) or 'nobody'}; {report.queued} mails queued."
        + (f" {report.note}." if report.note else "")
    )
    show([{"paper": ref, "reminder": number} for ref, number in report.papers], False, "Papers asked for")


@history_app.command("import", epilog="Example: steward history import JC-2027 records.csv --dry-run")
def history_import(
    code: Code,
    file: Annotated[
        Path, typer.Argument(help="CSV or XLSX: asset tag, date, kind, text, cost, downtime hours.")
    ],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take in past maintenance records; unknown tags are quarantined with the nearest known ones."""
    from models.acting import acting
    from models.migrate import require_current_schema
    from tasks.history_file import import_history

    require_current_schema()
    with acting("command_line"):
        result = import_history(code, file, dry_run=dry_run)
    if as_json:
        print_json(result.as_json())
        return
    typer.echo(
        f"{'Dry run, nothing written. ' if dry_run else ''}{result.rows} rows: {result.recorded} recorded, "
        f"{result.known_before} known before, {result.twice} twice in the file, {result.not_taken} not taken."
    )
    show([asdict(doubt) for doubt in result.doubts], False, "Rows and cells in doubt")


@history_app.command("show", epilog="Example: steward history show JC-2027 --json")
def history_show(code: Code, as_json: AsJson = False) -> None:
    """Show how reliable assets and types are by the records: failures, MTBF, last preventive date."""
    from tasks.history import reliability_report

    report = reliability_report(code)
    if as_json:
        print_json(report.as_json())
        return
    typer.echo(f"{report.records} records{f', {report.first} to {report.last}' if report.records else ''}.")
    for title, figures in (("By type", report.types), ("By asset", report.assets)):
        rows = [{name: "" if v is None else v for name, v in asdict(figure).items()} for figure in figures]
        show(rows, False, title)


def _write(path: Path, content: bytes, force: bool) -> None:
    from tasks.exported_files import write_whole

    refuse_to_replace(path, force=force)
    write_whole(path, content)
    typer.echo(f"{path.name}: {len(content):,} bytes.")
