"""How does work go into the field on a sheet, and come back filled in? Written, read row by row, once (B2-B5)."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.audit import record_event
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import Terminal
from models.rules.field_records import Outcome
from models.rules.file_values import ValueDoubted, plain_text, read_amount, read_date
from models.rules.handover_sheet import word_key
from models.rules.periods import Period
from models.rules.work_sheet import (
    CHECK_COLUMNS,
    CHECK_REQUIRED,
    REQUIRED,
    RESULT_WORDS,
    WORK_COLUMNS,
    sheet_mark,
)
from models.service_plan import PlanPost
from models.work import WorkOrder
from reports.code_labels import scanned_order
from reports.pack import Pack
from reports.words import voice_of
from reports.work_sheet import SheetCheck, SheetOrder, work_form, work_sheet_pack
from tasks.check_readings import CheckDoubted, SaidCheck, judged_check
from tasks.condition_photos import PhotoRefused, read_photo
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.plans_in_force import plan_in_force
from tasks.references import is_known_person
from tasks.routes import routes_in
from tasks.row_quarantine import keep_doubts
from tasks.sheet_rows import RowDoubt, SheetRefused, SheetRow, TableRead, read_table
from tasks.work_entries import TakenPhoto
from tasks.work_orders import still_to_do
from tasks.work_records import (
    MAX_PHOTOS,
    FieldNote,
    WorkRefused,
    complete_in,
    order_named,
    reject_in,
)

MOST_ORDERS = 2_000
_PERSONAL = ("by", "note", "reason", "photos")
"""Cells in which a name may stand: their text is not repeated in a message."""
CHECKED = "answer (rounds)"
"""The column of the sheet of the rounds, in messages."""
_TIME = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)(?::[0-5]\d)?")


@dataclass(frozen=True)
class SheetImport:
    """What became of a sheet: rows = recorded + sent back + as before + empty + not taken."""

    file: str
    sha256: str
    rows: int
    recorded: int
    sent_back: int
    as_before: int
    empty: int
    photos: int
    doubts: tuple[RowDoubt, ...]
    dry_run: bool

    @property
    def not_taken(self) -> int:
        """Rows that were refused."""
        return self.rows - self.recorded - self.sent_back - self.as_before - self.empty

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return asdict(self) | {"not_taken": self.not_taken}


def work_sheet(code: str, post: str, month: str) -> tuple[bytes, Pack, int]:
    """The open orders of a post that are due up to the end of a month, as a workbook to fill in and on paper.

    Args:
        code: the engagement.
        post: the post whose orders they are.
        month: such as 2027-03.

    Returns:
        The workbook, the same as a pack, and the number of orders.

    Raises:
        Terminal: the plan in force has no such post, or the month holds more orders than a sheet can.
    """
    try:
        period = Period.parse(month)
    except ValueError as error:
        raise Terminal(f"{month!r} is no month; expected one such as 2027-03.") from error
    with reading() as session:
        engagement = find_engagement(session, code)
        key, today = engagement_id(engagement), business_today(engagement)
        voice = voice_of(engagement)
        posts = {
            row.code: voice(row.title_en, row.title_zh)
            for row in session.exec(
                select(PlanPost).where(PlanPost.plan_id == plan_in_force(session, key, period.last))
            ).all()
        }
        if post not in posts:
            raise Terminal(f"{post!r} is no post of the plan; expected one of {', '.join(posts) or 'none'}.")
        rows = session.exec(
            select(WorkOrder)
            .where(
                WorkOrder.engagement_id == key,
                WorkOrder.post_code == post,
                still_to_do(),
                WorkOrder.due_on <= period.last,
            )
            .order_by(col(WorkOrder.due_on), col(WorkOrder.target_code), col(WorkOrder.series))
            .limit(MOST_ORDERS + 1)
        ).all()
        if len(rows) > MOST_ORDERS:
            raise Terminal(f"{post} has more than {MOST_ORDERS} open orders up to {period.last}.")
        orders = [SheetOrder(o.id or 0, o.title, o.target_code, o.due_on, o.latest_on) for o in rows]
        checks = _checks(session, engagement, rows)
        pack = work_sheet_pack(engagement, orders, checks, posts[post], period.label, today)
        return work_form(engagement, orders, checks, today), pack, len(orders)


def _checks(session: Session, engagement: Engagement, orders: Sequence[WorkOrder]) -> list[SheetCheck]:
    """What the rounds among the orders look at, in the order of the walk."""
    voice = voice_of(engagement)
    routes = {route.commitment.code: route.points for route in routes_in(session, engagement)}
    return [
        SheetCheck(
            order.id or 0,
            order.due_on,
            point.place,
            point.asset.tag,
            item.code,
            voice(item.label.en, item.label.zh),
            item.limits,
        )
        for order in orders
        for point in routes.get(order.series, ())
        if order.target_kind != "asset" or order.target_code == point.asset.tag
        for item in point.items
    ]


def import_work(code: str, path: Path, photos: Path | None = None, *, dry_run: bool = False) -> SheetImport:
    """Take in a filled sheet: good rows in one transaction, bad ones named; the same again changes nothing.

    Args:
        code: the engagement.
        path: the workbook made by `work_sheet`, or a CSV with its columns.
        photos: where the pictures it names lie.
        dry_run: say what would change, and write nothing, pictures included.

    Raises:
        SheetRefused: the file is no such sheet.
        WorkRefused: it is the sheet of another engagement.
    """
    table = read_table(path, WORK_COLUMNS, REQUIRED)
    checks = _said_checks(path)
    counts = {"recorded": 0, "sent_back": 0, "as_before": 0, "empty": 0, "photos": 0}
    doubts: list[RowDoubt] = []
    with reading() if dry_run else writing() as session:
        engagement = lock_engagement(session, code)
        _refuse_another(engagement, table)
        seen: set[str] = set()
        for row in table.rows:
            if not any(_cell(row, name) for name in ("result", "done", "by", "note", "reading", "reason")):
                counts["empty"] += 1
                continue
            judge = _Judge(session, engagement, row, table.sha256, photos)
            found = judge.note(seen, checks.pop(judge.number, []))
            seen.add(judge.number)
            if found is not None:
                try:
                    counts[_take(session, engagement, *found, dry_run=dry_run)] += 1
                    counts["photos"] += len(found[1].photos)
                except WorkRefused as refused:
                    judge.doubt("order", str(refused))
            doubts += judge.doubts
        doubts += [
            RowDoubt(
                number, CHECKED, "", f"belongs to order {order[:12]}, which has no result on the first sheet"
            )
            for order, said in checks.items()
            for number, _check in said
        ]
        if not dry_run:
            changed = keep_doubts(session, engagement_id(engagement), "work", table, doubts)
            if changed or counts["recorded"] or counts["sent_back"]:
                detail = {"sha256": table.sha256, **counts, "doubts": len(doubts)}
                record_event(session, engagement_id(engagement), "work.sheet_imported", code, detail)
    return SheetImport(
        file=table.file,
        sha256=table.sha256,
        rows=len(table.rows),
        doubts=tuple(doubts),
        dry_run=dry_run,
        **counts,
    )


def _said_checks(path: Path) -> dict[str, list[tuple[int, SaidCheck]]]:
    """What stands on the sheet of the rounds, by order, with the row; nothing where there is no such sheet."""
    try:
        table = read_table(path, CHECK_COLUMNS, CHECK_REQUIRED)
    except SheetRefused:
        return {}
    said: dict[str, list[tuple[int, SaidCheck]]] = {}
    for row in table.rows:
        if _cell(row, "answer"):
            check = SaidCheck(_cell(row, "asset"), _cell(row, "item"), _cell(row, "answer"))
            said.setdefault(plain_text(_cell(row, "order")), []).append((row.number, check))
    return said


def _take(
    session: Session, engagement: Engagement, order: WorkOrder, note: FieldNote, *, dry_run: bool
) -> str:
    if dry_run and note.photos:  # a picture would be kept on disk, which nothing takes back
        note = replace(note, photos=())
    if note.outcome == Outcome.REJECTED:
        return "sent_back" if reject_in(session, engagement, order, note) else "as_before"
    return "recorded" if complete_in(session, engagement, order, note) else "as_before"


def _refuse_another(engagement: Engagement, table: TableRead) -> None:
    mine = sheet_mark(engagement.code)
    for row in table.rows:
        mark = _cell(row, "sheet")
        if mark and mark != mine:
            raise WorkRefused(
                f"{table.file}, row {row.number}, column Sheet: {mark[:40]!r} is a sheet of another engagement or "
                f"edition; expected {mine!r}."
            )


def _cell(row: SheetRow, name: str) -> str:
    return row.cells.get(name, "")


class _Judge:
    """Judges one row; every reason against it is kept, so that a person mends all of them at once."""

    def __init__(
        self, session: Session, engagement: Engagement, row: SheetRow, sha256: str, folder: Path | None
    ) -> None:
        self.session, self.engagement, self.row = session, engagement, row
        self.sha256, self.folder = sha256, folder
        self.doubts: list[RowDoubt] = []
        self.number = scanned_order(plain_text(_cell(row, "order")), engagement.code)
        """The order's number, typed or scanned."""

    def note(
        self, seen: set[str], checks: Sequence[tuple[int, SaidCheck]]
    ) -> tuple[WorkOrder, FieldNote] | None:
        """The order and what the row says about it; None if it cannot be taken.

        A check in doubt holds its row back: an order is recorded whole, so that the mended sheet can be taken in.
        """
        order = self._order(seen)
        self._judge_checks(checks)
        outcome = word_key(_cell(self.row, "result"), RESULT_WORDS)
        if outcome is None:
            words = ", ".join(f"{known[0]} / {known[1]}" for known in RESULT_WORDS.values())
            self.doubt("result", f"is no result; expected one of {words}")
        who = plain_text(_cell(self.row, "by"))
        if not is_known_person(self.session, engagement_id(self.engagement), who):
            self.doubt("by", "is no reference of a person of this engagement; a name does not belong here")
        if outcome == Outcome.REJECTED and not plain_text(_cell(self.row, "reason")):
            self.doubt("reason", "is empty; expected why the work was not possible")
        day, at = self._when()
        hours, material = self._amount("hours"), self._amount("material")
        photos = self._photos()
        if order is None or outcome is None or any(not doubt.taken for doubt in self.doubts):
            return None
        return order, FieldNote(
            staff_ref=who,
            on=day,
            at=at,
            outcome=outcome,
            reading=_cell(self.row, "reading"),
            note=_cell(self.row, "note"),
            hours=hours,
            material_cost=material,
            photos=photos,
            reason=_cell(self.row, "reason"),
            source=self.sha256,
            checks=tuple(check for _number, check in checks),
        )

    def doubt(self, column: str, reason: str, *, taken: bool = False) -> None:
        """Note what is wrong with a cell."""
        value = "" if column in _PERSONAL else plain_text(_cell(self.row, column))[:80]
        self.doubts.append(RowDoubt(self.row.number, column, value, reason, taken))

    def _order(self, seen: set[str]) -> WorkOrder | None:
        text = self.number
        if not re.fullmatch(r"\d{1,9}", text):
            self.doubt("order", "is no number of an order")
            return None
        if text in seen:
            self.doubt("order", "stands in an earlier row already")
            return None
        try:
            order = order_named(self.session, self.engagement, int(text))
        except WorkRefused as refused:
            self.doubt("order", str(refused))
            return None
        if _cell(self.row, "target") != order.target_code:
            # A sorted or shifted column would put the result on another machine.
            self.doubt("target", f"is not where order {text} belongs; expected {order.target_code}")
            return None
        return order

    def _judge_checks(self, checks: Sequence[tuple[int, SaidCheck]]) -> None:
        twice: set[tuple[str, str]] = set()
        for number, check in checks:
            try:
                judged_check(self.session, engagement_id(self.engagement), check)
                if (check.asset_tag, check.item) in twice:
                    raise CheckDoubted(f"{check.item} of {check.asset_tag} stands in an earlier row already")
                twice.add((check.asset_tag, check.item))
            except CheckDoubted as doubted:
                self.doubts.append(RowDoubt(number, CHECKED, check.answer[:80], str(doubted)))

    def _when(self) -> tuple[date, datetime | None]:
        today = business_today(self.engagement)
        day = today
        try:
            if _cell(self.row, "done"):
                day = read_date(_cell(self.row, "done"), today)
        except ValueDoubted as error:
            self.doubt("done", str(error))
        written = plain_text(_cell(self.row, "time"))
        if not written:
            return day, None
        match = _TIME.fullmatch(written)
        if match is None:
            self.doubt("time", "is no time; expected one such as 09:30")
            return day, None
        zone = ZoneInfo(self.engagement.timezone)
        return day, datetime.combine(day, time(int(match[1]), int(match[2])), zone)

    def _amount(self, name: str) -> Decimal:
        try:
            return read_amount(_cell(self.row, name)) or Decimal("0.00")
        except ValueDoubted as error:
            self.doubt(name, str(error))
            return Decimal("0.00")

    def _photos(self) -> tuple[TakenPhoto, ...]:
        names = re.split(r"[;；\n]", _cell(self.row, "photos"))
        taken = []
        for name in list(dict.fromkeys(n.strip() for n in names if n.strip()))[:MAX_PHOTOS]:
            try:
                if self.folder is None:
                    raise PhotoRefused("the option --photos with the folder of this picture")
                content, media_type = read_photo(self.folder, name)
                taken.append(TakenPhoto(name, content, media_type))
            except PhotoRefused as refused:
                self.doubt("photos", f"expected {refused}; the row was taken without it", taken=True)
        return tuple(taken)
