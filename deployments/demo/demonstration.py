"""How is the demonstration run and shown? Starts the local stack, plays the story, tells what came of it."""

import shutil
import signal
import time
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlmodel import select

from deployments.catalogue import WORK_POOL
from deployments.demo.cast import FIRST_CONTACT, Cast, register_cast, sample_cast
from deployments.demo.clauses import clause_evidence
from deployments.demo.clockworks import IN_THE_UI, StoryStuck, WorkerClockwork
from deployments.demo.story import Moment, play
from deployments.local_stack import LocalStack, running_stack, start_work
from models.audit import verify_chain
from models.db import engine, reading
from models.engagement import Engagement
from models.migrate import upgrade_database
from models.review import Pack
from models.rules.stages import Stage
from models.settings import settings
from tasks.engagements import engagement_id, find_engagement
from tasks.files import file_path


def run_demonstration(register: Path | None, port: int, console: Console, *, fresh: bool, stay: bool) -> None:
    """Take an engagement from first contact to handover.

    A demonstration that was cut short goes on where it stopped; a finished one starts afresh.

    Args:
        register: any COBie workbook; the bundled sample by default.
        port: of the Prefect server to start.
        console: where to write.
        fresh: start afresh even if one was cut short.
        stay: keep the UI up at the end until Ctrl-C.
    """
    begun = time.monotonic()
    signal.signal(signal.SIGTERM, _interrupt)
    cast = register_cast(register.resolve()) if register else sample_cast(settings().home / "input")
    code = cast.form.code
    console.print(f"[bold]Steward demonstration[/bold]: {escape(cast.form.property_name)} ({code})")
    console.print(
        "What people do and say comes from a seeded scenario and dates are simulated; all else is the product at work.",
        style="dim",
    )
    upgrade_database()
    reached = _stage_of(code)
    if fresh or reached in (Stage.CLOSED, Stage.WITHDRAWN):
        clear_demonstration()
        upgrade_database()
    elif reached is not None:
        console.print(
            f"An earlier demonstration stopped in stage [bold]{reached}[/bold]; it goes on from there."
        )
    with running_stack(port) as stack:
        with console.status("Registering the deployments"):
            names = start_work(stack, WORK_POOL)
        console.print(
            f"{len(names)} deployments. Watch the runs in the Prefect UI: {stack.ui}/runs", highlight=False
        )
        clockwork = WorkerClockwork(stack.keep_alive)
        try:
            _show_progress(cast, play(cast, clockwork, IN_THE_UI), console)
            clockwork.settle_mail(stack.mail_folder)
        except StoryStuck as stuck:
            console.print(f"[red]The demonstration is stuck[/red]: {escape(str(stuck))}", soft_wrap=True)
            if stay:
                console.print(f"The UI stays up at {stack.ui} until you press Ctrl-C.")
                _stay(stack)
            raise
        _tell(cast, stack, console, time.monotonic() - begun)
        if stay:
            console.print("The UI stays up until you press Ctrl-C.")
            _stay(stack)


def clear_demonstration() -> None:
    """Remove what earlier demonstrations left in the data folder: databases, files, mails and logs."""
    engine().dispose()
    for name in ("steward.db", "steward.db-wal", "steward.db-shm"):
        (settings().home / name).unlink(missing_ok=True)
    for name in ("files", "mail", "packs", "prefect", "logs"):
        shutil.rmtree(settings().home / name, ignore_errors=True)


def export_packs(code: str) -> Path:
    """Copy an engagement's packs into a folder where people find them by name; returns the folder."""
    folder = settings().home / "packs" / code
    folder.mkdir(parents=True, exist_ok=True)
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        for pack in session.exec(select(Pack).where(Pack.engagement_id == key)).all():
            shutil.copyfile(file_path(pack.sha256), folder / pack.file_name)
    return folder


def _stage_of(code: str) -> str | None:
    with reading() as session:
        return session.exec(select(Engagement.stage).where(Engagement.code == code)).one_or_none()


def _show_progress(cast: Cast, moments: Iterable[Moment], console: Console) -> None:
    total = (cast.form.term_end - FIRST_CONTACT).days + 8
    columns = (
        TextColumn("{task.description:<34}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("First contact", total=total)
        for moment in moments:
            text = f"{moment.day}  {moment.stage}"
            progress.update(bar, completed=(moment.day - FIRST_CONTACT).days, description=text)
            if not console.is_terminal:
                console.print(f"  {text:<30} {moment.runs} runs", highlight=False)


def _tell(cast: Cast, stack: LocalStack, console: Console, seconds: float) -> None:
    folder = export_packs(cast.form.code)
    table = Table(
        title=f"What was done, read back from the database of {cast.form.code}", title_justify="left"
    )
    table.add_column("Clause")
    table.add_column("Subject", no_wrap=True)
    table.add_column("Evidence", overflow="fold")
    with reading() as session:
        for row in clause_evidence(session, cast.form.code):
            table.add_row(row.clause, row.subject, row.evidence)
        fault = verify_chain(session, engagement_id(find_engagement(session, cast.form.code)))
    console.print(table)
    for label, value in (
        ("Packs", f"{folder}  ({len(list(folder.iterdir()))} files)"),
        ("", f"{settings().public_url}  (while this runs)"),
        ("Mails", f"{stack.mail_folder}  ({len(list(stack.mail_folder.glob('*.eml')))} .eml files)"),
        ("Database", settings().database),
        (
            "Audit trail",
            "every entry verifies" if fault is None else f"BROKEN at {fault.sequence}: {fault.reason}",
        ),
        ("Prefect UI", stack.ui),
        (
            "Look closer",
            f"STEWARD_HOME={settings().home} .venv/bin/steward engagement status {cast.form.code}",
        ),
        ("Took", f"{seconds:.0f} s"),
    ):
        console.print(f"{label:<12} {value}", highlight=False, markup=False, soft_wrap=True)


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _stay(stack: LocalStack) -> None:
    try:
        while True:
            stack.keep_alive()
            time.sleep(2)
    except KeyboardInterrupt:
        return
