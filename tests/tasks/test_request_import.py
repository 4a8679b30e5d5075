"""Is every row of a file of requests accounted for, whatever cities publish, and recorded once? (B6)"""

import csv
import statistics
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from sqlmodel import select

from models.db import reading
from models.service_desk import RequestEvent, RequestRowDoubt, ServiceRequest
from models.work import WorkOrder
from tasks.request_analysis import analysis, reading_requests
from tasks.request_file import RequestFileRefused
from tasks.request_import import RequestImport, record_requests
from tasks.request_report import write_report
from tasks.workbook import read_workbook

ROOT = Path(__file__).resolve().parents[2]
BOSTON = ROOT.parent / "shared" / "data" / "service-requests" / "boston311-100.csv"
HEAD = ("case_enquiry_id", "open_dt", "target_dt", "closed_dt", "ontime", "case_status", "case_title", "type")
CLOSED = (
    "1",
    "2022-01-03 08:00:00",
    "2022-01-04 08:00:00",
    "2022-01-03 20:00:00",
    "ONTIME",
    "Closed",
    "Pothole",
    "Road",
)
OPEN = ("2", "2022-01-03 09:00:00", "2022-01-04 09:00:00", "", "OVERDUE", "Open", "Graffiti", "Wall")
LATE = (
    "3",
    "2022-01-01 09:00:00",
    "2022-01-02 09:00:00",
    "2022-01-11 09:00:00",
    "OVERDUE",
    "Closed",
    "Light",
    "Road",
)


def test_the_figures_of_a_real_file_are_those_a_few_lines_of_csv_give() -> None:
    if not BOSTON.is_file():
        pytest.skip("the shared example files are not here")
    with BOSTON.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    hours = sorted(
        (_boston(row["closed_dt"]) - _boston(row["open_dt"])) / 3600 for row in rows if row["closed_dt"]
    )
    found = _analysed(BOSTON)
    assert (found["taken"], found["open"], found["closed"], found["quarantined"]) == (100, 15, 85, 0)
    assert found["median_hours"] == round(statistics.median(hours), 2) == 16.16
    assert found["p90_hours"] == round(statistics.quantiles(hours, n=10, method="inclusive")[8], 2) == 152.28
    assert (
        found["closed_within"]["24h"]["of_closed"]["numerator"] == sum(value <= 24 for value in hours) == 58
    )
    assert (
        found["closed_within"]["72h"]["of_closed"]["numerator"] == sum(value <= 72 for value in hours) == 71
    )
    assert found["on_time_as_published"] == {"numerator": 83, "denominator": 100, "share": 0.83}
    assert found["on_time"] == {
        "numerator": 72, "denominator": 88, "share": 0.8182, "without_due_time": 11, "not_decided": 1,
    }  # fmt: skip


def _boston(text: str) -> float:
    return (
        datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZoneInfo("America/New_York")).timestamp()
    )


def test_shares_say_their_denominator_and_nothing_is_not_zero(tmp_path: Path) -> None:
    found = _analysed(_file(tmp_path, CLOSED, OPEN, LATE))
    assert found["on_time"]["share"] == round(1 / 3, 4)
    assert found["on_time"]["denominator"] == 3
    assert found["closed_within"]["24h"]["of_closed"] == {"numerator": 1, "denominator": 2, "share": 0.5}
    assert found["closed_within"]["24h"]["of_due"]["denominator"] == 3
    only_open = _analysed(_file(tmp_path, (*OPEN[:2], "", *OPEN[3:])))
    assert only_open["median_hours"] is None
    assert only_open["on_time"] == {
        "numerator": 0, "denominator": 0, "share": None, "without_due_time": 1, "not_decided": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "column", "expected"),
    [
        pytest.param({"closed_dt": "2022-01-02 08:00:00"}, "closed_dt", "before the opening", id="closed before opened"),
        pytest.param({"open_dt": ""}, "open_dt", "when the request came in", id="not opened"),
        pytest.param({"open_dt": "2022-02-30 08:00:00"}, "open_dt", "no day of the calendar", id="no such day"),
        pytest.param({"closed_dt": ""}, "closed_dt", "the state is 'Closed'", id="closed without a time"),
        pytest.param({"case_status": "Open"}, "closed_dt", "the state is 'Open'", id="open with a closing time"),
        pytest.param({"case_status": "Lost"}, "case_status", "one of closed, open", id="unknown state"),
        pytest.param({"closed_dt": "2922-01-03 08:00:00"}, "closed_dt", "year 2922", id="no such year"),
        pytest.param({"closed_dt": "2122-01-03 08:00:00"}, "closed_dt", "in the future", id="in the future"),
        pytest.param({"case_enquiry_id": " "}, "case_enquiry_id", "1 to 64 characters", id="no number"),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_and_the_good_ones_are_kept(
    tmp_path: Path, changes: dict[str, str], column: str, expected: str
) -> None:
    bad = tuple(changes.get(name, value) for name, value in zip(HEAD, CLOSED, strict=True))
    found = _analysed(_file(tmp_path, bad, OPEN))
    assert (found["taken"], found["quarantined"]) == (1, 1)
    (doubt,) = found["not_taken"]
    assert (doubt["row"], doubt["column"]) == (2, column)
    assert expected in doubt["expected"]
    assert doubt["value"] == changes.get(column, CLOSED[HEAD.index(column)]).strip()


def test_the_same_row_again_is_ignored_a_later_state_counts_and_a_contradiction_does_not(
    tmp_path: Path,
) -> None:
    settled = (*OPEN[:3], "2022-01-04 08:00:00", "ONTIME", "Closed", *OPEN[6:])
    other = (*CLOSED[:3], "2022-01-03 21:00:00", *CLOSED[4:])
    found = _analysed(_file(tmp_path, CLOSED, OPEN, CLOSED, settled, other))
    assert (found["rows"], found["taken"], found["duplicates"], found["later_states"]) == (5, 2, 1, 1)
    assert [(row["row"], row["what"], row["first_row"]) for row in found["repeated"]] == [
        (4, "duplicate", 2),
        (5, "later", 3),
    ]
    assert [(row["row"], row["value"]) for row in found["not_taken"]] == [(6, "1")]
    assert "row 2, but it was closed at another time" in found["not_taken"][0]["expected"]
    assert found["open"] == 0


@pytest.mark.parametrize(
    ("dates", "order", "opened"),
    [
        pytest.param(("13/01/2022 08:00", "04/02/2022 09:00"), "dmy", "2022-02-04", id="a day above 12 decides"),
        pytest.param(("01/13/2022 08:00:00 AM", "04/02/2022 09:00:00 PM"), "mdy", "2022-04-02", id="a month first"),
        pytest.param(("2022/1/13 8:00", "2022年4月2日 9:00"), "ymd", "2022-04-02", id="the year first"),
        pytest.param(("13.01.2022 08:00", "2022-02-04T09:00:00Z"), "dmy", "2022-02-04", id="points, and an offset"),
    ],
)  # fmt: skip
def test_the_order_of_day_and_month_is_read_from_the_whole_file(
    tmp_path: Path, dates: tuple[str, str], order: str, opened: str
) -> None:
    file = _desk(tmp_path, *((str(number), date, "") for number, date in enumerate(dates)))
    with reading_requests(file, "desk") as read:
        assert read.order == order
        assert analysis(read)["quarantined"] == 0
        last = list(read.kept.requests())[-1]
    assert datetime.fromtimestamp(last["opened"], ZoneInfo("Asia/Shanghai")).date().isoformat() == opened


def test_a_file_whose_dates_could_be_read_both_ways_is_refused_until_the_order_is_said(
    tmp_path: Path,
) -> None:
    file = _desk(tmp_path, ("1", "03/04/2022 08:00", "05/04/2022 08:00"))
    with pytest.raises(RequestFileRefused, match=r"r.csv: 2 of the dates could be.*--date-order dmy or mdy"):
        _analysed(file, "desk")
    for order, hours in (("dmy", 2 * 24.0), ("mdy", 61 * 24.0)):
        assert _analysed(file, "desk", date_order=order)["median_hours"] == hours
    mixed = _desk(tmp_path, ("1", "13/04/2022 08:00", ""), ("2", "04/13/2022 08:00", ""))
    with pytest.raises(RequestFileRefused, match="row 2 can only be day first, row 3 only month first"):
        _analysed(mixed, "desk")
    assert _analysed(mixed, "desk", date_order="dmy")["quarantined"] == 1


def test_a_day_without_a_time_gives_no_hours_but_counts(tmp_path: Path) -> None:
    found = _analysed(
        _desk(tmp_path, ("1", "2022-04-01", "2022-04-02"), ("2", "2022-04-01 08:00", "2022-04-01 09:00")),
        "desk",
    )
    assert (found["closed"], found["measurable"], found["median_hours"]) == (2, 1, 1.0)
    assert found["notes"]["day_without_time"] == 1
    midnights = _analysed(
        _desk(
            tmp_path,
            ("1", "2022-04-01 08:00", "2022-04-02 00:00"),
            ("2", "2022-04-01 08:00", "2022-04-03 00:00"),
        ),
        "desk",
    )
    assert midnights["notes"]["times_all_midnight"] is True
    assert (midnights["closed"], midnights["measurable"], midnights["median_hours"]) == (2, 0, None)
    days = _analysed(_desk(tmp_path, ("1", "2022-04-01", "2022-04-02"), ("2", "2022-04-01", "")), "desk")
    nothing = {"numerator": 0, "denominator": 0, "share": None}
    assert days["closed_within"]["24h"] == {"of_closed": nothing, "of_due": nothing}, (
        "not 0 % of the one open"
    )


def test_clock_changes_are_read_by_one_rule_and_counted(tmp_path: Path) -> None:
    spring = ("1", "2022-03-13 01:30:00", "", "2022-03-13 03:30:00", "", "Closed", "", "")
    skipped = ("2", "2022-03-13 02:30:00", "", "2022-03-13 04:00:00", "", "Closed", "", "")
    autumn = ("3", "2022-11-06 00:30:00", "", "2022-11-06 01:30:00", "", "Closed", "", "")
    second = ("4", "2022-11-06 01:45:00", "", "2022-11-06 01:15:00", "", "Closed", "", "")
    with reading_requests(_file(tmp_path, spring, skipped, autumn, second), "boston311") as read:
        hours = [(row["closed"] - row["opened"]) / 3600 for row in read.kept.requests()]
        notes = read.kept.notes
    assert hours == [1.0, 0.5, 1.0, 0.5]
    assert (notes["repeated_hour"], notes["skipped_hour"]) == (2, 1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters_make_no_difference(tmp_path: Path, encoding: str, delimiter: str) -> None:
    row = (*CLOSED[:6], "Café; trottoir, né|à", "Rue")
    file = _file(tmp_path, row, OPEN, encoding=encoding, delimiter=delimiter)
    with reading_requests(file, "boston311") as read:
        assert [found["text"] for found in read.kept.requests()] == ["Café; trottoir, né|à", "Graffiti"]
        assert read.file.delimiter == delimiter


def test_the_desks_own_form_is_read_in_chinese(tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text(
        "编号,受理时间,办结时间,状态,性质,内容\nA1,2026-01-05 09:00,2026-01-05 11:00,已办结,投诉,楼道有垃圾\n",
        encoding="gb18030",
    )
    with reading_requests(file, "desk", zone="Asia/Shanghai") as read:
        (row,) = read.kept.requests()
    assert (row["kind"], row["text"], row["closed"] - row["opened"]) == ("complaint", "楼道有垃圾", 7200)


def test_personal_data_are_listed_by_row_and_kind_and_shown_nowhere(tmp_path: Path) -> None:
    private = (
        "Call 617-555-0142 or me@home.example, card 4111 1111 1111 1111, 13812345678, 11010519491231002X"
    )
    file = _file(tmp_path, (*CLOSED[:6], private, "Road"), (*OPEN[:5], "me@home.example", *OPEN[6:]))
    with reading_requests(file, "boston311") as read:
        found = analysis(read)
        (row,) = read.kept.requests()
        write_report(tmp_path / "report.xlsx", read, found)
    assert row["text"] == "Call [telephone] or [email], card [bank card], [telephone], [identity number]"
    assert [(entry["row"], entry["column"]) for entry in found["personal_data"]] == [(2, "case_title")]
    shown = str(found) + str(read_workbook(tmp_path / "report.xlsx"))
    for secret in ("617-555", "home.example", "4111", "1381234", "1101051949"):
        assert secret not in shown


def test_texts_that_look_like_formulas_stay_texts_and_formulas_are_not_read(tmp_path: Path) -> None:
    live = (*CLOSED[:6], '=HYPERLINK("http://example.com")', "=1+1")
    with reading_requests(_file(tmp_path, live), "boston311") as read:
        write_report(tmp_path / "report.xlsx", read, analysis(read))
    assert read_workbook(tmp_path / "report.xlsx")["Taken"][1][9] == '=HYPERLINK("http://example.com")'
    book = tmp_path / "requests.xlsx"
    with xlsxwriter.Workbook(book) as made:
        sheet = made.add_worksheet()
        for number, row in enumerate((HEAD, CLOSED, OPEN)):
            for column, text in enumerate(row):
                sheet.write_string(number, column, text)
        sheet.write_formula(2, 1, "=NOW()", None, "2022-01-03 09:00:00")
    found = _analysed(book)
    assert (found["taken"], found["quarantined"]) == (1, 1)
    assert "formula in B3" in found["not_taken"][0]["expected"]


def test_a_quote_that_is_not_closed_costs_its_row_and_is_named(tmp_path: Path) -> None:
    file = _file(tmp_path, CLOSED, OPEN)
    file.write_text(file.read_text() + '4,"2022-01-03 08:00:00" x,,,,Open,,\n' + ",".join(LATE) + "\n")
    found = _analysed(file)
    assert (found["taken"], found["quarantined"]) == (3, 1)
    assert found["not_taken"][0]["row"] == 4
    file.write_text(
        ",".join(HEAD) + "\n" + ",".join(CLOSED) + '\n5,"2022-01-03 08:00:00,,,,Open,,\n' + ",".join(LATE)
    )
    found = _analysed(file)
    assert (found["taken"], found["quarantined"]) == (1, 1)
    assert "up to row 4" in found["not_taken"][0]["expected"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"PK\x03\x04\x00\x00", "no text", id="binary"),
        pytest.param(
            b"a,b\n1,2\n", "columns are missing for the preset boston311; expected id as", id="other columns"
        ),
        pytest.param(
            b"case_enquiry_id,open_dt,open_dt,closed_dt\n", "stands there twice", id="a column twice"
        ),
        pytest.param(
            b"case_enquiry_id,open_dt,closed_dt\n\x81\xff", "not text in utf-8-sig or cp1252", id="no text"
        ),
        pytest.param(
            b"case_enquiry_id,open_dt,closed_dt\n" + b"x" * 1_000_002, "longer than", id="an endless line"
        ),
    ],
)
def test_a_file_that_is_none_is_refused_in_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "r.csv"
    file.write_bytes(content)
    with pytest.raises(RequestFileRefused, match=said):
        _analysed(file)


def test_requests_are_recorded_once_with_their_events_and_bad_rows_are_kept_too(
    in_service: str, tmp_path: Path
) -> None:
    bad = ("9", "yesterday", *CLOSED[2:])
    file = _file(tmp_path, CLOSED, OPEN, LATE, bad)
    first = _recorded(in_service, file)
    again = _recorded(in_service, file)
    assert (first.recorded, first.known_before) == (3, 0)
    assert (again.recorded, again.updated, again.known_before) == (0, 0, 3)
    with reading() as session:
        rows = session.exec(select(ServiceRequest).order_by(ServiceRequest.number)).all()
        assert [(row.number, row.state, row.category) for row in rows] == [
            ("boston311:1", "closed", "Road"),
            ("boston311:2", "received", "Wall"),
            ("boston311:3", "closed", "Road"),
        ]
        assert rows[0].received_at == datetime(2022, 1, 3, 13, tzinfo=UTC)
        assert rows[0].resolution_due_at == datetime(2022, 1, 4, 13, tzinfo=UTC)
        assert rows[0].response_due_at is None
        events = session.exec(select(RequestEvent).where(RequestEvent.request_id == rows[0].id)).all()
        assert [event.event for event in events] == ["received", "resolved", "closed"]
        assert [(d.row, d.column) for d in session.exec(select(RequestRowDoubt)).all()] == [(5, "open_dt")]
        assert session.exec(select(WorkOrder).where(WorkOrder.clause == "B6")).all() == []


def test_later_files_bring_events_and_older_ones_undo_nothing(in_service: str, tmp_path: Path) -> None:
    old = _file(tmp_path, CLOSED, OPEN, name="old.csv")
    settled = (*OPEN[:3], "2022-01-05 08:00:00", "OVERDUE", "Closed", *OPEN[6:])
    reopened = (*CLOSED[:3], "", "OVERDUE", "Open", *CLOSED[6:])
    new = _file(tmp_path, reopened, settled, name="new.csv")
    _recorded(in_service, old)
    assert _recorded(in_service, new).updated == 2
    for file in (new, old):
        done = _recorded(in_service, file)
        assert (done.recorded, done.updated, done.contradicting) == (0, 0, 0)
    with reading() as session:
        first, second = session.exec(select(ServiceRequest).order_by(ServiceRequest.number)).all()
    assert (first.state, first.reopened_count, second.state) == ("responded", 1, "closed")
    changed = (CLOSED[0], "2022-01-03 07:00:00", *CLOSED[2:])
    done = _recorded(in_service, _file(tmp_path, changed, name="changed.csv"))
    assert (done.updated, done.contradicting) == (0, 1)
    assert done.contradictions[0]["column"] == "opened"


def _recorded(code: str, file: Path) -> RequestImport:
    with reading_requests(file, "boston311") as read:
        return record_requests(code, read)


def _analysed(file: Path, preset: str = "boston311", **options: Any) -> dict[str, Any]:
    with reading_requests(file, preset, **options) as read:
        found = analysis(read)
    assert (
        found["rows"] == found["taken"] + found["duplicates"] + found["later_states"] + found["quarantined"]
    )
    return found


def _file(
    folder: Path, *rows: tuple[str, ...], name: str = "r.csv", encoding: str = "utf-8", delimiter: str = ","
) -> Path:
    file = folder / name
    with file.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows((HEAD, *rows))
    return file


def _desk(folder: Path, *rows: tuple[str, str, str]) -> Path:
    file = folder / "r.csv"
    lines = ["number,received,settled", *(",".join(row) for row in rows)]
    file.write_text("\n".join(lines), encoding="utf-8")
    return file
