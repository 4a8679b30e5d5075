"""Which changes of service does a survey follow, which not and why, and how far is each? (D3)"""

from dataclasses import asdict
from typing import Any

from sqlmodel import Session, select

from models.db import reading
from models.rules.cycles import special_surveys
from models.survey import SurveyWave
from tasks.cycles import cycle_facts
from tasks.engagements import business_today, engagement_id, find_engagement
from tasks.survey_changes import special_rule


def special_overview(code: str) -> dict[str, Any]:
    """What was decided, and each change with the wave that follows it or the reason why none does."""
    with reading() as session:
        engagement = find_engagement(session, code)
        key = engagement_id(engagement)
        rule = special_rule(session, engagement)
        waves = special_surveys(cycle_facts(session, engagement), business_today(engagement))
        opened = _opened(session, key)
        return {
            "engagement": code,
            **asdict(rule),
            "changes": [
                {
                    "wave": wave.period,
                    "changed_on": wave.happened_on,
                    "opens_on": wave.opens_on,
                    "state": _state(opened.get(wave.period), wave.opens_on is not None),
                    "invited": opened[wave.period].invited_count if wave.period in opened else None,
                    "reason": wave.reason,
                }
                for wave in waves
            ],
        }


def _opened(session: Session, key: int) -> dict[str, SurveyWave]:
    return {
        wave.period: wave
        for wave in session.exec(select(SurveyWave).where(SurveyWave.engagement_id == key)).all()
    }


def _state(wave: SurveyWave | None, wanted: bool) -> str:
    if wave is None:
        return "planned" if wanted else "none"
    return "open" if wave.closed_on is None else "closed"
