"""Which sheet does the giver of the papers fill in? The expected list as a workbook, in the client's language (A3)."""

import io
from collections.abc import Sequence
from datetime import date, datetime

import xlsxwriter

from models.diligence import DocumentItem
from models.engagement import Engagement
from models.rules.documents import CONDITION_LABELS
from models.rules.handover_sheet import HANDOVER_COLUMNS, HANDOVER_ROLES, STATE_WORDS
from reports.cells import GUARDED, workbook_text
from reports.words import DOCUMENT_KINDS, Voice, voice_of

_GIVEN = ("ref", "title", "group", "basis")
_SPARE_ROWS = 20
"""Validation goes on below the list: people add rows."""


def document_form(engagement: Engagement, documents: Sequence[DocumentItem], on: date) -> bytes:
    """The handover sheet with what is known so far; filled in, `steward document import` reads it.

    Every cell is written as text or a whole number: a title that begins with "=" stays a title.
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
        sheet = book.add_worksheet(voice("Handover", "移交清单"))
        for place, column in enumerate(HANDOVER_COLUMNS):
            sheet.set_column(place, place, column.width)
            sheet.write_string(0, place, voice(column.en, column.zh), head)
        for row, item in enumerate(documents, start=1):
            for place, (column, text) in enumerate(zip(HANDOVER_COLUMNS, _cells(item, voice), strict=True)):
                look = given if column.key in _GIVEN else asked
                clean = workbook_text(text, voice.language)
                if clean:
                    sheet.write_string(row, place, clean, look)
                else:
                    sheet.write_blank(row, place, None, look)
        last = len(documents) + _SPARE_ROWS
        choices = {
            "received": [
                voice(STATE_WORDS[s][0], STATE_WORDS[s][i])
                for s, i in (("received", 3), ("partial", 3), ("waived", 1), ("missing", 3))
            ],
            "condition": [voice(en, zh) for en, zh in CONDITION_LABELS.values()],
        }
        for place, column in enumerate(HANDOVER_COLUMNS):
            if column.key in choices:
                sheet.data_validation(
                    1, place, last, place, {"validate": "list", "source": choices[column.key]}
                )
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, max(1, len(documents)), len(HANDOVER_COLUMNS) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        _help(book.add_worksheet(voice("How to fill in", "填写说明")), voice)
    return buffer.getvalue()


def _cells(item: DocumentItem, voice: Voice) -> tuple[str, ...]:
    place = 1 if voice.language == "zh" else 0
    state = (
        ""
        if item.state == "missing"
        else STATE_WORDS[item.state][(3 if item.state != "waived" else 1) * place]
    )
    condition = CONDITION_LABELS[item.condition][place] if item.condition in CONDITION_LABELS else ""
    role = HANDOVER_ROLES.get(item.received_from, (item.received_from, item.received_from))[place]
    taker = HANDOVER_ROLES.get(item.received_by, (item.received_by, item.received_by))[place]

    def figure(value: int | None) -> str:
        return "" if value is None else str(value)

    return (
        item.ref,
        item.title,
        voice.word(DOCUMENT_KINDS, item.kind),
        voice.basis(item.basis),
        state,
        figure(item.originals),
        figure(item.copies),
        figure(item.pages),
        condition,
        role,
        taker,
        "" if item.received_on is None else item.received_on.isoformat(),
        item.file_name,
        item.signature_ref,
        item.note,
    )


def _help(sheet: xlsxwriter.worksheet.Worksheet, voice: Voice) -> None:
    sheet.set_column(0, 0, 110)
    roles = voice(", ", "、").join(voice(words[0], words[1]) for words in HANDOVER_ROLES.values())
    words = voice(", ", "、").join(voice(en, zh) for en, zh in CONDITION_LABELS.values())
    lines = (
        voice("Fill in the yellow cells; leave a row alone where nothing was handed over.", "请填写黄色单元格；未移交的资料保持空白。"),
        voice(f"Handed over by, received by: a role ({roles}) or the reference of a recorded person, never a name.", f"移交人、接收人：填写角色（{roles}）或已登记人员的编号，请勿填写姓名。"),
        voice("Dates: year-month-day, for example 2026-11-20.", "日期：年-月-日，例如2026-11-20。"),
        voice(f"Condition: {words}.", f"完好情况：{words}。"),
        voice("File name: a name without folders; send the files in one folder with this sheet.", "文件名：不含文件夹；文件与本表放在同一文件夹一并提交。"),
        voice("Do not change the references in the first column.", "请勿修改第一列编号。"),
    )  # fmt: skip
    for row, line in enumerate(lines):
        sheet.write_string(row, 0, workbook_text(line, voice.language))
