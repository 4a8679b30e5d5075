"""Do papers come in by sheet and file, are the missing ones chased once each, and is nobody's name let out? (A3)"""

import hashlib
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from sqlmodel import select

from models.audit import AuditEvent
from models.catalogue_files import load_catalogue
from models.contract import ContractClause
from models.db import reading
from models.diligence import DocumentItem, DocumentReminder, MaintenanceHistory
from models.errors import Terminal
from models.outbox import OutboxMail
from models.register import StoredFile
from models.rules.handover_sheet import HANDOVER_COLUMNS
from models.service_plan import Commitment, ServicePlan
from reports.pdf import render_pdf
from reports.workbook import render_xlsx
from tasks.document_chasing import chase_all, chase_documents
from tasks.document_sheet import form_of, import_sheet, receipt_of, receive_one
from tasks.documents import Receipt, listed_documents
from tasks.files import read_file
from tasks.handover_files import HandedFileRefused
from tasks.history import reliability_report
from tasks.history_file import import_history
from tasks.quarantine import quarantine_of
from tasks.sheet_rows import SheetRefused
from tests import factories
from tests.factories import SURVEYED_ON

HEADINGS = [column.zh for column in HANDOVER_COLUMNS]
NAME = "Zhang Secretname"


def sheet(path: Path, *rows: dict[str, str]) -> Path:
    """A filled-in sheet with Chinese headings below a title."""
    with xlsxwriter.Workbook(path, {"strings_to_numbers": False, "strings_to_formulas": False}) as book:
        page = book.add_worksheet()
        page.write_string(0, 0, "移交清单")
        for place, heading in enumerate(HEADINGS):
            page.write_string(1, place, heading)
        for number, row in enumerate(rows, start=2):
            for place, column in enumerate(HANDOVER_COLUMNS):
                page.write_string(number, place, row.get(column.key, ""))
    return path


def item(ref: str) -> DocumentItem:
    with reading() as session:
        return session.exec(select(DocumentItem).where(DocumentItem.ref == ref)).one()


def trail() -> str:
    with reading() as session:
        return json.dumps([[e.tag, e.subject, e.detail] for e in session.exec(select(AuditEvent)).all()])


def test_a_filled_in_sheet_is_taken_in_once_with_its_files(surveyed: str, tmp_path: Path) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    (scans / "keys.pdf").write_bytes(b"%PDF keys")
    file = sheet(
        tmp_path / "in.xlsx",
        {"ref": "keys", "received": "是", "pages": "3", "condition": "破损", "received_from": "委托方", "received_by": "custodian-1", "date": "2026/10/20", "file_name": "keys.pdf", "originals": "2", "signature_ref": "R-1", "note": f"from {NAME}"},
        {"ref": "accounts", "received": "免交"},
        {"ref": "running-contracts"},
    )  # fmt: skip
    dry = import_sheet(surveyed, file, scans, dry_run=True)
    assert item("keys").state == "missing", "a dry run writes nothing"
    with reading() as session:
        kept = len(session.exec(select(StoredFile)).all())
    result = import_sheet(surveyed, file, scans)
    assert (
        result.changed == dry.changed == (("keys", "missing", "received"), ("accounts", "missing", "waived"))
    )
    assert (result.unstated, result.doubts) == (1, ())
    keys = item("keys")
    assert (keys.pages, keys.originals, keys.condition, keys.received_from) == (3, 2, "damaged", "client")
    assert (keys.received_on, keys.file_name) == (date(2026, 10, 20), "keys.pdf")
    assert keys.evidence == hashlib.sha256(b"%PDF keys").hexdigest()
    assert read_file(keys.evidence) == b"%PDF keys"
    before = trail()
    again = import_sheet(surveyed, file, scans)
    assert (again.changed, again.as_before) == ((), 2)
    assert trail() == before
    assert NAME not in before
    with reading() as session:
        assert len(session.exec(select(StoredFile)).all()) == kept + 1


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({"ref": "keyz", "received": "yes"}, "ref"),
        ({"ref": "keys", "received": "perhaps"}, "received"),
        ({"ref": "keys", "received": "yes", "pages": "-1"}, "pages"),
        ({"ref": "keys", "received": "yes", "date": "03/04/2026"}, "date"),
        ({"ref": "keys", "received": "yes", "date": "2030-01-01"}, "date"),
        ({"ref": "keys", "received": "yes", "condition": "=1+1"}, "condition"),
        ({"ref": "keys", "received": "yes", "received_from": NAME}, "received_from"),
        ({"ref": "keys", "received": "yes", "file_name": "../secret.txt"}, "file_name"),
        ({"ref": "keys", "received": "yes", "file_name": "link.txt"}, "file_name"),
        ({"ref": "keys", "received": "yes", "file_name": "absent.pdf"}, "file_name"),
        ({"ref": "register-2", "received": "no"}, "received"),
    ],
)
def test_a_row_that_cannot_be_right_is_named_and_the_good_one_kept(
    sqlite_surveyed: str, tmp_path: Path, row: dict[str, str], column: str
) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (scans / "link.txt").symlink_to(tmp_path / "secret.txt")
    result = import_sheet(
        sqlite_surveyed, sheet(tmp_path / "in.xlsx", row, {"ref": "accounts", "received": "yes"}), scans
    )
    assert [(doubt.row, doubt.column) for doubt in result.doubts] == [(3, column)]
    assert NAME not in str(result)
    assert [ref for ref, _, _ in result.changed] == ["accounts"]
    assert item("keys").state == "missing"


def test_the_form_filled_with_nothing_changes_nothing_and_the_wrong_file_is_refused(
    sqlite_surveyed: str, tmp_path: Path
) -> None:
    form = tmp_path / "form.xlsx"
    form.write_bytes(form_of(sqlite_surveyed))
    result = import_sheet(sqlite_surveyed, form)
    assert result.changed == result.doubts == ()
    assert result.rows == len(listed_documents(sqlite_surveyed))
    for name, content in (("a.xlsx", b"MZ"), ("b.csv", b"\x00\x01"), ("c.csv", b"x,y\n1,2\n")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SheetRefused, match=name):
            import_sheet(sqlite_surveyed, tmp_path / name)


def test_a_paper_is_received_by_hand_from_a_role_or_a_reference_but_no_name(
    surveyed: str, tmp_path: Path
) -> None:
    scan = tmp_path / "k.pdf"
    scan.write_bytes(b"%PDF 1")
    good = Receipt("partial", "client-1", received_by="custodian", condition="illegible", pages=4)
    assert receive_one(surveyed, "keys", good, file=scan) is True
    assert receive_one(surveyed, "keys", good, file=scan) is False
    with pytest.raises(Terminal, match="neither a role") as refused:
        receive_one(surveyed, "keys", Receipt("received", NAME))
    assert NAME not in str(refused.value)
    with pytest.raises(Terminal, match="Did you mean keys"):
        receive_one(surveyed, "keyz", good)
    with pytest.raises(HandedFileRefused, match="ordinary"):
        receive_one(surveyed, "keys", good, file=tmp_path)


def test_the_receipt_lists_hash_condition_and_room_for_both_signatures(
    sqlite_surveyed: str, tmp_path: Path
) -> None:
    scan = tmp_path / "k.pdf"
    scan.write_bytes(b"%PDF 1")
    receive_one(
        sqlite_surveyed, "keys", Receipt("received", "client", condition="damaged", pages=4), file=scan
    )
    pack = receipt_of(sqlite_surveyed, SURVEYED_ON)
    cells = [
        cell for section in pack.sections for table in section.tables for row in table.rows for cell in row
    ]
    assert hashlib.sha256(b"%PDF 1").hexdigest() in cells
    assert any("damaged" in cell for cell in cells)
    (signatures,) = pack.sections[-1].tables
    assert len(signatures.columns) == 2
    assert render_pdf(pack).startswith(b"%PDF")
    assert render_xlsx(pack) == render_xlsx(pack)


def test_what_is_missing_is_asked_for_once_a_number_however_the_clock_ticks(surveyed: str) -> None:
    first = factories.FIRST_CONTACT
    assert chase_documents(surveyed, first + timedelta(days=2)).papers == ()
    day = first + timedelta(days=40)
    dry = chase_documents(surveyed, day, dry_run=True)
    assert _reminders() == []
    sent = chase_documents(surveyed, day)
    assert sent.papers == dry.papers != ()
    assert sent.recipients == ("client-1", "custodian-1")
    assert (sent.queued, chase_documents(surveyed, day).queued) == (2, 0)
    assert chase_documents(surveyed, day + timedelta(days=1)).papers == ()
    receive_one(surveyed, "keys", Receipt("received", "client"), SURVEYED_ON)
    later = chase_documents(surveyed, day + timedelta(days=60))
    assert {number for _, number in later.papers} == {2}
    assert "keys" not in dict(later.papers)
    assert len(_reminders()) == len(sent.papers) + len(later.papers)
    with reading() as session:
        mails = session.exec(select(OutboxMail).where(OutboxMail.kind == "documents-missing")).all()
    assert len(mails) == 4
    assert "Secret" not in str([mail.body for mail in mails])


def test_the_clock_leaves_a_demonstration_alone(sqlite_surveyed: str) -> None:
    assert chase_all.fn(None, None) == []
    assert chase_all.fn(None, SURVEYED_ON + timedelta(days=60))[0].queued == 2


def _reminders() -> list[DocumentReminder]:
    with reading() as session:
        return list(session.exec(select(DocumentReminder)).all())


def test_missing_and_illegible_papers_stand_in_plan_and_contract(sqlite_surveyed: str) -> None:
    receive_one(sqlite_surveyed, "keys", Receipt("received", "client", condition="illegible"), SURVEYED_ON)
    factories.propose_plan(sqlite_surveyed)
    factories.answer(sqlite_surveyed, "plan")
    factories.offer(sqlite_surveyed)
    with reading() as session:
        risks = "\n".join(session.exec(select(ServicePlan)).one().risks)
        contract = "\n".join(clause.text for clause in session.exec(select(ContractClause)).all())
    labels = {d.code: d.label.en for d in load_catalogue().documents}
    for text in (risks, contract):
        assert f"Received illegible: {labels['keys']}" in text
        assert f"Not received: {labels['accounts']}" in text


CSV = (
    "设备编号,日期,类型,内容,费用,停机小时\n"
    'LIFT-1,2024-03-05,维修,door,"1,200.00",4\n'
    'LIFT-1,2024-03-05,维修,door,"1,200.00",4\n'
    "lift-2,2024年4月6日,保养,oil,,\n"
    "LIFT-9,2024-04-06,保养,oil,,\n"
    "PUMP-1,03/04/2024,保养,oil,,\n"
    "PUMP-1,2024-05-04,dance,oil,,\n"
    "PUMP-1,2026-09-20,preventive,grease,abc,\n"
)


def test_a_history_is_taken_in_once_and_unknown_tags_are_quarantined(surveyed: str, tmp_path: Path) -> None:
    file = tmp_path / "history.csv"
    file.write_bytes(CSV.encode("gb18030"))
    dry = import_history(surveyed, file, dry_run=True)
    with reading() as session:
        assert session.exec(select(MaintenanceHistory)).all() == []
    result = import_history(surveyed, file)
    assert (result.rows, result.recorded, result.twice, result.not_taken) == (7, 3, 1, 3)
    assert dry.doubts == result.doubts
    unknown = result.doubts[0]
    assert (unknown.row, unknown.column, unknown.value) == (5, "asset_tag", "LIFT-9")
    assert "LIFT-1" in unknown.reason
    assert [(d.row, d.column) for d in result.doubts] == [
        (5, "asset_tag"),
        (6, "date"),
        (7, "kind"),
        (8, "cost"),
    ]
    before = trail()
    again = import_history(surveyed, file)
    assert (again.recorded, again.known_before) == (0, 3)
    assert trail() == before
    assert len(quarantine_of(surveyed)) == 4
    report = reliability_report(surveyed)
    figures = {figure.subject: figure for figure in report.assets}
    assert (figures["LIFT-1"].failures, figures["LIFT-1"].label) == (1, "few")


def test_a_recorded_service_moves_the_plans_first_date(sqlite_surveyed: str, tmp_path: Path) -> None:
    file = tmp_path / "history.csv"
    file.write_text("asset_tag,date,kind,what\nPUMP-1,2026-10-20,preventive,grease\n", encoding="utf-8")
    import_history(sqlite_surveyed, file)
    factories.propose_plan(sqlite_surveyed)
    with reading() as session:
        job = session.exec(
            select(Commitment).where(Commitment.title_en == "Pump service (Domestic pump)")
        ).one()
    assert "history: last done 2026-10-20" in job.source
    assert date(2027, 1, 15) <= job.start_on <= date(2027, 1, 25)
