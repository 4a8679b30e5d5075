"""Which form do the surveyors of this register take along? Writes it as a workbook or as CSV (A2)."""

from pathlib import Path

from sqlmodel import Session, select

from models.checklist_files import load_checklists
from models.condition import ConditionInspection
from models.db import reading
from models.engagement import Engagement
from models.errors import Terminal
from models.rules.condition_checks import CheckLine, check_lines, form_id
from reports.condition_form import FormSheet, form_csv, form_workbook
from reports.condition_sections import score_text
from reports.words import voice_of
from tasks.condition_facts import BuildingFacts, building_facts
from tasks.engagements import find_engagement
from tasks.exported_files import write_whole

VISITS = ("entry", "exit")


def write_form(code: str, visit: str, out: Path) -> int:
    """Write the form of an engagement's register; the suffix .csv gives CSV, else a workbook.

    Returns:
        The number of lines to look at.

    Raises:
        Terminal: another visit than entry or exit, or nothing can be written there.
    """
    check_visit(visit)
    with reading() as session:
        engagement = find_engagement(session, code)
        facts = building_facts(session, engagement)
        lines, mark = form_lines(engagement, facts, visit)
        entry = _entry_words(session, engagement, facts) if visit == "exit" else {}
    voice = voice_of(engagement)
    sheet = FormSheet(lines, mark, visit == "exit", entry, load_checklists())
    content = form_csv(sheet, voice) if out.suffix.lower() == ".csv" else form_workbook(sheet, voice)
    write_whole(out, content)
    return len(lines)


def check_visit(visit: str) -> None:
    """Refuse another visit than entry or exit."""
    if visit not in VISITS:
        raise Terminal(f"{visit!r} is not a visit: expected entry or exit.")


def form_lines(engagement: Engagement, facts: BuildingFacts, visit: str) -> tuple[tuple[CheckLine, ...], str]:
    """The lines of the form and the mark it carries."""
    checklists, assets = load_checklists(), facts.to_check()
    return check_lines(assets, checklists), form_id(engagement.code, visit, assets, checklists.edition)


def _entry_words(session: Session, engagement: Engagement, facts: BuildingFacts) -> dict[str, str]:
    voice = voice_of(engagement)
    words = {
        ref: voice("no defect", "无缺陷") if i.state == "looked" else voice("n/a", "不适用")
        for ref, i in inspections_of(session, facts.key, "entry").items()
    }
    return words | {ref: f"{score_text(f.score, voice)}: {f.text}" for ref, f in facts.entry.items()}


def inspections_of(session: Session, key: int, visit: str) -> dict[str, ConditionInspection]:
    """What was looked at on a visit, by reference."""
    found = session.exec(
        select(ConditionInspection)
        .where(ConditionInspection.engagement_id == key, ConditionInspection.visit == visit)
        .order_by(ConditionInspection.ref)
    ).all()
    return {i.ref: i for i in found}
