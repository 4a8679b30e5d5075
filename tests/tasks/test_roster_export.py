"""Does the roster reach people whole, in their language, and can what leaves be taken in again? (B5)"""

import io
import re
import zipfile
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from models.db import writing
from models.errors import NotReady
from tasks.engagements import find_engagement
from tasks.mobilisation import assign_staff, record_training, training_programme, vacancies
from tasks.roster_export import roster_files
from tasks.roster_file import import_roster
from tasks.roster_planning import listed_roster, plan_roster, record_leave
from tests.reports.test_ics import read_back

MONTH = "2027-02"
FORMULA = "=HYPERLINK(1)"


def in_chinese(code: str) -> None:
    with writing() as session:
        engagement = find_engagement(session, code)
        engagement.language = "zh"
        session.add(engagement)


def text_of(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_every_shift_is_in_the_workbook_and_in_one_calendar_of_its_post_and_person(
    in_service: str, tmp_path: Path
) -> None:
    plan_roster(in_service, MONTH)
    planned = listed_roster(in_service, MONTH)
    files = roster_files(in_service, MONTH)
    assert roster_files(in_service, MONTH) == files, "the same bytes again"
    posts = {row["post"] for row in planned}
    people = {row["ref"] for row in planned}
    events = {name: read_back(content) for name, content in files.items() if name.endswith(".ics")}
    assert len(events) == len(posts) + len(people)
    for part in ("post", "person"):
        uids = [e["UID"] for name, found in events.items() if f"_{part}_" in name for e in found]
        assert len(uids) == len(set(uids)) == len(planned)
    (book,) = (content for name, content in files.items() if name.endswith(".xlsx"))
    path = tmp_path / "back.xlsx"
    path.write_bytes(book)
    found = import_roster(in_service, path)
    new, known, doubts = found.recorded, found.as_before, found.doubts
    assert (new, known, doubts) == (0, len(planned), ())


def test_one_person_gets_the_own_shifts_only(in_service: str) -> None:
    plan_roster(in_service, MONTH)
    ref = listed_roster(in_service, MONTH)[0]["ref"]
    files = roster_files(in_service, MONTH, ref=ref)
    assert [name for name in files if "_person_" in name] == [f"{in_service}_{MONTH}_person_{ref}.ics"]
    (pdf,) = (content for name, content in files.items() if name.endswith(".pdf"))
    assert set(re.findall(r"staff-[a-z_]+-[0-9]+", " ".join(text_of(pdf).split()))) == {ref}


def test_the_page_speaks_chinese_and_no_reference_becomes_a_formula(in_service: str) -> None:
    post = next(p.post_code for p in vacancies(in_service) if p.round_the_clock)
    asks = next(p.certificate for p in vacancies(in_service) if p.post_code == post)
    assign_staff(in_service, FORMULA, post, asks, date(2029, 1, 1) if asks else None, date(2027, 1, 1))
    modules = [(FORMULA, m, mark) for m, posts, mark in training_programme(in_service) if post in posts]
    record_training(in_service, modules, date(2027, 1, 1))
    record_leave(
        in_service, FORMULA, date(2027, 2, 8), date(2027, 2, 9), "a reason that is nobody's business"
    )
    in_chinese(in_service)
    plan_roster(in_service, MONTH)
    files = roster_files(in_service, MONTH, post=post)
    (pdf,) = (content for name, content in files.items() if name.endswith(".pdf"))
    text = "".join(text_of(pdf).split())
    for word in ("排班表", "人员工时", "休假", "周一", "24:00"):
        assert word in text
    assert "business" not in text
    (book,) = (content for name, content in files.items() if name.endswith(".xlsx"))
    cells = _cells(book)
    assert any("HYPERLINK" in cell for cell in cells)
    assert b"<f>" not in _raw(book)
    person = next(name for name in files if "_person_" in name and "HYPERLINK" in name)
    assert re.fullmatch(r"[\w.-]+", person)


def _cells(book: bytes) -> list[str]:
    read = CalamineWorkbook.from_filelike(io.BytesIO(book))
    return [
        str(cell)
        for name in read.sheet_names
        for row in read.get_sheet_by_name(name).to_python()
        for cell in row
    ]


def _raw(book: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist() if "worksheets/" in name)


def test_a_month_without_a_roster_is_said_in_words(in_service: str) -> None:
    with pytest.raises(NotReady, match="steward roster plan"):
        roster_files(in_service, MONTH)
    plan_roster(in_service, MONTH)
    with pytest.raises(NotReady, match="of the post moon_base"):
        roster_files(in_service, MONTH, post="moon_base")
