"""What can be done at the command line? `steward`: every command says what went wrong in a sentence."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.markup import escape
from sqlalchemy.exc import OperationalError, ProgrammingError

from deployments.accounts_commands import accounts_app
from deployments.asset_commands import asset_app
from deployments.bulletin_commands import bulletin_app
from deployments.cctv_commands import cctv_app
from deployments.condition_commands import condition_app
from deployments.document_commands import document_app, history_app
from deployments.emergency_commands import emergency_app
from deployments.ending_commands import add_ending_commands
from deployments.evaluation_commands import evaluation_app
from deployments.handover_commands import handover_app
from deployments.indicator_commands import indicator_app
from deployments.inspection_commands import inspection_app
from deployments.intake_commands import add_intake_commands
from deployments.meeting_commands import action_app, meeting_app
from deployments.output import AsJson, Code, print_json, show, show_status
from deployments.patrol_commands import patrol_app
from deployments.people_commands import people_app
from deployments.permit_commands import permit_app
from deployments.plan_commands import plan_app
from deployments.rehearsal_commands import register_rehearsal
from deployments.renewal_commands import add_renewal_command
from deployments.request_commands import request_app
from deployments.request_file_commands import requests_app
from deployments.review_commands import review_app
from deployments.roster_commands import roster_app, training_app
from deployments.schedule_commands import schedule_app
from deployments.staff_commands import staff_app
from deployments.stock_commands import stock_app
from deployments.survey_commands import survey_app
from deployments.terminal_table import print_table
from deployments.weather_commands import weather_app
from deployments.work_commands import work_app
from models.errors import StewardError

app = typer.Typer(
    name="steward",
    help="Runs a property-custody engagement from first contact to handover.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
engagement_app = typer.Typer(
    no_args_is_help=True, help="First contact, record, state and history of engagements."
)
register_app = typer.Typer(no_args_is_help=True, help="Check and import asset registers (COBie workbooks).")
audit_app = typer.Typer(no_args_is_help=True, help="The audit trail.")
db_app = typer.Typer(no_args_is_help=True, help="The product's database.")
decision_app = typer.Typer(no_args_is_help=True, help="Questions put to client and custodian.")
cycle_app = typer.Typer(no_args_is_help=True, help="The clockwork's pieces of work.")
mail_app = typer.Typer(no_args_is_help=True, help="The outbox.")
register_rehearsal(plan_app)
for name, group in (
    ("engagement", engagement_app),
    ("register", register_app),
    ("people", people_app),
    ("decision", decision_app),
    ("cycle", cycle_app),
    ("mail", mail_app),
    ("plan", plan_app),
    ("audit", audit_app),
    ("db", db_app),
    ("condition", condition_app),
    ("document", document_app),
    ("history", history_app),
    ("request", request_app),
    ("requests", requests_app),
    ("survey", survey_app),
    ("schedule", schedule_app),
    ("meeting", meeting_app),
    ("action", action_app),
    ("bulletin", bulletin_app),
    ("emergency", emergency_app),
    ("staff", staff_app),
    ("training", training_app),
    ("roster", roster_app),
    ("work", work_app),
    ("permit", permit_app),
    ("patrol", patrol_app),
    ("inspection", inspection_app),
    ("weather", weather_app),
    ("cctv", cctv_app),
    ("asset", asset_app),
    ("stock", stock_app),
    ("accounts", accounts_app),
    ("indicator", indicator_app),
    ("review", review_app),
    ("evaluation", evaluation_app),
    ("handover", handover_app),
):
    app.add_typer(group, name=name)
add_intake_commands(engagement_app)
add_ending_commands(engagement_app)
add_renewal_command(engagement_app)


def main() -> None:
    """Run the command line; a mistake of the user ends in a sentence and exit code 1, never in a traceback."""
    try:
        app()
    except StewardError as error:
        _fail(str(error))
    except (OperationalError, ProgrammingError) as error:
        if not any(words in str(error.orig) for words in _NO_SUCH_TABLES):
            raise
        _fail("The database has not the tables of this version: run `steward db upgrade`.")


_NO_SUCH_TABLES = ("no such table", "no such column", "does not exist", "unable to open database file")


def _fail(sentence: str) -> None:
    Console(stderr=True).print(f"[red]Error[/red]: {escape(sentence)}", highlight=False, soft_wrap=True)
    sys.exit(1)


@app.command(epilog="Example: steward demo --register building.xlsx")
def demo(
    register: Annotated[
        Path | None, typer.Option(help="Any COBie workbook; the bundled sample by default.")
    ] = None,
    fresh: Annotated[bool, typer.Option(help="Start afresh even if a demonstration was cut short.")] = False,
    stay: Annotated[
        bool | None, typer.Option(help="Keep the UI up at the end; by default in a terminal only.")
    ] = None,
) -> None:
    """Take a sample engagement from first contact to handover, and watch it in the Prefect UI."""
    from models.settings import settings

    # A demonstration never touches real data, a real database or a real mail server.
    os.environ["STEWARD_HOME"] = str(settings().home.resolve() / "demo")
    os.environ["STEWARD_DATABASE_URL"] = ""
    os.environ["STEWARD_SMTP_HOST"], os.environ["STEWARD_SMTP_SECURITY"] = "127.0.0.1", "none"
    os.environ["STEWARD_SMTP_USER"] = os.environ["STEWARD_IMAP_HOST"] = ""
    os.environ["STEWARD_MAILBOXES"] = "[]"
    os.environ["STEWARD_SMS_URL"] = os.environ["STEWARD_ANSWER_URL"] = ""
    # A year passes in minutes, so a run that died must be noticed in less than one.
    os.environ["STEWARD_CYCLE_LEASE_SECONDS"], os.environ["STEWARD_STUCK_START_SECONDS"] = "60", "25"
    os.environ["STEWARD_MAIL_LEASE_SECONDS"] = "20"
    settings.cache_clear()
    settings().home.mkdir(parents=True, exist_ok=True)
    from deployments.prefect_environment import quiet_prefect, use_own_server

    quiet_prefect()
    from deployments.leftovers import stop_leftovers

    stop_leftovers()
    port = use_own_server()
    from deployments.demo.demonstration import run_demonstration

    console = Console()
    if register is not None and not register.is_file():
        raise typer.BadParameter(f"there is no file {register}", param_hint="--register")
    with _register_mistakes():
        run_demonstration(
            register, port, console, fresh=fresh, stay=console.is_terminal if stay is None else stay
        )


@app.command(epilog="Example: steward serve")
def serve() -> None:
    """Run everything in the foreground: Prefect server, worker, dispatcher schedules, mail sink, pack server."""
    from deployments.prefect_environment import quiet_prefect, use_own_server

    console = Console()
    console.print("Starting: database, Prefect server, worker ...", highlight=False)
    quiet_prefect()
    from deployments.leftovers import stop_leftovers

    stop_leftovers()
    port = use_own_server()
    from deployments.service import serve_until_stopped

    serve_until_stopped(port, console)


@app.command(epilog="Example: steward doctor --json")
def doctor(as_json: AsJson = False) -> None:
    """Look at versions, database, Prefect server and mail server, and say how to mend what is wrong."""
    from deployments.prefect_environment import use_configured_server

    known = use_configured_server()
    from deployments.doctor import examine

    findings = examine(known)
    if as_json:
        print_json([finding.__dict__ for finding in findings])
    else:
        rows = [(one.subject, "ok" if one.ok else "WRONG", one.found, one.remedy) for one in findings]
        print_table(("What", "State", "Found", "How to mend it"), rows, "steward doctor")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@app.command(epilog="Example: PREFECT_API_URL=http://127.0.0.1:4200/api steward deploy")
def deploy() -> None:
    """Register every deployment and schedule with the Prefect server; doing so again changes nothing."""
    from deployments.prefect_environment import answering_server, require_server

    require_server()
    from deployments.registration import register_deployments

    with answering_server():
        for name in register_deployments():
            typer.echo(name)


@engagement_app.command("list", epilog="Example: steward engagement list --json")
def engagement_list(as_json: AsJson = False) -> None:
    """List the engagements with their stage and term."""
    from deployments.overview import engagements

    show(engagements(), as_json, "Engagements")


@engagement_app.command("status", epilog="Example: steward engagement status JC-2027")
def engagement_status(code: Code, as_json: AsJson = False) -> None:
    """Show where an engagement stands: stage, record, what is waited for, gates, latest indicators, mail."""
    from deployments.prefect_environment import use_configured_server

    server_known = use_configured_server()  # before anything imports Prefect
    from deployments.overview import status
    from deployments.waiting import open_gates

    found = status(code) | {"gates": open_gates(code) if server_known else None}
    if as_json:
        print_json(found)
    else:
        show_status(found)


@engagement_app.command("quarantine", epilog="Example: steward engagement quarantine JC-2027 --json")
def quarantine(code: Code, as_json: AsJson = False) -> None:
    """List the rows of register, survey forms and maintenance histories that were not taken, and what was expected."""
    from models.migrate import require_current_schema
    from tasks.quarantine import quarantine_of

    require_current_schema()
    show([cell.as_json() for cell in quarantine_of(code)], as_json, f"Not taken, or doubted, of {code}")


@engagement_app.command("timeline", epilog="Example: steward engagement timeline JC-2027 --json")
def engagement_timeline(
    code: Code,
    limit: Annotated[
        int, typer.Option(min=1, max=100_000, help="At most so many entries, the newest.")
    ] = 200,
    as_json: AsJson = False,
) -> None:
    """Show what was done, from the audit trail: who, what, when, from which run; for a program everything."""
    from deployments.overview import timeline

    found = timeline(code)
    shown = found if as_json else found[-limit:]
    show(shown, as_json, f"Timeline of {code}")
    if len(shown) < len(found):
        typer.echo(f"{len(found) - len(shown):,} earlier entries are left out: --limit shows more.")


@register_app.command("check", epilog="Example: steward register check building.xlsx --json")
def register_check(
    file: Annotated[Path, typer.Argument(help="The COBie workbook (.xlsx).")], as_json: AsJson = False
) -> None:
    """Read a workbook as the import would and report every row; nothing is written."""
    from tasks.register_import import RegisterRefused, check_register

    try:
        summary = check_register(file)
    except RegisterRefused as error:
        if not as_json:
            raise
        print_json({"file": file.name, "refused": str(error)})
        raise typer.Exit(1) from error
    _show_summary(summary.__dict__, as_json)


@register_app.command("import", epilog="Example: steward register import building.xlsx --engagement JC-2027")
def register_import(
    file: Annotated[Path, typer.Argument(help="The COBie workbook (.xlsx).")],
    engagement: Annotated[str, typer.Option(help="Code of the engagement.")],
    as_json: AsJson = False,
) -> None:
    """Take a workbook into the ledger of an engagement, whole or not at all."""
    from models.acting import acting
    from models.migrate import require_current_schema
    from tasks.documents import list_expected_documents
    from tasks.register_import import take_in_register

    require_current_schema()
    with acting("command_line"):
        summary = take_in_register(engagement, file)
        list_expected_documents.fn(
            engagement
        )  # the register says of which machines papers are to be handed over
    _show_summary(summary.__dict__, as_json)


@decision_app.command("list", epilog="Example: steward decision list JC-2027 --json")
def decision_list(
    code: Annotated[str, typer.Argument(help="Code of the engagement; all by default.")] = "",
    as_json: AsJson = False,
) -> None:
    """List the questions that client or custodian still have to answer."""
    from tasks.decisions import open_decisions

    rows = [question.__dict__ for question in open_decisions(code or None)]
    if not as_json:  # twelve characters are enough for `decision take`, and fit on the screen
        shown = ("code", "subject", "reference", "party", "due_on", "question")
        rows = [
            {name: row[name] for name in shown} | {"document": row["document_sha256"][:12]} for row in rows
        ]
    show(rows, as_json, "Open decisions", less=("question",))


@decision_app.command(
    "take",
    epilog="Example: steward decision take JC-2027 plan 1 client accepted --by client-1 --document 3fa9",
)
def decision_take(
    code: Code,
    subject: Annotated[
        str,
        typer.Argument(
            help="intake, plan, contract, accounts, evaluation, renewal, early_end, handover or parts."
        ),
    ],
    reference: Annotated[str, typer.Argument(help="Which one, as shown by `steward decision list`.")],
    party: Annotated[str, typer.Argument(help="client or custodian; of a handover also receiver.")],
    verdict: Annotated[str, typer.Argument(help="accepted or rejected; for renewal: renew, change or end.")],
    by: Annotated[str, typer.Option(help="Reference of the person who decides.")],
    document: Annotated[str, typer.Option(help="Hash of the document that was read, at least 8 characters.")],
    remark: Annotated[str, typer.Option(help="What was said; needed where parts are rejected.")] = "",
) -> None:
    """Record a party's decision on exactly the document it has read; a decision cannot be undone."""
    from deployments.following import find_server, start_what_follows

    server_known = find_server()
    from models.acting import acting
    from models.errors import DecisionNotOpen
    from tasks.decisions import open_decisions, take_decision

    question = next(
        (
            question
            for question in open_decisions(code)
            if (question.subject, question.reference, question.party) == (subject, reference, party)
        ),
        None,
    )
    if question is None:
        raise DecisionNotOpen(f"No question about {subject} {reference} is open to the {party} of {code}.")
    if len(document) < 8 or not question.document_sha256.startswith(document):
        raise DecisionNotOpen(
            f"{document!r} is not the beginning of the hash of the document that was asked about."
        )
    with acting("command_line"):
        take_decision(
            code,
            subject,
            reference,
            party,
            verdict,
            declared_by=by,
            authenticated_by="command_line",
            document_sha256=question.document_sha256,
            remark=remark,
        )
    follows = start_what_follows(code, server_known)
    typer.echo(f"Recorded: {party} {verdict} {subject} {reference}. {follows}".rstrip())


@cycle_app.command("list", epilog="Example: steward cycle list JC-2027")
def cycle_list(code: Code, as_json: AsJson = False) -> None:
    """List the clockwork's pieces of work with their state."""
    from deployments.overview import cycles

    show(cycles(code), as_json, f"Cycles of {code}")


@cycle_app.command("retry", epilog="Example: steward cycle retry JC-2027 month_close 2027-03")
def cycle_retry(
    code: Code,
    kind: Annotated[str, typer.Argument(help="Kind of work, as shown by `steward cycle list`.")],
    period: Annotated[str, typer.Argument(help="Its period.")],
) -> None:
    """Let a piece of work that failed for good be tried again, after its cause is mended."""
    from models.rules.cycles import CycleKind
    from tasks.cycles import retry_failed

    if kind not in list(CycleKind):
        raise typer.BadParameter(f"expected one of {', '.join(CycleKind)}", param_hint="KIND")
    retry_failed(code, CycleKind(kind), period)
    typer.echo("It will be started by the dispatcher's next round.")


@mail_app.command("list", epilog="Example: steward mail list --state uncertain --json")
def mail_list(
    state: Annotated[
        Literal["queued", "sending", "sent", "failed", "uncertain"],
        typer.Option(help="Which mails."),
    ] = "uncertain",
    as_json: AsJson = False,
) -> None:
    """List mails of the outbox by state; addresses are not shown."""
    from deployments.overview import mails

    show(mails(state), as_json, f"Mails {state}")


@mail_app.command(
    "resolve", epilog="Example: steward mail resolve JC-2027:pack-month:2027-03:client-1 --arrived"
)
def mail_resolve(
    key: Annotated[str, typer.Argument(help="Key of the mail, as shown by `steward mail list`.")],
    arrived: Annotated[bool, typer.Option("--arrived/--send-again", help="What you found out.")],
) -> None:
    """Settle a mail of which we do not know whether it arrived: it did, or it is to be sent again."""
    from models.acting import acting
    from tasks.outbox import resolve_uncertain

    with acting("command_line"):
        resolve_uncertain(key, arrived)
    typer.echo("Recorded." if arrived else "It is queued again and leaves with the next delivery.")


@mail_app.command("retry", epilog="Example: steward mail retry JC-2027:pack-month:2027-03:client-1")
def mail_retry(
    key: Annotated[
        str, typer.Argument(help="Key of the mail, as shown by `steward mail list --state failed`.")
    ],
) -> None:
    """Send a mail again that was refused for good; first put the address right (`steward people correct`)."""
    from deployments.acts import acting_here
    from tasks.outbox import retry_failed

    with acting_here():
        retry_failed(key)
    typer.echo("It is queued again and leaves with the next delivery.")


@audit_app.command("verify", epilog="Example: steward audit verify --json")
def audit_verify(
    code: Annotated[str | None, typer.Argument(help="Code of the engagement; all by default.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check the audit trail's hash chain from its first entry to its head."""
    from deployments.overview import verified_chains

    chains = verified_chains(code)
    show(chains, as_json, "Audit trail")
    if not all(chain["verifies"] for chain in chains):
        raise typer.Exit(1)


@db_app.command("upgrade", epilog="Example: steward db upgrade")
def db_upgrade() -> None:
    """Bring the database to the schema of this version; doing so again changes nothing."""
    from models.migrate import database_file, upgrade_database

    file = database_file()
    if file is not None and not file.exists():
        typer.echo(f"A new Steward is made at {file.absolute().parent}.", err=True)
    typer.echo(f"The database is at schema {upgrade_database()}.")


@contextmanager
def _register_mistakes() -> Iterator[None]:
    from models.rules.cobie_rows import NotARegister
    from tasks.register_import import RegisterRefused
    from tasks.workbook import WorkbookRefused

    try:
        yield
    except (WorkbookRefused, NotARegister) as error:
        raise RegisterRefused(str(error)) from error


def _show_summary(summary: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(summary)
        return
    console = Console()
    console.print(
        f"{summary['file']}  sha256 {summary['sha256']}", highlight=False, markup=False, soft_wrap=True
    )
    if summary["already_imported"]:
        console.print("This very file was imported before; nothing was changed.")
    show(summary["counts"], False, "Rows by sheet")
    shown = ("severity", "sheet", "row", "column", "value", "reason")
    show(
        [{name: doubt[name] for name in shown} for doubt in summary["rejections"]],
        False,
        "Rows and cells in doubt",
    )
    for note in summary["notes"]:
        console.print(f"Note: {note}", highlight=False, markup=False, style="dim", soft_wrap=True)
