"""Which sheet does a team take into the field? A workbook to fill in, and the same on paper (B2-B5)."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from models.engagement import Engagement
from models.rules.handover_sheet import SheetColumn
from models.rules.work_sheet import CHECK_COLUMNS, GIVEN, RESULT_WORDS, WORK_COLUMNS, sheet_mark
from reports.cells import GUARDED, workbook_text
from reports.code_labels import code_picture, order_code
from reports.pack import Column, Pack, Section, Table
from reports.sections import pack_of
from reports.words import Voice, voice_of


@dataclass(frozen=True)
class SheetOrder:
    """One open order as the sheet shows it."""

    id: int
    title: str
    target: str
    due_on: date
    latest_on: date


@dataclass(frozen=True)
class SheetCheck:
    """One thing to look at on a round."""

    order_id: int
    due_on: date
    place: str
    asset: str
    item: str
    look_at: str
    limits: str


MOST_CODES = 300
"""Codes on one paper sheet; the first orders due have them."""


def work_form(
    engagement: Engagement, orders: Sequence[SheetOrder], checks: Sequence[SheetCheck], on: date
) -> bytes:
    """The sheet as a workbook; filled in, `steward work import` reads it.

    Every cell is written as text: a title that begins with "=" stays a title.
    """
    voice = voice_of(engagement)
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, GUARDED) as book:
        book.set_properties({"created": datetime.combine(on, datetime.min.time())})
        head = book.add_format(
            {"bold": True, "font_color": "#FFFFFF", "bg_color": "#174A5F", "text_wrap": True}
        )
        given = book.add_format(
            {"text_wrap": True, "valign": "top", "font_color": "#5D6B76", "num_format": "@"}
        )
        asked = book.add_format(
            {"text_wrap": True, "valign": "top", "bg_color": "#FFF9E5", "num_format": "@", "border": 4}
        )
        sheet = book.add_worksheet(voice("Work", "作业"))
        rows = [_cells(order, engagement.code) for order in orders]
        _fill(sheet, WORK_COLUMNS, rows, (head, given, asked), voice)
        if checks:
            seen = [
                {
                    "order": str(check.order_id),
                    "due": check.due_on.isoformat(),
                    "place": check.place,
                    "asset": check.asset,
                    "item": check.item,
                    "look_at": check.look_at,
                    "limits": check.limits,
                }
                for check in checks
            ]
            round_sheet = book.add_worksheet(voice("Rounds", "巡检"))
            _fill(round_sheet, CHECK_COLUMNS, seen, (head, given, asked), voice)
        guide = book.add_worksheet(voice("How to fill in", "填写说明"))
        guide.set_column(0, 0, 110)
        for row, line in enumerate(_help(voice)):
            guide.write_string(row, 0, workbook_text(line, voice.language))
    return buffer.getvalue()


def _fill(
    sheet: Worksheet,
    columns: Sequence[SheetColumn],
    rows: Sequence[dict[str, str]],
    looks: tuple[Format, Format, Format],
    voice: Voice,
) -> None:
    head, given, asked = looks
    last = max(1, len(rows))
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width, None, {"hidden": column.key == "sheet"})
        sheet.write_string(0, place, voice(column.en, column.zh), head)
        if column.key == "result":
            words = [voice(known[0], known[1]) for known in RESULT_WORDS.values()]
            sheet.data_validation(1, place, last, place, {"validate": "list", "source": words})
    for row, cells in enumerate(rows, start=1):
        for place, column in enumerate(columns):
            look = given if column.key in GIVEN else asked
            clean = workbook_text(cells.get(column.key, ""), voice.language)
            if clean:
                sheet.write_string(row, place, clean, look)
            else:
                sheet.write_blank(row, place, None, look)
    sheet.freeze_panes(1, 3)
    sheet.autofilter(0, 0, last, len(columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _cells(order: SheetOrder, code: str) -> dict[str, str]:
    return {
        "order": str(order.id),
        "title": order.title,
        "target": order.target,
        "due": order.due_on.isoformat(),
        "latest": order.latest_on.isoformat(),
        "sheet": sheet_mark(code),
    }


def _help(voice: Voice) -> tuple[str, ...]:
    words = ", ".join(voice(known[0], known[1]) for known in RESULT_WORDS.values())
    return (
        voice("Fill in the yellow cells; leave a row alone where nothing was done.", "请填写黄色单元格；未作业的行保持空白。"),
        voice(f"Result: one of {words}. Not possible needs the reason beside it; the order stays open.", f"结果：{words}。选“无法完成”须填写原因，工单保持未完成。"),
        voice("Rounds: for each thing to look at write passed, failed or the reading; the round itself needs its row on the first sheet.", "巡检：逐项填写合格、不合格或读数；巡检工单本身须在第一张表登记。"),
        voice("By: the reference of the person, never a name.", "执行人：填写人员编号，请勿填写姓名。"),
        voice("Done on: year-month-day; time: 09:30, on the clock of the building. An empty day is the day of the import.", "完成日期：年-月-日；时间：09:30，以项目所在地为准。未填日期按导入当日计。"),
        voice("Photo files: names without folders, several with a semicolon between; send them in one folder with this sheet.", "照片：只填文件名，多个以分号隔开，与本表放在同一文件夹提交。"),
        voice("Work that was recorded before is not changed by this sheet; a correction is made with the desk.", "本表不更改已登记的作业；更正请联系服务台。"),
    )  # fmt: skip


def work_sheet_pack(
    engagement: Engagement,
    orders: Sequence[SheetOrder],
    checks: Sequence[SheetCheck],
    post_title: str,
    period: str,
    on: date,
) -> Pack:
    """The sheet on paper: one line an order, with room for result, time, person and signature."""
    voice = voice_of(engagement)
    table = Table(
        voice("Orders", "工单"),
        (
            Column(voice("Order", "工单号"), width=0.8),
            Column(voice("Work", "作业"), width=2.6),
            Column(voice("Where", "对象"), width=1.6),
            Column(voice("Due", "应完成日"), width=1.5),
            Column(voice("In time until", "按期截止"), width=1.5),
            Column(voice("Result and reading", "结果与读数"), width=1.7),
            Column(voice("Day, time, by", "日期、时间、执行人"), width=1.8),
        ),
        tuple(
            (
                str(order.id),
                order.title,
                order.target,
                order.due_on.isoformat(),
                order.latest_on.isoformat(),
                "",
                "",
            )
            for order in orders
        ),
    )
    told = (
        voice(
            "Result: done, passed, failed, or not possible with the reason. By: the reference of the person, no name.",
            "结果：完成、合格、不合格，或无法完成及原因。执行人：填写编号，不写姓名。",
        ),
    )
    return pack_of(
        engagement,
        title=voice("Work sheet", "作业单"),
        subtitle=post_title,
        period=period,
        on=on,
        sections=[
            Section(post_title, told, tables=(table,)),
            _rounds(checks, voice),
            _codes(engagement.code, orders, voice),
        ],
    )


def _rounds(checks: Sequence[SheetCheck], voice: Voice) -> Section | None:
    """What a round looks at, once for all days: the days have their lines in the list of orders."""
    points = list(dict.fromkeys((c.place, c.asset, c.item, c.look_at, c.limits) for c in checks))
    if not points:
        return None
    return Section(
        voice("Rounds: check points in order", "巡检路线与检查项"),
        tables=(
            Table(
                voice("Check points", "检查点"),
                (
                    Column(voice("Place", "位置"), width=1.4),
                    Column(voice("Asset", "设备编号"), width=1.4),
                    Column(voice("Item", "检查项"), width=1.4),
                    Column(voice("Look at", "检查内容"), width=3),
                    Column(voice("Limits", "限值"), width=1.6),
                ),
                tuple(points),
            ),
        ),
    )


def _codes(code: str, orders: Sequence[SheetOrder], voice: Voice) -> Section | None:
    if not orders:
        return None
    shown = orders[:MOST_CODES]
    told = voice(
        f"Scan a code into the column Order of the workbook. {len(shown)} of {len(orders)} orders have one here.",
        f"可将二维码扫入表格“工单号”列。本单{len(orders)}个工单中的{len(shown)}个附有二维码。",
    )
    return Section(
        voice("Codes of the orders", "工单二维码"),
        (told,),
        photographs=tuple(
            code_picture(order_code(code, o.id), f"{o.id} · {o.target}", o.due_on.isoformat()) for o in shown
        ),
        across=6,
    )
