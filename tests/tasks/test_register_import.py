"""Does a handed-over register come in whole or not at all, once, with every doubt kept? (A3)"""

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel, select

from deployments.sample.workbook import build_workbook
from models.db import engine, reading
from models.diligence import DocumentItem
from models.faults import InjectedFault
from models.register import Asset, AssetJob, AssetType, Place, RegisterImport, StoredFile
from tasks.documents import LEDGER, list_expected_documents, receive_document
from tasks.files import read_file
from tasks.quarantine import quarantine_of
from tasks.register_import import RegisterRefused, check_register, take_in_register
from tests import factories
from tests.databases import environment

ROOT = Path(__file__).resolve().parents[2]
DUPLEX = ROOT.parent / "shared" / "data" / "cobie" / "2012-03-23-Duplex-Handover.xlsx"
BAD_COMPONENTS = (
    *factories.REGISTER["Component"],
    ("LIFT-1", "Passenger lift", "1F-LOBBY", "The same name again", "L9", "2021-11-16"),
    ("GHOST-1", "No such type", "1F-LOBBY", "Of a type nobody knows", "G1", "2021-11-16"),
    ("PUMP-9", "Domestic pump", "B1-PUMP", "With an impossible date", "P9", "31 February"),
)


def test_what_stands_in_the_workbook_stands_in_the_ledger(database: str, tmp_path: Path) -> None:
    code = factories.create_engagement()
    file = factories.write_register(tmp_path / "register.xlsx")
    summary = take_in_register(code, file)
    assert summary.rejections == []
    with reading() as session:
        assets = {asset.tag: asset for asset in session.exec(select(Asset)).all()}
        assert set(assets) == {"LIFT-1", "LIFT-2", "PUMP-1", "FIRE-1", "CAM-1", "CAM-2", "DB-1"}
        lift = assets["LIFT-2"]
        assert (lift.serial_number, str(lift.installed_on), lift.place_code) == (
            "L2",
            "2016-09-09",
            "1F-LOBBY",
        )
        assert lift.element_class == "lift"
        assert lift.in_order
        kinds = session.exec(select(AssetType).where(AssetType.name == "Passenger lift")).one()
        assert (str(kinds.replacement_cost), kinds.expected_life_years) == ("420000.00", 15)
        jobs = dict(session.exec(select(AssetJob.name, AssetJob.rrule)).all())
        assert set(jobs) == {"Lift service", "Pump service"}
        assert all(jobs.values())
        assert {place.code for place in session.exec(select(Place)).all()} >= {"site", "B1", "B1-PUMP"}
        manual = session.exec(select(DocumentItem).where(DocumentItem.title == "Lift manual")).one()
        assert manual.state == "partial", "a register that names a paper does not hand it over"
    assert read_file(summary.sha256) == file.read_bytes(), "the file itself is kept under its hash"


def test_the_register_is_the_equipment_ledger_and_is_not_asked_for(
    sqlite_database: Path, tmp_path: Path
) -> None:
    code = factories.create_engagement()
    list_expected_documents.fn(code)
    summary = take_in_register(code, factories.write_register(tmp_path / "register.xlsx"))
    list_expected_documents.fn(code)
    with reading() as session:
        ledger = session.exec(select(DocumentItem).where(DocumentItem.ref == LEDGER)).one()
    assert (ledger.state, ledger.evidence, ledger.file_name) == (
        *("received", summary.sha256, "register.xlsx"),
    )
    receive_document(code, LEDGER, "partial", "client", "box 3", factories.SURVEYED_ON)
    list_expected_documents.fn(code)
    with reading() as session:
        ledger = session.exec(select(DocumentItem).where(DocumentItem.ref == LEDGER)).one()
    assert (ledger.state, ledger.evidence) == ("partial", "box 3"), "what a person says of it stays"


def test_the_same_file_again_changes_nothing(database: str, tmp_path: Path) -> None:
    code = factories.create_engagement()
    file = factories.write_register(tmp_path / "register.xlsx")
    first = take_in_register(code, file)
    before = _row_counts()
    copy = tmp_path / "under another name.xlsx"
    copy.write_bytes(file.read_bytes())
    again = take_in_register(code, copy)
    assert (first.already_imported, again.already_imported) == (False, True)
    assert _row_counts() == before


def test_a_changed_register_adds_what_is_new_and_keeps_what_was_known(database: str, tmp_path: Path) -> None:
    code = factories.create_engagement()
    take_in_register(code, factories.write_register(tmp_path / "one.xlsx"))
    more = (*factories.REGISTER["Component"], ("CAM-3", "CCTV camera", "B1-CAR", "New", "C3", "2026-01-01"))
    take_in_register(code, factories.write_register(tmp_path / "two.xlsx", Component=more))
    with reading() as session:
        assert len(session.exec(select(Asset)).all()) == 8
        assert len(session.exec(select(RegisterImport)).all()) == 2


def test_an_import_that_fails_half_way_leaves_no_row(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = factories.create_engagement()
    file = factories.write_register(tmp_path / "register.xlsx")
    before = _row_counts()
    marker = tmp_path / "faults-are-on"
    marker.touch()
    with (
        environment(STEWARD_FAULT="ingest.row:1:raise", STEWARD_FAULT_MARKER=str(marker)),
        pytest.raises(InjectedFault),
    ):
        monkeypatch.setattr("models.faults._seen", {})
        take_in_register(code, file)
    assert _row_counts() == before
    assert not take_in_register(code, file).already_imported, "afterwards it comes in as if nothing had been"
    assert _row_counts()["asset"] == 7


def test_doubted_rows_are_kept_aside_with_place_value_and_reason(database: str, tmp_path: Path) -> None:
    code = factories.create_engagement()
    file = factories.write_register(tmp_path / "register.xlsx", Component=BAD_COMPONENTS)
    summary = take_in_register(code, file)
    rows = quarantine_of(code)
    assert len(rows) == len(summary.rejections) >= 3
    kept = {(row.sheet, row.row, row.column): row for row in rows}
    assert kept[("Component", 9, "Name")].value == "LIFT-1"
    assert kept[("Component", 10, "TypeName")].value == "No such type"
    assert kept[("Component", 11, "InstallationDate")].value == "31 February"
    assert all(row.expected for row in rows)
    with reading() as session:
        tags = set(session.exec(select(Asset.tag)).all())
    assert "GHOST-1" not in tags
    assert "PUMP-9" in tags, "a doubtful date does not cost the asset"


def test_a_check_writes_nothing(database: str, tmp_path: Path) -> None:
    factories.create_engagement()
    before = _row_counts()
    summary = check_register(factories.write_register(tmp_path / "register.xlsx", Component=BAD_COMPONENTS))
    assert len(summary.rejections) >= 3
    assert _row_counts() == before


@pytest.mark.parametrize("content", [b"", b"no workbook at all", b"PK\x03\x04 half a zip"])
def test_a_file_that_is_no_workbook_is_refused_by_name(database: str, tmp_path: Path, content: bytes) -> None:
    code = factories.create_engagement()
    file = tmp_path / "holiday-photo.xlsx"
    file.write_bytes(content)
    before = _row_counts()
    with pytest.raises(RegisterRefused, match=r"holiday-photo.xlsx"):
        take_in_register(code, file)
    assert _row_counts() == before


def test_a_workbook_that_is_no_register_is_refused_and_says_what_was_expected(home: Path) -> None:
    import xlsxwriter

    file = home / "budget.xlsx"
    with xlsxwriter.Workbook(file) as workbook:
        workbook.add_worksheet("Sheet1").write_string(0, 0, "Expenses 2027")
    with pytest.raises(RegisterRefused, match=r"budget.xlsx"):
        check_register(file)
    with pytest.raises(RegisterRefused, match="no such file"):
        check_register(home / "missing.xlsx")


def test_the_bundled_sample_comes_in_without_a_doubt(database: str, tmp_path: Path) -> None:
    code = factories.create_engagement()
    summary = take_in_register(code, build_workbook(tmp_path))
    assert summary.rejections == []
    with reading() as session:
        assert 280 <= len(session.exec(select(Asset)).all()) <= 330
        assert len(session.exec(select(StoredFile)).all()) == 1


def test_the_public_duplex_register_comes_in_with_its_doubts_named(database: str) -> None:
    if not DUPLEX.exists():
        pytest.skip("the public Duplex workbook is not on this machine")
    code = factories.create_engagement()
    summary = take_in_register(code, DUPLEX)
    with reading() as session:
        assets = len(session.exec(select(Asset)).all())
    accepted = {count["sheet"]: count["accepted"] for count in summary.counts}
    assert assets == accepted["Component"] > 100
    assert len(quarantine_of(code)) == len(summary.rejections)


def _row_counts() -> dict[str, int]:
    with engine().connect() as connection:
        return {
            table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in SQLModel.metadata.sorted_tables
        }
