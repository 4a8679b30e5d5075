"""Are figures over time drawn on paper with their words, and written as figures in the workbook?"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from python_calamine import CalamineWorkbook

from reports.pack import Bar, ColumnChart, Pack, Section
from reports.pdf import render_pdf
from reports.workbook import render_xlsx
from tests.reports.reading import pdf_text

CHART = ColumnChart(
    "Balance",
    "CNY",
    (
        Bar("27-01", Decimal(-300), None, "missed"),
        Bar("27-02", Decimal(500), Decimal(400), "met"),
        Bar("27-03", None, None, "no_data"),
    ),
    "Deepest -300, at the end 500.",
)
PACK = Pack(
    title="Columns",
    subtitle="",
    engagement_code="E-1",
    property_name="House",
    client="Client",
    custodian="Custodian",
    period_label="2027",
    issued_on=date(2027, 1, 1),
    sections=(Section("Cash", over_time=(CHART,)),),
    language="en",
)


def test_the_drawing_is_said_in_words_beside_it() -> None:
    text = pdf_text(render_pdf(PACK))
    for words in ("Balance", "Deepest-300,attheend500.", "500CNY", "-300CNY"):
        assert words in text


def test_an_empty_chart_is_drawn_as_nothing() -> None:
    empty = replace(PACK, sections=(Section("Cash", over_time=(replace(CHART, bars=()),)),))
    assert "Balance" in pdf_text(render_pdf(empty))


def test_the_workbook_holds_every_figure_of_a_drawing(tmp_path: Path) -> None:
    file = tmp_path / "columns.xlsx"
    file.write_bytes(render_xlsx(PACK))
    rows = CalamineWorkbook.from_path(file).get_sheet_by_name("Cash").to_python()
    found = {row[0]: row[1] for row in rows if row[0]}
    assert "-300" in str(found["27-01"])
    assert "500" in str(found["27-02"])
    assert found["27-03"] == "no data"
