"""How do both sides judge the custody, and do they go on? Joint evaluation and renewal (C3)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, func, select

from models.accounts import Statement
from models.audit import record_event
from models.db import reading, writing
from models.decision import Decision, DecisionRequest
from models.diligence import ElementCondition
from models.errors import Terminal
from models.review import JointScore, Review
from models.rules.cycles import ONCE
from models.rules.periods import contract_quarters, contract_years
from models.rules.personal_data import masked
from models.survey import SurveyWave
from models.upsert import insert_if_absent
from reports.evaluation_dossier import evaluation_dossier
from reports.evaluation_scores import EvaluationOutcome, PartyAnswer
from tasks.cycles import CycleRef, cycle_transaction
from tasks.decisions import BOTH_SIDES, ask_decision
from tasks.engagements import change_stage, engagement_id, engagement_of, find_engagement
from tasks.improvements import JUDGED_STATES, OPEN_STATES, actions_in_state
from tasks.indicators import count_states, figures_of
from tasks.packs import IssuedPack, issue_pack
from tasks.steps import step
from tasks.survey_figures import figures_of_wave

DIMENSIONS = ("service_quality", "equipment_condition", "finance", "owner_feedback")
"""服务质量、设备状况、财务状况、业主反馈: what clause C3 names."""
_SEALED = "marked; shown once both sides have"


@dataclass(frozen=True)
class PartyScore:
    """One party's mark for one dimension, 1 to 5."""

    dimension: str
    score: int
    remark: str = ""


@step("Open the joint evaluation")
def open_evaluation(cycle: CycleRef) -> dict[str, int]:
    """Sum up the whole term for both sides, and enter the stage of evaluation."""
    with cycle_transaction(cycle) as session:
        engagement = engagement_of(session, cycle.engagement_id)
        years = contract_years(engagement.term_start, engagement.term_end)
        figures = [
            figure for year in years for figure in figures_of(session, cycle.engagement_id, year.label)
        ]
        met, missed, no_data = count_states(figures)
        insert_if_absent(
            session,
            Review,
            [
                {
                    "engagement_id": cycle.engagement_id,
                    "kind": "joint",
                    "period": ONCE,
                    "held_on": cycle.as_of,
                    "met_count": met,
                    "missed_count": missed,
                    "no_data_count": no_data,
                    "summary": "",
                }
            ],
        )
        change_stage(session, engagement, "begin_evaluation")
        record_event(session, cycle.engagement_id, "evaluation.opened", engagement.code)
        return {"met": met, "missed": missed, "no_data": no_data}


@step("Issue the evaluation dossier")
def issue_dossier(cycle: CycleRef) -> IssuedPack:
    """Issue the dossier and ask both sides for their judgement, and whether they wish to go on."""
    with reading() as session:
        engagement = engagement_of(session, cycle.engagement_id)
        key = cycle.engagement_id
        periods = [
            *contract_quarters(engagement.term_start, engagement.term_end),
            *contract_years(engagement.term_start, engagement.term_end),
        ]
        waves = session.exec(
            select(SurveyWave).where(SurveyWave.engagement_id == key).order_by(col(SurveyWave.opened_on))
        ).all()
        pack = evaluation_dossier(
            engagement,
            review=_joint_review(session, key),
            figures_by_period={
                period.label: figures
                for period in periods
                if (figures := figures_of(session, key, period.label))
            },
            entry=conditions(session, key, "entry"),
            statements=session.exec(
                select(Statement)
                .where(Statement.engagement_id == key, col(Statement.period).like("____-Q_"))
                .order_by(Statement.period)
            ).all(),
            waves=[(wave, figures_of_wave(session, wave)) for wave in waves if wave.closed_on is not None],
            actions=actions_in_state(session, key, *OPEN_STATES, *JUDGED_STATES),
            on=cycle.as_of,
        )
    issued = issue_pack(cycle, "evaluation", pack, cycle.as_of)
    zh = engagement.language == "zh"
    with cycle_transaction(cycle) as session:
        engagement = engagement_of(session, cycle.engagement_id)
        ask_decision(
            session,
            engagement,
            "evaluation",
            ONCE,
            BOTH_SIDES,
            issued.sha256,
            "请确认联合评估" if zh else "Please confirm the joint evaluation",
            cycle.as_of,
            issued.files,
        )
        ask_decision(
            session,
            engagement,
            "renewal",
            ONCE,
            BOTH_SIDES,
            issued.sha256,
            "请告知后续合作意向：续约、变更或终止"
            if zh
            else "Please state your intention: renew, change or end",
            cycle.as_of,
        )
    return issued


def record_joint_scores(code: str, party: str, scores: Sequence[PartyScore]) -> int:
    """Record one party's marks; each party scores separately, and a mark stands. Returns how many are new.

    Raises:
        Terminal: no evaluation is open, or a mark or dimension is unknown.
    """
    for score in scores:
        if score.dimension not in DIMENSIONS or not 1 <= score.score <= 5:
            raise Terminal(
                f"{score.dimension} {score.score}: expected a mark of 1 to 5 for one of {', '.join(DIMENSIONS)}."
            )
    with writing() as session:
        key = engagement_id(find_engagement(session, code))
        review = _joint_review(session, key)
        new = insert_if_absent(
            session,
            JointScore,
            [
                {
                    "review_id": review.id,
                    "dimension": score.dimension,
                    "party": party,
                    "score": score.score,
                    "remark": score.remark,
                }
                for score in scores
            ],
        )
        if new:
            record_event(session, key, "evaluation.scored", party, {"dimensions": new})
        return new


def joint_scores(code: str) -> list[dict[str, Any]]:
    """What both sides said: marks by dimension, sealed until both have marked; judgement, and whether they go on.

    Raises:
        Terminal: no evaluation is open.
    """
    with reading() as session:
        review = _joint_review(session, engagement_id(find_engagement(session, code)))
        outcome = evaluation_outcome(session, review.engagement_id)
        marked = Counter(row.dimension for row in outcome.scores)
        return [
            {"about": row.dimension, "party": row.party, "said": str(row.score), "remark": row.remark}
            if marked[row.dimension] == len(BOTH_SIDES)
            else {"about": row.dimension, "party": row.party, "said": _SEALED, "remark": ""}
            for row in outcome.scores
        ] + [
            {
                "about": one.subject,
                "party": one.party,
                "said": one.said or "no answer yet",
                "remark": one.remark,
            }
            for one in outcome.answers
        ]


def evaluation_outcome(session: Session, key: int) -> EvaluationOutcome:
    """Marks, judgement and wishes of both sides, as far as they are in."""
    scores = session.exec(
        select(JointScore)
        .join(Review, col(Review.id) == col(JointScore.review_id))
        .where(Review.engagement_id == key)
    ).all()
    answers = session.exec(
        select(
            DecisionRequest.subject,
            DecisionRequest.party,
            func.coalesce(Decision.verdict, ""),
            func.coalesce(Decision.remark, ""),
        )
        .join(Decision, col(Decision.request_id) == col(DecisionRequest.id), isouter=True)
        .where(
            DecisionRequest.engagement_id == key,
            col(DecisionRequest.subject).in_(("evaluation", "renewal")),
        )
        .order_by(DecisionRequest.subject, DecisionRequest.party)
    ).all()
    return EvaluationOutcome(
        tuple(sorted(scores, key=lambda row: (DIMENSIONS.index(row.dimension), row.party))),
        tuple(PartyAnswer(subject, party, said, masked(remark)) for subject, party, said, remark in answers),
    )


def conditions(session: Session, key: int, visit: str) -> list[ElementCondition]:
    """The grades of a condition survey, by element class."""
    return list(
        session.exec(
            select(ElementCondition)
            .where(ElementCondition.engagement_id == key, ElementCondition.visit == visit)
            .order_by(ElementCondition.element_class)
        ).all()
    )


def _joint_review(session: Session, key: int) -> Review:
    review = session.exec(
        select(Review).where(Review.engagement_id == key, Review.kind == "joint")
    ).one_or_none()
    if review is None:
        raise Terminal("No joint evaluation has been opened.")
    return review
