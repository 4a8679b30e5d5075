"""First contact: the engagement is recorded, both sides hold the same record, the register comes in (A1, A3)."""

from datetime import date
from pathlib import Path

from prefect import flow, get_run_logger

from models.intake import IntakeForm
from tasks.artifacts import show_table
from tasks.documents import list_expected_documents
from tasks.gates import open_gates
from tasks.intake import record_intake, send_intake_sheet
from tasks.intake_versions import ask_confirmation
from tasks.register_import import import_register


@flow(name="take-in-engagement", flow_run_name="{form.code}")
def take_in_engagement(form: IntakeForm, simulated_on: date | None = None) -> str:
    """Record a new engagement as agreed at first contact (clause A1).

    The people of both sides come next, by `steward people import`; each gets the same record by mail.

    Args:
        form: scope, term, standards and demands, as agreed. Names of persons do not belong here.
        simulated_on: the date a demonstration starts on; leave empty for a real engagement.
    """
    code = record_intake(form, simulated_on)
    queued = send_intake_sheet(code, simulated_on)
    ask_confirmation(code, simulated_on)
    open_gates(code, "intake")
    get_run_logger().info("%s recorded; %s people known so far get the record by mail.", code, queued)
    return code


@flow(name="import-asset-register", flow_run_name="{engagement}")
def import_asset_register(engagement: str, workbook: str) -> dict[str, int]:
    """Take a COBie workbook into the equipment ledger and list the documents to expect (clause A3).

    Args:
        engagement: code of the engagement.
        workbook: path of the .xlsx file on the machine of the worker.
    """
    summary = import_register(engagement, Path(workbook))
    expected = list_expected_documents(engagement)
    show_table(f"register-{engagement}", summary.counts, "Rows of the register by sheet")
    if summary.rejections:
        show_table(
            f"register-{engagement}-doubts",
            [
                {name: doubt[name] for name in ("sheet", "row", "column", "reason", "severity")}
                for doubt in summary.rejections
            ],
            "Rows and cells that were doubted",
        )
    log = get_run_logger()
    log.info("%s: %s doubts, %s documents newly expected.", summary.file, len(summary.rejections), expected)
    return {"doubts": len(summary.rejections), "documents_expected": expected}
