"""Does a workbook hold the pack's own texts and figures, and never a formula?"""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from reports.cells import workbook_text
from reports.pack import Column, Pack, Section, Table
from reports.workbook import render_xlsx
from tests.reports.packs import english_pack, rich_pack


def sheets(book: bytes) -> dict[str, Sequence[Sequence[object]]]:
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(book))
    return {name: workbook.get_sheet_by_name(name).to_python() for name in workbook.sheet_names}


def inner_files(book: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def one_table(columns: tuple[Column, ...], rows: tuple[tuple[str, ...], ...]) -> Pack:
    return replace(english_pack(), sections=(Section("Sheet", tables=(Table("T", columns, rows),)),))


def test_same_pack_gives_same_bytes() -> None:
    assert render_xlsx(rich_pack()) == render_xlsx(rich_pack())


def test_sections_with_content_become_sheets_behind_a_cover() -> None:
    read = sheets(render_xlsx(rich_pack()))
    assert list(read) == ["封面", "总体结论", "财务", "工单与维护", "问题与改进"]
    assert read["封面"][0][0] == "月度服务评审报告"
    assert ["委托方", "滨河花园业主委员会"] in read["封面"]


def test_quantities_are_numbers_and_codes_stay_text() -> None:
    rows = sheets(render_xlsx(rich_pack()))["工单与维护"]
    assert rows[3][:2] == ["工单号", "位置"]
    assert rows[4][1] == "0202"
    assert rows[4][4:] == [2.5, 1235.5]
    assert rows[-1] == ["合计", "", "", "", 140.0, 50200.0]
    telephone = sheets(render_xlsx(english_pack()))["Findings"]
    assert ["13800001111", "Cleaned the roof drains", 0.985] in [row[:3] for row in telephone]


def test_absent_figure_is_said_in_words() -> None:
    rows = sheets(render_xlsx(rich_pack()))["总体结论"]
    assert ["业主满意度", "无数据", 0.85, "无数据"] in rows
    assert ["绿化成活率", 0.965, "未设目标", "达标"] in rows


def test_header_stays_in_sight_and_repeats_on_paper() -> None:
    files = inner_files(render_xlsx(rich_pack()))
    assert (
        'ySplit="4"' in files["xl/worksheets/sheet4.xml"]
        and "autoFilter" in files["xl/worksheets/sheet4.xml"]
    )
    assert "Print_Titles" in files["xl/workbook.xml"]


def test_dates_inside_are_the_day_of_issue() -> None:
    assert "2026-07-03T00:00:00Z" in inner_files(render_xlsx(rich_pack()))["docProps/core.xml"]


def test_pack_without_tables_is_a_cover_alone() -> None:
    bare = replace(rich_pack(), sections=(Section("只有文字", ("一段",)),))
    assert list(sheets(render_xlsx(bare))) == ["封面"]


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=60)
    | st.builds("{}{}".format, st.sampled_from(["=", "+", "-", "@", "＝", "\t=", " =", "{="]), st.text()),
    st.text(max_size=40),
)
def test_any_text_is_read_back_as_it_was_and_is_no_formula(text: str, heading: str) -> None:
    pack = one_table((Column("x" + heading), Column("end")), ((text, "end"),))
    pack = replace(
        pack, title=text, subtitle=text, client=text, sections=(replace(pack.sections[0], heading=heading),)
    )
    book = render_xlsx(pack)
    for name, content in inner_files(book).items():
        if name.startswith("xl/worksheets/"):
            assert "<f>" not in content and "<f " not in content and "r:id" not in content
            assert "<hyperlink" not in content or name.endswith("/sheet1.xml"), (
                "only the contents lead anywhere"
            )
    rows = list(sheets(book).values())[1]
    found = [row[0] for row in rows if row[1] == "end" and row[0] != workbook_text("x" + heading)]
    assert found == [workbook_text(text)] or (
        found == [] and workbook_text(text) == workbook_text("x" + heading)
    )


def test_the_contents_lead_to_their_sheets_whatever_they_are_called() -> None:
    pack = one_table((Column("x"),), (("1",),))
    heading = "Owner's [part] / 收 100%"
    book = render_xlsx(replace(pack, sections=(replace(pack.sections[0], heading=heading),)))
    sheets = inner_files(book)
    (name,) = [
        sheet for sheet in CalamineWorkbook.from_filelike(io.BytesIO(book)).sheet_names if "Owner" in sheet
    ]
    assert f"""location="'{name.replace("'", "''")}'!A1\"""" in sheets["xl/worksheets/sheet1.xml"].replace(
        "&#39;", "'"
    )
