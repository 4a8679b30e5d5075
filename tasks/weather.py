"""What was or will be the weather? Kept by hand and from files; of a day the newest entry counts (B3, B4)."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from models.audit import record_event
from models.clock import utc_now
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import Terminal
from models.rules.file_values import ValueDoubted, plain_text, read_date
from models.rules.handover_sheet import SheetColumn, word_key
from models.rules.weather import Weather
from models.weather import WeatherDay
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.row_quarantine import keep_doubts
from tasks.sheet_rows import RowDoubt, RowsTaken, SheetRow, read_table
from tasks.work_records import kept_text

WEATHER_COLUMNS = (
    SheetColumn("day", "Day", "日期", ("date", "on")),
    SheetColumn("rain", "Rain mm", "降雨量", ("rain", "rainfall", "precipitation", "降雨量(毫米)", "降水量")),
    SheetColumn("wind", "Wind m/s", "最大风速", ("wind", "max wind", "gust", "最大风速(米/秒)", "阵风")),
    SheetColumn("frost", "Frost", "霜冻", ("freezing",)),
    SheetColumn("source", "Source", "来源", ("station", "数据来源")),
)
FROST_WORDS = {"yes": ("yes", "y", "true", "1", "是", "有"), "no": ("", "no", "n", "false", "0", "否", "无")}
MOST_RAIN, MOST_WIND = Decimal(2000), Decimal(150)
AHEAD = timedelta(days=15)
"""No forecast is worth keeping for longer."""
BEFORE = timedelta(days=31)
"""Rain before the term wets the ground it begins on."""


@dataclass(frozen=True)
class SaidWeather:
    """What somebody measured or forecast."""

    day: date
    rain_mm: Decimal
    wind_ms: Decimal | None
    frost: bool
    source: str


def record_weather(code: str, said: SaidWeather) -> bool:
    """Record the weather of a day; False if the newest entry says just that.

    Raises:
        Terminal: a figure or day that cannot be, or no source.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        why = _why_not(engagement, said)
        if why is not None:
            raise Terminal(f"The weather was not taken: {_OPTION[why[0]]} {why[1]}.")
        new = _keep(session, engagement, said)
        if new:
            record_event(session, engagement_id(engagement), "weather.recorded", str(said.day))
        return new


_OPTION = {"day": "the day", "rain": "--rain", "wind": "--wind", "source": "--source"}


def import_weather(code: str, path: Path, *, dry_run: bool = False) -> RowsTaken:
    """Take in days of weather, one a row; good rows are kept, bad ones named; the same file again changes nothing.

    Args:
        code: the engagement.
        path: CSV or workbook with Day, Rain mm, Source and, where measured, Wind m/s and Frost.
        dry_run: look only.

    Raises:
        SheetRefused: the file cannot be read as such a table.
    """
    table = read_table(path, WEATHER_COLUMNS, ("day", "rain", "source"))
    with writing() as session:
        engagement = lock_engagement(session, code)
        key = engagement_id(engagement)
        new, doubts, days = 0, [], dict[date, int]()
        for row in table.rows:
            said = _read(engagement, row)
            if isinstance(said, SaidWeather) and said.day in days:
                said = RowDoubt(row.number, "day", str(said.day), f"stands in row {days[said.day]} already")
            if isinstance(said, RowDoubt):
                doubts.append(said)
                continue
            days[said.day] = row.number
            new += _keep(session, engagement, said)
        if dry_run:
            session.rollback()  # tried in earnest, so that what it says is what would happen
        else:
            keep_doubts(session, key, "weather", table, doubts)
            if new:
                record_event(session, key, "weather.recorded", table.sha256[:16], {"days": new})
        return RowsTaken(table.file, len(table.rows), new, len(table.rows) - new - len(doubts), tuple(doubts))


def _why_not(engagement: Engagement, said: SaidWeather) -> tuple[str, str] | None:
    """Column and reason if this cannot be the weather of a day."""
    first, last = engagement.term_start - BEFORE, business_today(engagement) + AHEAD
    if not first <= said.day <= last:
        return "day", f"{said.day} is outside what is kept; expected {first} to {last}"
    if not said.rain_mm.is_finite() or not 0 <= said.rain_mm <= MOST_RAIN:
        return "rain", f"is no rainfall; expected millimetres from 0 to {MOST_RAIN}"
    if said.wind_ms is not None and (not said.wind_ms.is_finite() or not 0 <= said.wind_ms <= MOST_WIND):
        return "wind", f"is no wind speed; expected metres a second from 0 to {MOST_WIND}"
    if not kept_text(said.source):
        return "source", "is empty; expected who measured or forecast it"
    return None


def _read(engagement: Engagement, row: SheetRow) -> SaidWeather | RowDoubt:
    def doubt(column: str, reason: str) -> RowDoubt:
        return RowDoubt(row.number, column, kept_text(row.cells.get(column, ""))[:80], reason)

    try:
        day = read_date(row.cells["day"], business_today(engagement) + AHEAD)
    except ValueDoubted as doubted:
        return doubt("day", str(doubted))
    frost = word_key(row.cells.get("frost", ""), FROST_WORDS)
    if frost is None:
        return doubt("frost", "expected yes, no or nothing")
    wind = plain_text(row.cells.get("wind", ""))
    said = SaidWeather(
        day, figure(row.cells["rain"]), figure(wind) if wind else None, frost == "yes", row.cells["source"]
    )
    why = _why_not(engagement, said)
    return said if why is None else doubt(*why)


def figure(text: str) -> Decimal:
    """The number that was written, or one that is none: what cannot be read is refused by its limits."""
    written = plain_text(text)
    try:
        number = Decimal(written)
    except InvalidOperation:
        return Decimal("NaN")
    return number if len(written) <= 12 else Decimal("NaN")


def _keep(session: Session, engagement: Engagement, said: SaidWeather) -> bool:
    key = engagement_id(engagement)
    before = session.exec(
        select(WeatherDay)
        .where(WeatherDay.engagement_id == key, WeatherDay.day == said.day)
        .order_by(col(WeatherDay.sequence).desc())
    ).first()
    source = kept_text(said.source)[:120]
    if before is not None and (before.rain_mm, before.wind_ms, before.frost, before.source) == (
        said.rain_mm,
        said.wind_ms,
        said.frost,
        source,
    ):
        return False
    session.add(
        WeatherDay(
            engagement_id=key,
            day=said.day,
            sequence=1 if before is None else before.sequence + 1,
            rain_mm=said.rain_mm,
            wind_ms=said.wind_ms,
            frost=said.frost,
            source=source,
            recorded_at=utc_now(),
        )
    )
    session.flush()
    return True


def weather_days(session: Session, key: int, first: date, last: date) -> dict[date, WeatherDay]:
    """The newest entry of each day."""
    rows = session.exec(
        select(WeatherDay)
        .where(WeatherDay.engagement_id == key, WeatherDay.day >= first, WeatherDay.day <= last)
        .order_by(col(WeatherDay.day), col(WeatherDay.sequence))
    ).all()
    return {row.day: row for row in rows}


def weather_facts(session: Session, key: int, first: date, last: date) -> dict[date, Weather]:
    """The same as the rules see it."""
    return {
        day: Weather(row.rain_mm, row.wind_ms, row.frost)
        for day, row in weather_days(session, key, first, last).items()
    }


def listed_weather(code: str, first: date | None = None, last: date | None = None) -> list[dict[str, Any]]:
    """The weather day by day, by default of the last thirty days and what is forecast."""
    with reading() as session:
        engagement = find_engagement(session, code)
        today = business_today(engagement)
        rows = weather_days(
            session,
            engagement_id(engagement),
            first or today - timedelta(days=30),
            last or today + AHEAD,
        )
        return [
            {
                "day": day.isoformat(),
                "rain_mm": str(row.rain_mm),
                "wind_ms": "" if row.wind_ms is None else str(row.wind_ms),
                "frost": "yes" if row.frost else "",
                "kind": "forecast" if day > today else "measured",
                "source": row.source,
                "entries": row.sequence,
            }
            for day, row in rows.items()
        ]
