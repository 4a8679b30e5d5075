"""How does the rehearsal of a plan become a workbook one can reckon with, its charts drawn by the spreadsheet? (A4)"""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from models.engagement import Engagement
from models.rules.catalogue import Engaged
from models.rules.rehearsal import Rehearsal
from models.rules.rehearsal_types import PostMonth, PostWeek
from reports.cells import GUARDED, quantity, workbook_text
from reports.rehearsal_pack import overload_row, scenario_names, scenario_table, titles_of
from reports.rehearsal_words import KINDS, assumptions, line_name
from reports.words import Voice, voice_of

Cell = str | int | Decimal | date | None
_PEAKS = 10
_DAY, _MONEY, _HOURS, _SHARE, _COUNT = "yyyy-mm-dd", "#,##0.00", "#,##0.0", "0.0%", "#,##0"
_RED, _GREEN, _INK, _ACCENT = "#B3432B", "#2C7A58", "#1F2A33", "#174A5F"


def rehearsal_workbook(
    engagement: Engagement, version: int, base: Rehearsal, changed: Sequence[Rehearsal], on: date
) -> bytes:
    """The rehearsal with every month, week and date; the same rehearsal gives the same bytes.

    Args:
        engagement: whose plan it is; its language is the workbook's.
        version: of the plan.
        base: the plan as it stands.
        changed: the scenarios.
        on: the day inside the file.
    """
    buffer = io.BytesIO()
    voice = voice_of(engagement)
    with xlsxwriter.Workbook(buffer, GUARDED) as book:
        title = voice(f"Rehearsal of plan version {version}", f"服务方案第{version}版推演")
        book.set_properties(
            {
                "title": f"{workbook_text(engagement.code)} {title}"[:255],
                "created": datetime.combine(on, datetime.min.time()),
            }
        )
        writer = _Writer(book, voice, base, titles_of(base, voice))
        writer.workload()
        writer.charts()
        writer.overloads()
        writer.peaks()
        writer.statutory()
        writer.cash()
        writer.scenarios(changed)
        writer.assumptions()
    return buffer.getvalue()


class _Writer:
    """Holds the open workbook, its formats and where the figures of the charts stand."""

    def __init__(
        self, book: xlsxwriter.Workbook, voice: Voice, run: Rehearsal, title: Mapping[str, str]
    ) -> None:
        self.book, self.voice, self.run, self.title = book, voice, run, title
        font = "Microsoft YaHei" if voice.language == "zh" else "Calibri"
        self._font = {"font_name": font, "valign": "top"}
        self._formats = {
            name: book.add_format({**self._font, "num_format": name})
            for name in (_DAY, _MONEY, _HOURS, _SHARE, _COUNT)
        }
        self._text = book.add_format({**self._font, "text_wrap": True})
        self._head = book.add_format(
            {**self._font, "bold": True, "font_color": "#FFFFFF", "bg_color": _ACCENT, "text_wrap": True}
        )
        self._bad = book.add_format({"font_color": _RED, "bold": True})
        self.staffed = [p.code for p in run.plan.posts if p.engaged == Engaged.EMPLOYED]
        self.posts = [p.code for p in run.plan.posts]
        self.work = {(entry.month.label, entry.post): entry for entry in run.workload}
        self.names = {
            "workload": voice("Workload", "工作量"),
            "charts": voice("Charts", "图表"),
            "cash": voice("Cash flow", "现金流"),
        }

    def workload(self) -> None:
        """Months down; needed, available and utilisation of each post across."""
        sheet = self.book.add_worksheet(self.names["workload"])
        say = self.voice
        blocks: tuple[tuple[str, Sequence[str], str, Callable[[PostMonth], Decimal | None]], ...] = (
            (say("needed h", "所需工时"), self.posts, _HOURS, lambda entry: entry.needed),
            (say("available h", "可用工时"), self.staffed, _HOURS, lambda entry: entry.available),
            (say("utilisation", "负荷率"), self.staffed, _SHARE, lambda entry: entry.utilisation),
            (say("carried on h", "结转工时"), self.staffed, _HOURS, lambda entry: entry.carried_out),
            (say("lapsed h", "失效工时"), self.staffed, _HOURS, lambda entry: entry.lapsed),
            (say("uncovered h", "缺岗小时"), self._around_the_clock(), _HOURS, lambda entry: entry.uncovered),
        )
        head = [say("Month", "月份")]
        looks: list[str] = [""]
        for words, posts, look, _ in blocks:
            head += [f"{self.title[code]}: {words}" for code in posts]
            looks += [look] * len(posts)
        rows = [
            [
                month.label,
                *(figure(self.work[month.label, code]) for _, posts, _, figure in blocks for code in posts),
            ]
            for month in self.run.months
        ]
        self._table(sheet, head, rows, looks)
        first = 1 + len(self.posts) + len(self.staffed)
        sheet.conditional_format(
            1,
            first,
            len(rows),
            first + len(self.staffed) - 1,
            {"type": "cell", "criteria": ">", "value": 1, "format": self._bad},
        )

    def charts(self) -> None:
        """One chart a post: what is needed as columns, what is available as a line."""
        sheet = self.book.add_worksheet(self.names["charts"])
        sheet.hide_gridlines(2)
        last = len(self.run.months)
        for number, code in enumerate(self.staffed):
            needed, available = 1 + self.posts.index(code), 1 + len(self.posts) + number
            source = self.names["workload"]
            columns = self.book.add_chart({"type": "column"})
            columns.add_series(
                {
                    "name": self.voice("needed h", "所需工时"),
                    "categories": [source, 1, 0, last, 0],
                    "values": [source, 1, needed, last, needed],
                    "fill": {"color": _GREEN},
                    "gap": 40,
                }
            )
            line = self.book.add_chart({"type": "line"})
            line.add_series(
                {
                    "name": self.voice("available h", "可用工时"),
                    "categories": [source, 1, 0, last, 0],
                    "values": [source, 1, available, last, available],
                    "line": {"color": _RED, "width": 2},
                }
            )
            columns.combine(line)
            columns.set_title({"name": workbook_text(self.title[code]), "name_font": {"size": 12}})
            columns.set_legend({"position": "bottom"})
            columns.set_y_axis({"num_format": "#,##0", "min": 0, "major_gridlines": {"visible": True}})
            columns.set_size({"width": 620, "height": 280})
            sheet.insert_chart(number // 2 * 15, number % 2 * 10, columns)

    def overloads(self) -> None:
        """Months that ask for more than the heads can work, and why."""
        say = self.voice
        sheet = self.book.add_worksheet(say("Overloaded months", "超负荷月份"))
        head = [
            say("Month", "月份"),
            say("Post", "岗位"),
            say("Needed h", "所需工时"),
            say("Available h", "可用工时"),
            say("Carried on h", "结转工时"),
            say("Raised most by", "主要原因"),
        ]
        rows = [overload_row(entry, self.title) for entry in self.run.workload if entry.overloaded]
        self._table(sheet, head, rows, ["", "", _HOURS, _HOURS, _HOURS, ""], (10, 24, 12, 12, 12, 70))

    def peaks(self) -> None:
        """The fullest weeks of each post."""
        say = self.voice
        sheet = self.book.add_worksheet(say("Peak weeks", "高峰周"))
        head = [
            say("Post", "岗位"),
            say("Week from", "周起始"),
            say("Needed h", "所需工时"),
            say("Available h", "可用工时"),
            say("Utilisation", "负荷率"),
        ]
        rows: list[list[Cell]] = []
        for code in self.posts:
            weeks = sorted(
                (week for week in self.run.weeks if week.post == code), key=lambda w: (-w.needed, w.monday)
            )
            rows += [
                [self.title[code], week.monday, week.needed, week.available, _share(week)]
                for week in weeks[:_PEAKS]
                if week.needed
            ]
        self._table(sheet, head, rows, ["", _DAY, _HOURS, _HOURS, _SHARE], (28, 13, 12, 12, 12))

    def statutory(self) -> None:
        """Every statutory due date."""
        say = self.voice
        sheet = self.book.add_worksheet(say("Statutory dates", "法定日期"))
        head = [
            say("Due", "到期"),
            say("Last of the term", "合同期最后一次"),
            say("Times", "次数"),
            say("Commitment", "承诺编号"),
            say("What", "内容"),
            say("On so many", "对象数"),
            say("Days since the last", "间隔天数"),
            say("Longest interval", "法定最长间隔"),
            say("Slack, days", "余量（天）"),
            say("Legal basis", "法律依据"),
        ]
        rows: list[list[Cell]] = [
            [
                row.due_on,
                row.last_on,
                row.count,
                row.code,
                self.title[row.code],
                row.targets,
                row.gap_days,
                row.longest_days,
                row.slack_days,
                say.basis(row.basis),
            ]
            for row in self.run.statutory
        ]
        looks = [_DAY, _DAY, _COUNT, "", "", _COUNT, _COUNT, _COUNT, _COUNT, ""]
        self._table(sheet, head, rows, looks, (12, 14, 8, 22, 44, 10, 12, 12, 10, 50))
        if rows:
            sheet.conditional_format(
                1, 8, len(rows), 8, {"type": "cell", "criteria": "<", "value": 0, "format": self._bad}
            )

    def cash(self) -> None:
        """Costs by kind, instalments and the balance, with their chart; then budget against dates line by line."""
        say, cash = self.voice, self.run.cash
        name = self.names["cash"]
        sheet = self.book.add_worksheet(name)
        kinds = [kind for kind in KINDS if any(line.kind == kind for line in cash.lines)]
        head = [
            say("Month", "月份"),
            *(say.word(KINDS, kind) for kind in kinds),
            say("Paid", "支出"),
            say("Received", "收款"),
            say("Balance", "余额"),
        ]
        rows: list[list[Cell]] = [
            [month.label, *(dict(month.costs)[k] for k in kinds), month.paid, month.received, month.balance]
            for month in cash.months
        ]
        total: list[Cell] = [say("Total", "合计")]
        total += [sum((dict(m.costs)[k] for m in cash.months), Decimal(0)) for k in kinds]
        total += [cash.cost, cash.received + cash.received_after_term, cash.final]
        self._table(sheet, head, [*rows, total], ["", *[_MONEY] * (len(kinds) + 3)])
        self._cash_chart(sheet, name, len(rows), len(kinds))
        lines = self.book.add_worksheet(say("Budget and dates", "预算与推演"))
        self._table(
            lines,
            [
                say("Kind", "类别"),
                say("Line", "项目"),
                say("By the budget", "按预算"),
                say("By the dates of the term", "按日期推演"),
                say("Difference", "差异"),
            ],
            [
                [
                    say.word(KINDS, line.kind),
                    self.title.get(line.label) or line_name(line.label, say),
                    line.budget,
                    line.rehearsed,
                    line.difference,
                ]
                for line in cash.lines
            ],
            ["", "", _MONEY, _MONEY, _MONEY],
            (16, 40, 18, 22, 16),
        )

    def _cash_chart(self, sheet: Worksheet, name: str, last: int, kinds: int) -> None:
        chart = self.book.add_chart({"type": "column"})
        for column, colour in ((kinds + 1, _RED), (kinds + 2, _GREEN)):
            chart.add_series(
                {
                    "name": [name, 0, column],
                    "categories": [name, 1, 0, last, 0],
                    "values": [name, 1, column, last, column],
                    "fill": {"color": colour},
                    "gap": 60,
                }
            )
        line = self.book.add_chart({"type": "line"})
        line.add_series(
            {
                "name": [name, 0, kinds + 3],
                "categories": [name, 1, 0, last, 0],
                "values": [name, 1, kinds + 3, last, kinds + 3],
                "line": {"color": _INK, "width": 2.25},
            }
        )
        chart.combine(line)
        chart.set_title({"name": workbook_text(self.voice("Cash flow", "现金流")), "name_font": {"size": 12}})
        chart.set_legend({"position": "bottom"})
        chart.set_x_axis({"label_position": "low"})
        chart.set_y_axis({"num_format": "#,##0"})
        chart.set_size({"width": 960, "height": 380})
        sheet.insert_chart(last + 3, 0, chart)

    def scenarios(self, changed: Sequence[Rehearsal]) -> None:
        """What each change does, beside the plan as it stands."""
        say = self.voice
        sheet = self.book.add_worksheet(say("Scenarios", "情景对比"))
        table = scenario_table(self.run, changed, say)
        head = [table.columns[0].label, table.columns[1].label]
        head += [f"{letter}: {words}" for letter, words in scenario_names(changed, say)]
        self._table(sheet, head, table.rows, [""] * len(head), (42, *[22] * (len(head) - 1)))
        row = len(table.rows) + 2
        for run in changed:
            for breach in run.breaches:
                words = say(
                    f"{breach.month} {breach.code}: {breach.missed} missed, {breach.late} late",
                    f"{breach.month} {breach.code}：未完成 {breach.missed} 件，逾期 {breach.late} 件",
                )
                self._write(sheet, row, 0, words)
                row += 1

    def assumptions(self) -> None:
        """What the rehearsal takes for granted."""
        say = self.voice
        sheet = self.book.add_worksheet(say("Assumptions", "推演假设"))
        rows = [(str(number), text) for number, text in enumerate(assumptions(self.run, say), start=1)]
        self._table(sheet, ["", say("What is assumed", "推演假设")], rows, ["", ""], (5, 120))

    def _around_the_clock(self) -> list[str]:
        return [p.code for p in self.run.plan.posts if p.round_the_clock_persons]

    def _table(
        self,
        sheet: Worksheet,
        head: Sequence[str],
        rows: Iterable[Sequence[Cell]],
        looks: Sequence[str],
        widths: Sequence[int] = (),
    ) -> None:
        """Write a table from the first cell on; a cell is text, number or date by its type and its column's look."""
        sheet.freeze_panes(1, 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        for column, words in enumerate(head):
            sheet.write_string(0, column, workbook_text(words), self._head)
            sheet.set_column(column, column, widths[column] if widths else 15)
        for number, cells in enumerate(rows, start=1):
            for column, (cell, look) in enumerate(zip(cells, looks, strict=True)):
                self._write(sheet, number, column, cell, look)

    def _write(self, sheet: Worksheet, row: int, column: int, cell: Cell, look: str = "") -> None:
        form = self._formats.get(look, self._text)
        if isinstance(cell, date):
            sheet.write_datetime(row, column, datetime.combine(cell, datetime.min.time()), form)
        elif isinstance(cell, int | Decimal):
            # Reckoned exactly; a spreadsheet holds binary numbers, and shows what the format says.
            places = Decimal("0.0001") if look in (_SHARE, _HOURS) else Decimal("0.01")
            sheet.write_number(row, column, float(Decimal(cell).quantize(places)), form)
        elif cell is not None:
            number = quantity(cell) if column or look else None
            if number is None:
                sheet.write_string(row, column, workbook_text(cell, self.voice.language), self._text)
            else:
                shown = self._formats.setdefault(
                    number.number_format,
                    self.book.add_format({**self._font, "num_format": number.number_format}),
                )
                sheet.write_number(row, column, number.value, shown)


def _share(week: PostWeek) -> Decimal | None:
    return week.needed / week.available if week.available else None
