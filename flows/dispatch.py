"""The clockwork: what is due is started, what died starts again, what waits to be mailed leaves."""

from datetime import date

from prefect import flow, get_run_logger

from flows.cycle_runs import round_name
from tasks.artifacts import show_table
from tasks.call_tree import call_on_everywhere
from tasks.decision_reminders import remind_of_answers_everywhere
from tasks.dispatching import dispatch_due_cycles, repair_dead_cycles_step
from tasks.drill_reminders import remind_drills_everywhere
from tasks.escalation import escalate_everywhere
from tasks.evaluation import issue_results_everywhere
from tasks.gates import mend_gates
from tasks.outbox import DeliveryCount, drain_outbox
from tasks.overdue_work import tell_overdue_work_everywhere
from tasks.patrol_alerts import tell_missed_patrols_everywhere
from tasks.permit_alerts import tell_overdue_permits_everywhere
from tasks.qualifications import warn_of_expiries_everywhere
from tasks.reading_watch import warn_of_readings_everywhere
from tasks.request_fetch import fetch_configured
from tasks.survey_alarms import tell_survey_alarms_everywhere
from tasks.survey_reminders import remind_of_surveys_everywhere, withdraw_late_reminders
from tasks.text_messages import send_texts


@flow(name="dispatch-due", flow_run_name=round_name)
def dispatch_due(engagement: str | None = None, as_of: date | None = None) -> int:
    """Start a run for everything that is due and not done; a tick that was missed heals here.

    Args:
        engagement: only this one; all by default.
        as_of: the business date; by default each engagement's own today.
    """
    report = dispatch_due_cycles(engagement, as_of)
    if report.started:
        show_table(
            "dispatched",
            [
                {"engagement": code, "kind": kind, "period": period, "run": run}
                for code, kind, period, run in report.started
            ],
            "Runs started by the dispatcher",
        )
    get_run_logger().info("%s runs started.", len(report.started))
    return len(report.started)


@flow(name="reconcile", flow_run_name=round_name)
def reconcile() -> int:
    """Find cycles whose run died, let them start again, mend the decision gates, escalate late requests.

    The call trees of incidents under way go on too; answers that are awaited and drills that fall due are announced,
    certificates that run out, readings that drift towards a limit, patrols that left points out, work that is late,
    surveys to be answered, and single answers to them that do not wait.
    """
    repairs = repair_dead_cycles_step()
    mend_gates()
    log = get_run_logger()
    for told in escalate_everywhere():
        log.info("%s %s: %s, %s mails queued.", told.code, told.number, told.step, told.mails)
    for code, reference, count in call_on_everywhere():
        log.info("%s %s: %s deputies called.", code, reference, count)
    for code, kind in remind_drills_everywhere():
        log.info("%s: the drill of %s falls due.", code, kind)
    for code, subject, reference, party in remind_of_answers_everywhere():
        log.info("%s: %s is reminded to answer about %s %s.", code, party, subject, reference)
    for code, wave, number, count in remind_of_surveys_everywhere():
        log.info("%s: reminder %s of the survey %s, %s mails queued.", code, number, wave, count)
    for code, count in tell_survey_alarms_everywhere():
        log.info("%s: %s answers to a survey told that do not wait.", code, count)
    for code in issue_results_everywhere():
        log.info("%s: the result of a joint evaluation told to both sides.", code)
    _watch_the_field()
    for repair in repairs:
        log.warning(
            "%s %s of %s: %s; now %s.", repair.kind, repair.period, repair.code, repair.reason, repair.state
        )
    return len(repairs)


def _watch_the_field() -> None:
    """Late work, permits nobody signed off, missed patrols, certificates that run out and machines that drift are told of, each once (B1, B2, B5)."""
    log = get_run_logger()
    for code, rounds in tell_missed_patrols_everywhere():
        log.info("%s: %s patrol rounds with missed points.", code, rounds)
    for code, permit in tell_overdue_permits_everywhere():
        log.warning("%s: permit %s ran out, and nobody signed it off.", code, permit)
    for code, orders in tell_overdue_work_everywhere():
        log.info("%s: %s orders are late.", code, orders)
    if warned := warn_of_expiries_everywhere():
        log.info("%s mails queued of certificates that run out.", warned)
    for code, asset, item in warn_of_readings_everywhere():
        log.info("%s: %s of %s drifts towards a limit.", code, item, asset)


@flow(name="deliver-mail", flow_run_name=round_name)
def deliver_mail(limit: int = 500) -> dict[str, int]:
    """Send what waits in the outbox, mails and text messages; what may or may not have arrived is left to a person.

    Args:
        limit: at most so many mails in one run.
    """
    log = get_run_logger()
    if late := withdraw_late_reminders():
        log.info("%s reminders of closed surveys withdrawn.", late)
    try:
        count = drain_outbox(limit)
    finally:  # a mail server that is gone keeps no text message back
        texts = send_texts()
        if texts != DeliveryCount():
            log.info("Text messages: %s.", texts)
    log.info(
        "%s sent, %s deferred, %s failed, %s uncertain.",
        count.sent,
        count.deferred,
        count.failed,
        count.uncertain,
    )
    return {
        "sent": count.sent,
        "deferred": count.deferred,
        "failed": count.failed,
        "uncertain": count.uncertain,
    }


@flow(name="fetch-requests", flow_run_name=round_name)
def fetch_requests(engagement: str | None = None, limit: int = 500) -> dict[str, int]:
    """Take the mails of the service desks' mailboxes as requests, each once (clause B6); without a mailbox, nothing.

    Args:
        engagement: only this one's mailboxes; by default those of every engagement that is named with one.
        limit: at most so many of each mailbox in one run.
    """
    counts = fetch_configured(engagement, limit)
    get_run_logger().info(
        "%s", ", ".join(f"{count} {what}" for what, count in counts.items()) or "Nothing new."
    )
    return counts
