"""What was agreed that the desk promises, and what does it make of the requests there are? (B6)"""

from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from models.audit import record_event
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import Terminal
from models.rules.service_agreement import (
    CLOCKS,
    AgreementRefused,
    ServiceAgreement,
    hours_words,
    read_agreement,
    span_words,
)
from models.rules.service_levels import WEEKDAYS
from models.service_desk import ServiceRequest
from tasks.engagements import engagement_id, find_engagement, lock_engagement
from tasks.exported_files import write_whole
from tasks.files import keep_file
from tasks.outside_text import read_yaml_file
from tasks.request_clocks import DESK_SOURCES, agreement_of, entries_of, logs_of, promise_of
from tasks.service_desk import due_times

MAX_BYTES = 64 * 1024


def agree_levels(code: str, path: Path) -> tuple[bool, int]:
    """Take in what the sides agreed; from now on it judges every request of the desk, whenever it came in.

    Args:
        code: the engagement.
        path: YAML as `write_levels` writes it; what it does not name stays as proposed.

    Returns:
        Whether it is new, and of how many requests a due time moved.

    Raises:
        Terminal: the file is no agreement; the message names the place and what was expected.
    """
    said, content = _read(path)
    with writing() as session:
        engagement = lock_engagement(session, code)
        if engagement.service_agreement == said:
            return False, 0
        engagement.service_agreement = said
        session.add(engagement)
        session.flush()
        sha256 = keep_file(session, content, path.name, "application/yaml")
        moved = reckon_due_anew(session, engagement)
        detail = {"sha256": sha256, "requests": moved}
        record_event(session, engagement_id(engagement), "desk.levels_agreed", code, detail)
        return True, moved


def reckon_due_anew(session: Session, engagement: Engagement) -> int:
    """Reckon the due times on record anew, after hours, holidays or targets changed; of how many requests they moved."""
    rows = session.exec(
        select(ServiceRequest)
        .where(
            ServiceRequest.engagement_id == engagement_id(engagement),
            col(ServiceRequest.source).in_(DESK_SOURCES),
        )
        .order_by(col(ServiceRequest.id))
    ).all()
    logs = logs_of(session, [row.id or 0 for row in rows])
    moved = 0
    for row in rows:
        before = (row.response_due_at, row.resolution_due_at)
        after = due_times(engagement, promise_of(row), entries_of(logs[row.id or 0]))
        if after != before:
            row.response_due_at, row.resolution_due_at = after
            session.add(row)
            moved += 1
    return moved


def levels_of(code: str) -> dict[str, Any]:
    """What the desk promises now, as plain values: hours by weekday, and each target with where it comes from."""
    with reading() as session:
        agreement = agreement_of(find_engagement(session, code))
    return {
        "desk": {day: hours_words(hours) for day, hours in zip(WEEKDAYS, agreement.hours, strict=True)},
        "targets": _targets(agreement),
    }


def write_levels(code: str, path: Path) -> Path:
    """Write what the desk promises now as the YAML that `agree_levels` takes, whole or not at all."""
    found = levels_of(code)
    lines = [
        "# Hours of the desk by weekday, empty for a day of rest: 08:00-12:00, 14:00-22:00",
        "desk:",
        *(f'  {day}: "{hours}"' for day, hours in found["desk"].items()),
        f"# Times: 30 min, 4 h, 2 d (a day is 24 hours of the clock). Clock: {' or '.join(CLOCKS)}",
        "targets:",
    ]
    for row in found["targets"]:
        cells = ", ".join(f"{key}: {value}" for key, value in row.items() if key != "source")
        lines.append(f"  - {{{cells}}}")
    write_whole(path, ("\n".join(lines) + "\n").encode())
    return path


def _targets(agreement: ServiceAgreement) -> list[dict[str, str]]:
    return [
        {
            "kind": row.kind.value,
            "priority": row.priority.value,
            "answer": span_words(row.response),
            "settle": span_words(row.resolution),
            "clock": CLOCKS[0] if row.round_the_clock else CLOCKS[1],
            "source": row.source,
        }
        for row in agreement.targets
    ]


def _read(path: Path) -> tuple[dict[str, Any], bytes]:
    said, content = read_yaml_file(path, MAX_BYTES, "agreement")
    if not isinstance(said, dict) or not said:
        raise Terminal(f"{path.name}: expected the entries desk and targets.")
    try:
        read_agreement(said)
    except AgreementRefused as error:
        raise Terminal(f"{path.name}, {error}.") from error
    return said, content
