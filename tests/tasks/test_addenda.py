"""Do both sides decide on a document that says what the amendment of their contract changes? (A5)"""

import hashlib
import io
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook
from sqlmodel import select

from models.contract import ContractAmendment, Instalment
from models.db import reading
from models.decision import Decision
from models.outbox import OutboxMail
from models.review import Pack
from tasks.decisions import open_decisions
from tasks.files import read_file
from tasks.plan_edits import Amendment, import_plan
from tests import factories
from tests.reports.reading import pdf_text
from tests.tasks.test_plan_edits import edited_workbook, setting

JULY = Amendment(date(2027, 7, 1), "More cleaners")


def _amend(code: str, folder: Path, amendment: Amendment = JULY) -> Path:
    file = edited_workbook(code, folder, setting("posts", "cleaner", "heads", "30"))
    import_plan(code, file, amendment)
    return file


def _packs(kind: str) -> dict[str, bytes]:
    with reading() as session:
        rows = session.exec(select(Pack).where(Pack.kind == kind, Pack.period == "plan-2")).all()
        return {row.file_name.rpartition(".")[2]: read_file(row.sha256) for row in rows}


def test_both_sides_accept_exactly_the_bytes_of_the_addendum(in_service: str, tmp_path: Path) -> None:
    _amend(in_service, tmp_path)
    files = _packs("addendum")
    sha256 = hashlib.sha256(files["pdf"]).hexdigest()
    assert {q.document_sha256 for q in open_decisions(in_service)} == {sha256}
    assert all("addendum" in q.question for q in open_decisions(in_service))
    factories.answer(in_service, "plan")
    with reading() as session:
        assert session.exec(select(ContractAmendment.document_sha256)).one() == sha256
        accepted = session.exec(select(Decision).where(Decision.document_sha256 == sha256)).all()
    assert [decision.verdict for decision in accepted] == ["accepted", "accepted"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("amendscontractNo.TG-2027/contract-1", "takeseffecton2027-07-01", "Post Cleaner (cleaner): heads", "Morecleaners")),
        ("zh", ("第TG-2027/contract-1号合同", "自2027-07-01起生效", "岗位“保洁员”（cleaner）：人数", "变更原因：")),
    ],
)  # fmt: skip
def test_the_addendum_names_contract_day_changes_and_instalments(
    sqlite_database: Path, tmp_path: Path, language: str, said: tuple[str, ...]
) -> None:
    code = factories.create_engagement(language=language)
    factories.survey_the_building(code, tmp_path)
    factories.bring_into_service(code)
    _amend(code, tmp_path)
    files = _packs("addendum")
    text = pdf_text(files["pdf"])
    for words in (*said, "TG-2027/contract-1/A2", hashlib.sha256(_packs("plan")["pdf"]).hexdigest()):
        assert words.replace(" ", "") in text
    factories.answer(code, "plan")
    with reading() as session:
        for instalment in session.exec(select(Instalment)).all():
            assert f"{instalment.amount:,.2f}" in text, "what was carried out is what was read"
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(files["xlsx"]))
    cells = {
        str(c)
        for name in sheets.sheet_names
        for row in sheets.get_sheet_by_name(name).to_python()
        for c in row
    }
    assert any("cleaner" in cell for cell in cells)
    assert len(PdfReader(io.BytesIO(files["pdf"])).pages) >= 2


def test_the_mail_brings_addendum_and_amended_plan_and_nothing_is_issued_twice(
    sqlite_in_service: str, tmp_path: Path
) -> None:
    file = _amend(sqlite_in_service, tmp_path)
    assert import_plan(sqlite_in_service, file, JULY).state == "known"
    with reading() as session:
        assert len(session.exec(select(Pack).where(Pack.kind == "addendum")).all()) == 2
        mails = session.exec(select(OutboxMail).where(OutboxMail.kind == "decision-plan")).all()
    amending = [mail for mail in mails if mail.period == "2"]
    assert len(amending) == 2
    assert {len(mail.attachments) for mail in amending} == {4}, "addendum and plan, each as PDF and workbook"
