"""Which papers are still owed? Asked for again, at a rising interval, until they come or are waived (A3)."""

from datetime import date

from prefect import flow, get_run_logger

from flows.cycle_runs import round_name
from tasks.artifacts import show_table
from tasks.document_chasing import chase_all


@flow(name="remind-missing-documents", flow_run_name=round_name)
def remind_missing_documents(engagement: str | None = None, as_of: date | None = None) -> int:
    """Remind the client, with a copy to the custodian, of the papers that were not handed over (clause A3).

    The first reminder leaves after 7 days, the second 14 days later, then one a month, at most six for each paper.

    Args:
        engagement: only this one; all by default.
        as_of: the business date; by default each engagement's own today. A demonstration is chased only with it.
    """
    reports = [report for report in chase_all(engagement, as_of) if report.papers]
    if reports:
        show_table(
            "documents-missing",
            [
                {
                    "engagement": r.code,
                    "on": str(r.on),
                    "papers": len(r.papers),
                    "mails": r.queued,
                    "note": r.note,
                }
                for r in reports
            ],
            "Papers asked for",
        )
    queued = sum(report.queued for report in reports)
    get_run_logger().info("%s mails queued for %s engagements.", queued, len(reports))
    return queued
