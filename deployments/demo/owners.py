"""What do owners and users answer in a survey, what happens at their meetings, and is anything put right?"""

from datetime import date, timedelta

from sqlmodel import col, select

from deployments.demo.chance import Chance
from models.db import reading
from models.review import ImprovementAction
from models.rules.questionnaire import asked_of
from models.rules.survey_action_refs import survey_action
from models.survey import SurveyWave
from models.survey_codes import survey_code
from tasks.engagements import engagement_id, find_engagement
from tasks.improvements import complete_action
from tasks.owner_meetings import called_meetings, record_minutes
from tasks.surveys import AnswerSheet, open_invitations, record_answers, wave_items

ANSWERS = 0.62
"""Share of those invited who answer."""
_SATISFIED = {"OV1": 0.90, "RE1": 0.90, "CL1": 0.68, "GR1": 0.89, "SE1": 0.93, "IN1": 0.88, "BU1": 0.88}
_AFTER_ACTION = 0.96
_COMMENTS = (
    ("The lobby is cleaner than last year.", "大堂比去年干净。"),
    ("Please sweep the car park more often.", "车库请多打扫。"),
    ("Quick help with the leak, thank you.", "漏水处理很快，谢谢。"),
)


def answer_surveys(code: str, chance: Chance, on: date) -> int:
    """Owners and users answer the open wave by their single-use codes; returns accepted sheets."""
    with reading() as session:
        engagement = find_engagement(session, code)
        zh = engagement.language == "zh"
        open_waves = session.exec(
            select(SurveyWave).where(
                SurveyWave.engagement_id == engagement_id(engagement),
                col(SurveyWave.closed_on).is_(None),
                SurveyWave.opened_on < on,
            )
        ).all()
    accepted = 0
    for wave in open_waves:
        improved = _improved_items(code)
        items = wave_items(code, wave.period)
        sheets = []
        for ref, stratum, mode in open_invitations(code, wave.period):
            if not chance.happens(ANSWERS, "answers", wave.period, ref):
                continue
            scores = {
                item: _score(chance, wave.period, ref, item, improved)
                for item in items
                if asked_of(item, stratum) and not chance.happens(0.04, "skips", wave.period, ref, item)
            }
            comment = chance.pick(_COMMENTS, "comment", ref)[1 if zh else 0]
            sheets.append(
                AnswerSheet(
                    code=survey_code(code, wave.period, ref),
                    mode="paper" if chance.happens(0.15, "mode", ref) else mode,
                    scores=scores or {"OV1": 4},
                    comment=comment if chance.happens(0.12, "says", wave.period, ref) else "",
                )
            )
        accepted += record_answers(code, wave.period, sheets, min(on, wave.closes_on)).accepted
    return accepted


def _score(chance: Chance, period: str, ref: str, item: str, improved: set[str]) -> int:
    likelihood = _AFTER_ACTION if item in improved else _SATISFIED.get(item, 0.85)
    if chance.happens(likelihood, "satisfied", period, ref, item):
        return chance.pick((4, 4, 5), "how", period, ref, item)
    return chance.pick((1, 2, 3, 3), "how", period, ref, item)


def _improved_items(code: str) -> set[str]:
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        actions = session.exec(select(ImprovementAction).where(ImprovementAction.engagement_id == key)).all()
    return {
        about.item
        for action in actions
        if action.done_on is not None and (about := survey_action(action.ref)) is not None
    }


def carry_out_actions(code: str, on: date) -> int:
    """The posts carry out what was promised, three weeks after it was opened; returns how many."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        due = session.exec(
            select(ImprovementAction)
            .where(ImprovementAction.engagement_id == key, ImprovementAction.state == "open")
            .order_by(ImprovementAction.ref)
        ).all()
    done = 0
    for action in due:
        ready = action.opened_on + timedelta(days=21)
        if ready <= on:
            done += complete_action(code, action.ref, ready)
    return done


def hold_meetings(code: str, chance: Chance, until: date) -> int:
    """Owners meet, and the minutes are written; returns how many meetings."""
    with reading() as session:
        zh = find_engagement(session, code).language == "zh"
    held = 0
    for period, _held_on in called_meetings(code, until):
        held += record_minutes(
            code,
            period,
            attended=round(chance.between(12, 40, "attended", period)),
            minutes="会议按议程进行，业主意见已记录。"
            if zh
            else "Held as the agenda says; questions of owners are noted.",
            resolutions=[
                (
                    "1",
                    "两个月内改善车库照明" if zh else "Better light in the car park within two months",
                )
            ],
        )
    return held
