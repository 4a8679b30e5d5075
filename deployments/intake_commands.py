"""How is an engagement recorded and its record changed at the command line? (A1)"""

import sys
from contextlib import nullcontext, redirect_stdout
from pathlib import Path
from typing import Annotated, Any

import typer

from deployments.intake_questions import asked_form, overnight_sentences
from deployments.output import AsJson, Code, Force, print_json, refuse_to_replace
from deployments.terminal_table import print_table
from models.errors import Terminal
from models.intake import IntakeForm
from models.rules.intake_changes import FieldChange, intake_changes
from reports.intake_form import form_xlsx, form_yaml

FormFile = Annotated[Path | None, typer.Option("--form", help="The filled form (.yaml or .xlsx).")]


def add_intake_commands(engagement_app: typer.Typer) -> None:
    """Enter the commands under `steward engagement`."""
    for name, command, example in (
        ("form", form, "form intake.xlsx --engagement JC-2027"),
        ("new", new, "new --form intake.yaml --dry-run"),
        ("change", change, "change JC-2027 --form intake.yaml --yes"),
        ("history", history, "history JC-2027 --json"),
    ):
        engagement_app.command(name, epilog=f"Example: steward engagement {example}")(command)


def form(
    out: Annotated[Path, typer.Argument(help="Where to write it: .xlsx or .yaml.")],
    engagement: Annotated[str, typer.Option(help="Fill it with this engagement's record.")] = "",
    force: Force = False,
) -> None:
    """Write an intake form, empty or filled with an engagement's record."""
    from tasks.exported_files import write_whole
    from tasks.intake_versions import recorded_form

    writers = {".xlsx": form_xlsx, ".yaml": form_yaml, ".yml": form_yaml}
    if out.suffix.lower() not in writers:
        raise Terminal(f"{out.name}: expected a name that ends in .xlsx or .yaml.")
    refuse_to_replace(out, force=force)
    content = writers[out.suffix.lower()](recorded_form(engagement) if engagement else None)
    write_whole(out, content)
    typer.echo(f"{out.name} written.")


def new(
    form_file: FormFile = None,
    dry_run: Annotated[bool, typer.Option(help="Show the record; record nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Record a new engagement, from a form or by questions in a terminal, and ask both sides to confirm it."""
    from deployments.following import find_server, start_what_follows

    server_known = find_server()
    from models.acting import acting
    from models.migrate import require_current_schema
    from tasks.engagements import engagement_codes
    from tasks.intake import record_intake, send_intake_sheet
    from tasks.intake_file import read_intake_file
    from tasks.intake_versions import ask_confirmation

    if form_file is None and not _in_a_terminal():
        raise Terminal("No terminal to ask in: give a form, `steward engagement new --form FILE`.")
    if not dry_run:
        require_current_schema()  # before any question: no answer is lost to a refusal at the end
    if form_file is None:
        # Questions are for the person: standard output holds the JSON alone.
        with redirect_stdout(sys.stderr) if as_json else nullcontext():
            agreed = asked_form(_show_record, () if dry_run else engagement_codes())
    else:
        agreed = read_intake_file(form_file)
        if not as_json:
            _show_record(agreed)
    document = follows = ""
    told = "Nothing was recorded (dry run)."
    if not dry_run:
        known = agreed.code in engagement_codes()
        with acting("command_line"):
            record_intake.fn(agreed)
            send_intake_sheet.fn(agreed.code, None)
            document = ask_confirmation.fn(agreed.code)
        follows = start_what_follows(agreed.code, server_known)
        told = "is on record already with this content; nothing changed." if known else "recorded."
        told = f"{agreed.code} {told} {_who_is_missing(agreed.code)}{follows}".rstrip()
    if as_json:
        found = {"recorded": not dry_run, "document": document, "record": agreed.model_dump(mode="json")}
        print_json(found)
    else:
        typer.echo(told)


def _who_is_missing(code: str) -> str:
    """Which side has nobody to write to: the record would wait for an answer that nobody was asked for."""
    from models.db import reading
    from tasks.engagements import find_engagement
    from tasks.outbox import people_with_role

    with reading() as session:
        engagement = find_engagement(session, code)
        missing = [
            side for side in ("client", "custodian") if not people_with_role(session, engagement, side)
        ]
    if not missing:
        return ""
    return (
        f"Nobody to write to on the side of {' and '.join(missing)}: record people with "
        f"`steward people import FILE --engagement {code}`; that sends them the record. "
    )


def change(
    code: Code,
    form_file: Annotated[Path, typer.Option("--form", help="The changed form (.yaml or .xlsx).")],
    yes: Annotated[
        bool, typer.Option("--yes", help="Record it; without, only the difference is shown.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a form would change; with --yes record it as the next version and ask both sides anew."""
    from deployments.following import find_server, start_what_follows

    server_known = find_server()
    from models.acting import acting
    from models.migrate import require_current_schema
    from tasks.intake_file import read_intake_file
    from tasks.intake_versions import ask_confirmation, change_intake

    require_current_schema()
    with acting("command_line"):
        result = change_intake(code, read_intake_file(form_file), record=yes)
        if yes:  # also after a run that was cut short between recording and asking
            ask_confirmation.fn(code)
    follows = start_what_follows(code, server_known) if yes else ""
    if as_json:
        found = result.__dict__ | {"changes": [item.__dict__ for item in result.changes]}
        print_json(found)
        return
    if not result.changes:
        typer.echo(f"The form says what version {result.version} of the record says; nothing to change.")
        return
    _show(result.changes, f"{code}, version {result.version}")
    told = f"Recorded; both sides are asked. {follows}".rstrip()
    typer.echo(told if result.recorded else "Not recorded: add --yes to record it.")


def history(code: Code, as_json: AsJson = False) -> None:
    """Show the versions of the record, whether they were confirmed, and what each changed."""
    from tasks.intake_versions import intake_history

    versions = intake_history(code)
    if as_json:
        rows: list[dict[str, Any]] = [
            item.__dict__
            | {"recorded_on": str(item.recorded_on), "changes": [one.__dict__ for one in item.changes]}
            for item in versions
        ]
        print_json(rows)
        return
    for item in versions:
        typer.echo(f"version {item.version}  {item.state}  {item.recorded_on}  {item.sha256[:12]}")
        if item.changes:
            _show(item.changes, f"Changes of version {item.version}")


def _in_a_terminal() -> bool:
    return sys.stdin.isatty()


def _show_record(form: IntakeForm) -> None:
    from models.catalogue_files import load_catalogue

    _show(intake_changes({}, form.model_dump(mode="json")), "The record", first=True)
    for sentence in overnight_sentences(form.working_calendar):
        typer.echo(sentence)
    if form.fee_model == "cost_plus_fee" and form.remuneration_share is None:
        usual = load_catalogue().prices.remuneration_share * 100
        typer.echo(f"No remuneration was named: the catalogue's {usual.normalize():f}% of cost applies.")


def _show(changes: tuple[FieldChange, ...], title: str, first: bool = False) -> None:
    heads = ("field", *(() if first else ("before",)), "value" if first else "now")
    rows = [(item.field, *(() if first else (item.old,)), item.new) for item in changes]
    print_table(heads, rows, title)
