"""How does the product run for real on one machine? Everything in the foreground until it is stopped."""

import signal
import time

from prefect.deployments import run_deployment
from rich.console import Console

from deployments.catalogue import WORK_POOL
from deployments.local_stack import START_TIMEOUT_SECONDS, running_stack, start_work, steadily
from flows.dispatch import deliver_mail, dispatch_due, reconcile
from models.migrate import upgrade_database
from models.settings import settings

LOOK_AFTER_SECONDS = 2.0


def serve_until_stopped(port: int, console: Console) -> None:
    """Migrate, start everything, register the deployments, and look after the parts until Ctrl-C or SIGTERM."""
    upgrade_database()
    signal.signal(signal.SIGTERM, _interrupt)
    with running_stack(port) as stack:
        for name in start_work(stack, WORK_POOL):
            console.print(f"  {name}", style="dim", highlight=False)
        steadily(_first_round, stack.keep_alive, START_TIMEOUT_SECONDS)
        for label, value in (
            ("Prefect UI", stack.ui),
            ("Packs", settings().public_url),
            ("Mail", _mail_target(stack.mail_folder)),
            ("Database", settings().database),
            ("Logs", str(settings().home / "logs")),
        ):
            console.print(f"{label:<12} {value}", highlight=False, markup=False, soft_wrap=True)
        console.print("Stop with Ctrl-C.")
        try:
            while True:
                for name in stack.keep_alive():
                    console.print(f"[yellow]{name} had stopped and was started again[/yellow]")
                time.sleep(LOOK_AFTER_SECONDS)
        except KeyboardInterrupt:
            console.print("Stopping.")


def _first_round() -> None:
    """What fell due while nothing ran, questions without a form and mails that wait do not wait for the clock."""
    for flow in (dispatch_due, reconcile, deliver_mail):
        run_deployment(f"{flow.name}/{flow.name}", timeout=0, as_subflow=False)


def _mail_target(folder: object) -> str:
    chosen = settings()
    if chosen.smtp_host == "127.0.0.1":
        return f"kept as .eml files in {folder}"
    return f"{chosen.smtp_host}:{chosen.smtp_port} ({chosen.smtp_security})"


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
