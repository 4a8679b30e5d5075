"""What do all rows of a file of requests come to, without holding them in memory? A passing SQLite file (B6)."""

import sqlite3
import tempfile
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.rules.percentiles import percentile
from models.rules.request_rows import Doubt, RequestRow, succession

_TABLES = """
create table request (
    id text primary key, digest blob, row integer, opened integer, closed integer, due integer, rough integer,
    midnight integer, on_time text, type text, kind text, text text, note text, place text, channel text
);
create table doubt (row integer, key text, column_name text, value text, expected text);
create table repeated (row integer, key text, what text, first_row integer);
create table personal (row integer, column_name text, kinds text);
"""
_INSERT = f"insert or ignore into request values ({','.join('?' * 15)})"
OPENED_ROUGH, CLOSED_ROUGH, DUE_ROUGH = 1, 2, 4
MOST_TYPES = 500


@dataclass(frozen=True)
class Share:
    """A part of a whole; no data where the whole is nothing."""

    numerator: int
    denominator: int

    @property
    def value(self) -> float | None:
        """None where there is no data, which is not 0."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True)
class Figures:
    """What some requests come to; hours are those between opening and closing by the clock on the wall."""

    taken: int
    open: int
    closed: int
    measurable: int
    """Closed, with times of day on both ends."""
    median_hours: float | None
    p90_hours: float | None
    within: dict[int, tuple[Share, Share]]
    """Hours to (of the closed and measurable, of those whose time was up or that are closed)."""
    on_time: Share
    """Met of those with a due time that is decided by `as_of`."""
    without_due: int
    undecided: int
    said_on_time: Share
    """What the publisher's own column says."""


class Tally:
    """The rows taken so far, on disk; use it as `with tally() as kept`."""

    def __init__(self, folder: Path) -> None:
        # Autocommit and no journal: the file is thrown away, whatever happens.
        self._db = sqlite3.connect(folder / "tally.db", isolation_level=None)
        self._db.execute("pragma journal_mode=off")
        self._db.execute("pragma synchronous=off")
        self._db.execute("pragma temp_store=file")
        self._db.execute("pragma cache_size=-65536")  # 64 MB, whatever the size of the file
        self._db.executescript(_TABLES)
        self._db.execute("begin")
        self.counts = {"taken": 0, "duplicate": 0, "later": 0, "quarantined": 0}
        self.notes = {"day_without_time": 0, "repeated_hour": 0, "skipped_hour": 0, "personal_data": 0}
        self.latest: int | None = None
        self._midnights: tuple[bool, bool] | None = None

    def add(self, number: int, row: RequestRow) -> None:
        """Take a row; the same again is a duplicate, a contradiction is quarantined."""
        values = _values(number, row)
        if self._db.execute(_INSERT, values).rowcount == 1:
            self.counts["taken"] += 1
        elif not self._again(number, row, values):
            return
        instants = [at for at in (row.opened, row.closed) if at is not None]
        for at in instants:
            stamp = int(at.at.timestamp())
            self.latest = stamp if self.latest is None else max(self.latest, stamp)
        self.notes["day_without_time"] += any(not at.timed for at in instants)
        self.notes["repeated_hour"] += any(at.clock_change == "repeated" for at in instants)
        self.notes["skipped_hour"] += any(at.clock_change == "skipped" for at in instants)
        if row.personal:
            self.notes["personal_data"] += 1
            self._db.executemany(
                "insert into personal values (?,?,?)",
                [(number, column, ", ".join(kinds)) for column, kinds in row.personal],
            )

    def doubt(self, number: int, key: str, doubts: tuple[Doubt, ...]) -> None:
        """Keep a row out, with its reasons."""
        self.counts["quarantined"] += 1
        self._db.executemany(
            "insert into doubt values (?,?,?,?,?)",
            [(number, key, doubt.column, doubt.value, doubt.expected) for doubt in doubts],
        )

    def _again(self, number: int, row: RequestRow, values: tuple[Any, ...]) -> bool:
        digest, first, opened, closed = self._db.execute(
            "select digest, row, opened, closed from request where id = ?", (row.source_id,)
        ).fetchone()
        what = "duplicate"
        if digest != row.digest:
            what = succession((opened, closed), (values[3], values[4]))
        if what == "later":
            self._db.execute("delete from request where id = ?", (row.source_id,))
            self._db.execute(_INSERT, values)
        elif what != "duplicate":
            self.doubt(
                number,
                row.source_id,
                (Doubt("", row.source_id, f"expected the same as in row {first}, but it {what}"),),
            )
            return False
        self.counts[what] += 1
        self._db.execute("insert into repeated values (?,?,?,?)", (number, row.source_id, what, first))
        return what == "later"

    def doubts(self, most: int = -1) -> Iterator[dict[str, Any]]:
        """Rows not taken, in the order of the file."""
        yield from self._dicts(
            "select row, column_name as 'column', value, expected from doubt order by row limit ?", most
        )

    def repeated(self, most: int = -1) -> Iterator[dict[str, Any]]:
        """Rows that tell of a request told before."""
        yield from self._dicts(
            "select row, key as id, what, first_row from repeated order by row limit ?", most
        )

    def personal(self, most: int = -1) -> Iterator[dict[str, Any]]:
        """Row, column and kinds of the personal data that were masked."""
        yield from self._dicts(
            "select row, column_name as 'column', kinds from personal order by row limit ?", most
        )

    def requests(self) -> Iterator[dict[str, Any]]:
        """Every request in its last state, in the order of the file."""
        yield from self._dicts("select * from request order by row")

    def midnights(self) -> tuple[bool, bool]:
        """Whether every time of day in the columns opened and closed is midnight: then it is none."""
        if self._midnights is None:  # asked for each type, and the whole table is read for it
            timed_opened, at_opened, timed_closed, at_closed = self._db.execute(
                "select sum(rough & 1 = 0), sum(midnight & 1), sum(closed is not null and rough & 2 = 0),"
                " sum(midnight & 2 > 0) from request"
            ).fetchone()
            opened = bool(timed_opened) and timed_opened == at_opened
            self._midnights = (opened, bool(timed_closed) and timed_closed == at_closed)
        return self._midnights

    def figures(self, as_of: datetime) -> Figures:
        """What all requests come to."""
        return self._figures(as_of, "1=1", ())

    def by_type(self, as_of: datetime) -> list[tuple[str, Figures]]:
        """The same by type, most frequent first; beyond `MOST_TYPES` the rest is one line."""
        self._db.execute(
            "create index if not exists by_type on request (type, closed, opened, due, rough, on_time)"
        )
        names = [
            name
            for (name,) in self._db.execute(
                "select type from request group by type order by count(*) desc, type limit ?",
                (MOST_TYPES + 1,),
            )
        ]
        found = [(name, self._figures(as_of, "type = ?", (name,))) for name in names[:MOST_TYPES]]
        if len(names) > MOST_TYPES:
            self._db.execute("create temp table if not exists shown (type text primary key)")
            self._db.executemany(
                "insert or ignore into shown values (?)", [(name,) for name in names[:MOST_TYPES]]
            )
            found.append(("(others)", self._figures(as_of, "type not in (select type from shown)", ())))
        return found

    def _figures(self, as_of: datetime, condition: str, given: tuple[str, ...]) -> Figures:
        until = int(as_of.timestamp())
        no_opened, no_closed = self.midnights()
        rough = OPENED_ROUGH * no_opened + CLOSED_ROUGH * no_closed
        exact = f"closed is not null and (rough | {rough}) & 3 = 0"
        # Closed on a day without a time that is the day of the due time: nobody can say.
        unclear = f"(rough | {rough}) & {CLOSED_ROUGH} > 0 and closed <= due and due < closed + 86400"
        total, closed, due, met, decided, said, said_met = self._db.execute(
            f"""select count(*), count(closed), count(due),
                coalesce(sum(closed <= due and not ({unclear})), 0),
                coalesce(sum((closed is not null and not ({unclear}) and due is not null)
                             or (closed is null and due < :until)), 0),
                coalesce(sum(on_time != ''), 0), coalesce(sum(on_time = 'met'), 0)
                from request where {condition.replace("?", ":name")}""",
            {"until": until, "name": given[0] if given else ""},
        ).fetchone()
        seconds = array(
            "q",
            (
                row[0]
                for row in self._db.execute(
                    f"select closed - opened as s from request where {exact} and {condition} order by s",
                    given,
                )
            ),
        )
        within = {}
        # Of those that are open only as many count as of those that are closed: where these have no hours, none do.
        hourless = closed and not seconds
        for hours in (24, 72):
            span = hours * 3600
            kept = _at_most(seconds, span)
            late_open = (
                0
                if hourless
                else self._db.execute(
                    f"select count(*) from request where closed is null and (rough | {rough}) & {OPENED_ROUGH} = 0"
                    f" and opened + {span} <= {until} and {condition}",
                    given,
                ).fetchone()[0]
            )
            within[hours] = (Share(kept, len(seconds)), Share(kept, len(seconds) + late_open))
        return Figures(
            taken=total,
            open=total - closed,
            closed=closed,
            measurable=len(seconds),
            median_hours=_hours(percentile(seconds, 0.5)),
            p90_hours=_hours(percentile(seconds, 0.9)),
            within=within,
            on_time=Share(met, decided),
            without_due=total - due,
            undecided=due - decided,
            said_on_time=Share(said_met, said),
        )

    def _dicts(self, query: str, *given: object) -> Iterator[dict[str, Any]]:
        cursor = self._db.execute(query, given)
        names = [column[0] for column in cursor.description]
        for row in cursor:
            yield dict(zip(names, row, strict=True))

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


@contextmanager
def tally() -> Iterator[Tally]:
    """A tally in a folder of its own, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="steward-requests-") as folder:
        kept = Tally(Path(folder))
        try:
            yield kept
        finally:
            kept.close()


def instant(seconds: int) -> datetime:
    """Seconds since 1970 as an instant in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def _values(number: int, row: RequestRow) -> tuple[Any, ...]:
    closed, due = row.closed, row.due
    rough = OPENED_ROUGH * (not row.opened.timed)
    rough += CLOSED_ROUGH * (closed is not None and not closed.timed) + DUE_ROUGH * (
        due is not None and not due.timed
    )
    return (
        row.source_id,
        row.digest,
        number,
        int(row.opened.at.timestamp()),
        None if closed is None else int(closed.at.timestamp()),
        None if due is None else int(due.at.timestamp()),
        rough,
        row.opened.midnight + 2 * (closed is not None and closed.midnight),
        row.on_time,
        row.type,
        row.kind.value,
        row.text,
        row.note,
        row.place,
        row.channel,
    )


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / 3600


def _at_most(ordered: "array[int]", limit: int) -> int:
    return bisect_right(ordered, limit)
