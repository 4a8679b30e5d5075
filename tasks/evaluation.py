"""How do both sides judge the custody, and do they go on? Joint evaluation and renewal (C3).

One is held before the term ends; others each year where that was agreed, or on a day somebody calls it for. A rejected
one is followed by another.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, func, select

from models.accounts import Statement
from models.audit import record_event
from models.clock import utc_now
from models.db import reading, writing
from models.decision import Decision, DecisionRequest
from models.diligence import ElementCondition
from models.engagement import Cycle
from models.errors import Terminal
from models.review import JointScore, Review
from models.rules.cycles import ONCE, CycleKind
from models.rules.evaluation import AS_AGREED, DIMENSIONS, MARKS, root_of, terms_of
from models.rules.periods import contract_quarters, contract_years
from models.rules.personal_data import masked
from models.rules.stages import Stage
from models.survey import SurveyWave
from models.upsert import insert_if_absent
from reports.evaluation_dossier import evaluation_dossier
from reports.evaluation_result import evaluation_result
from reports.evaluation_scores import EvaluationOutcome, PartyAnswer
from tasks.cycles import CycleRef, cycle_transaction
from tasks.decisions import BOTH_SIDES, ask_decision
from tasks.early_end_effect import ends_early
from tasks.engagements import (
    business_today,
    change_stage,
    codes_by_the_clock,
    engagement_id,
    engagement_of,
    find_engagement,
    lock_engagement,
)
from tasks.evaluation_differences import differences_of, joint_review, marks_of, raise_differences
from tasks.follow_ups import follow_ups_of
from tasks.improvements import JUDGED_STATES, OPEN_STATES, actions_in_state
from tasks.indicator_records import issue_term_index
from tasks.indicators import count_states, figures_of
from tasks.packs import IssuedPack, issue_loose_pack, issue_pack, issued_pack, queue_pack, with_workbook
from tasks.steps import step
from tasks.survey_figures import figures_of_wave

RESULT = "evaluation_result"
"""Kind of the letter that tells both sides what came of their marks."""
SETTLED = "-settled"
"""How the period of the result ends that is issued once everything is answered and settled."""
_RESULT_TEXTS = {
    False: (
        "双方均已评分。附件为联合评估结果：加权得分、双方理由、分歧及其处理期限。",
        "Both sides have marked. The result is attached: weighted marks, the reasons of both sides, and where they differ, who "
        "settles it by when.",
    ),
    True: (
        "联合评估已全部答复，分歧均已处理。附件为最终结果：得分、答复、协商结果与后续事项。",
        "Everything is answered and every difference is settled. The final result is attached: marks, answers, what was agreed, "
        "and what follows.",
    ),
}
_SEALED = "marked; shown once both sides have"


@dataclass(frozen=True)
class PartyScore:
    """One party's mark for one dimension, 1 to 5."""

    dimension: str
    score: int
    remark: str = ""


def call_evaluation(code: str, on: date | None = None) -> bool:
    """Call a joint evaluation for a day, in the course of the term; False if it was called before.

    Raises:
        Terminal: the custody is not in service, or the day is past or not in the term.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        key, today = engagement_id(engagement), business_today(engagement)
        day = on or today
        if engagement.stage != Stage.IN_SERVICE:
            raise Terminal(
                f"{code} is in stage {engagement.stage}: both sides evaluate by appointment while it is in service; "
                "the evaluation before the end opens by itself."
            )
        if not today <= day < engagement.term_end:
            raise Terminal(
                f"{day} is no day for it; expected one from {today} to before {engagement.term_end}."
            )
        called = insert_if_absent(
            session,
            Cycle,
            [
                {
                    "engagement_id": key,
                    "kind": CycleKind.JOINT_EVALUATION.value,
                    "period": day.isoformat(),
                    "due_on": day,
                    "as_of": day,
                    "state": "planned",
                    "attempt": 0,
                    "flow_run_id": "",
                    "last_error": "",
                    "created_at": utc_now(),
                }
            ],
        )
        if called:
            record_event(session, key, "evaluation.called", day.isoformat())
        return bool(called)


@step("Open the joint evaluation")
def open_evaluation(cycle: CycleRef) -> dict[str, int]:
    """Sum up the term so far for both sides; the one before the end enters the stage of evaluation."""
    with cycle_transaction(cycle) as session:
        engagement = engagement_of(session, cycle.engagement_id)
        years = contract_years(engagement.term_start, engagement.term_end)
        figures = [
            figure for year in years for figure in figures_of(session, cycle.engagement_id, year.label)
        ]
        met, missed, no_data = count_states(figures)
        opened = insert_if_absent(
            session,
            Review,
            [
                {
                    "engagement_id": cycle.engagement_id,
                    "kind": "joint",
                    "period": cycle.period,
                    "held_on": cycle.as_of,
                    "met_count": met,
                    "missed_count": missed,
                    "no_data_count": no_data,
                    "summary": "",
                }
            ],
        )
        if cycle.period == ONCE:  # one in the course of the term, or after a rejected one, moves no stage
            change_stage(session, engagement, "begin_evaluation")
        if opened:
            record_event(
                session, cycle.engagement_id, "evaluation.opened", f"{engagement.code}:{cycle.period}"
            )
        return {"met": met, "missed": missed, "no_data": no_data}


@step("Issue the evaluation dossier")
def issue_dossier(cycle: CycleRef) -> IssuedPack:
    """Issue the dossier and ask both sides for their judgement, and whether they wish to go on."""
    with reading() as session:
        engagement = engagement_of(session, cycle.engagement_id)
        key = cycle.engagement_id
        early = ends_early(session, key)
        periods = [
            *contract_quarters(engagement.term_start, engagement.term_end),
            *contract_years(engagement.term_start, engagement.term_end),
        ]
        waves = session.exec(
            select(SurveyWave).where(SurveyWave.engagement_id == key).order_by(col(SurveyWave.opened_on))
        ).all()
        pack = evaluation_dossier(
            engagement,
            review=joint_review(session, key, cycle.period),
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
            terms=terms_of(engagement.evaluation_terms),
            ending=root_of(cycle.period) == ONCE and not early,
            before=[
                one
                for review in _rejected_before(session, key, cycle.period)
                for one in differences_of(session, review)
            ],
        )
    issued = with_workbook(
        issue_pack(cycle, "evaluation", pack, cycle.as_of),
        issue_term_index(cycle, [period.label for period in periods]),
    )
    zh = engagement.language == "zh"
    with cycle_transaction(cycle) as session:
        engagement = engagement_of(session, cycle.engagement_id)
        ask_decision(
            session,
            engagement,
            "evaluation",
            cycle.period,
            BOTH_SIDES,
            issued.sha256,
            "请确认联合评估" if zh else "Please confirm the joint evaluation",
            cycle.as_of,
            issued.files,
        )
        if (
            cycle.period != ONCE or early
        ):  # how both go on is asked once, before the end, unless they have said it
            return issued
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


def record_joint_scores(code: str, party: str, scores: Sequence[PartyScore], period: str = "") -> int:
    """Record one party's marks; each party scores separately, and a mark stands. Returns how many are new.

    Once both sides have marked everything, both are told the result.

    Args:
        code: the engagement.
        party: client or custodian.
        scores: the marks; one below 3 says why.
        period: which evaluation; the newest by default.

    Raises:
        Terminal: no evaluation is open, a mark or dimension is unknown, or a low mark has no reason.
    """
    for score in scores:
        if score.dimension not in DIMENSIONS or score.score not in MARKS:
            raise Terminal(
                f"{score.dimension} {score.score}: expected a mark of 1 to 5 for one of {', '.join(DIMENSIONS)}."
            )
        if score.score < AS_AGREED and not score.remark.strip():
            raise Terminal(
                f"{score.dimension} {score.score}: a mark below {AS_AGREED} says that less was given than agreed; "
                "expected the reason with it."
            )
    with writing() as session:
        engagement = lock_engagement(session, code)
        key = engagement_id(engagement)
        review = joint_review(session, key, period)
        new = insert_if_absent(
            session,
            JointScore,
            [
                {
                    "review_id": review.id,
                    "dimension": score.dimension,
                    "party": party,
                    "score": score.score,
                    "remark": masked(score.remark.strip()),
                }
                for score in scores
            ],
        )
        if new:
            record_event(session, key, "evaluation.scored", party, {"dimensions": new})
            raise_differences(session, engagement, review, business_today(engagement))
    issue_results(code)
    return new


def issue_results(code: str) -> int:
    """Tell both sides the result of every evaluation that both have marked, and once more when all of it is settled.

    Returns:
        How many letters' papers are new; each goes out once.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        key, today = engagement_id(engagement), business_today(engagement)
        reviews = session.exec(
            select(Review).where(Review.engagement_id == key, Review.kind == "joint").order_by(col(Review.id))
        ).all()
        marked = [
            (review.period, _is_settled(session, review))
            for review in reviews
            if all(len(marks) == len(DIMENSIONS) for marks in marks_of(session, review).values())
        ]
    told = 0
    for period, settled in marked:
        name = f"{period}{SETTLED}" if settled else period
        if issued_pack(key, RESULT, name) is None:
            with reading() as session:
                engagement = find_engagement(session, code)
                pack = evaluation_result(
                    engagement,
                    review=joint_review(session, key, period),
                    outcome=evaluation_outcome(session, key, period),
                    on=today,
                    settled=settled,
                )
            issue_loose_pack(key, RESULT, name, pack, today)
        issued = issued_pack(key, RESULT, name)
        if issued is not None:
            with writing() as session:
                told += bool(_tell_the_result(session, code, issued, today, settled=settled))
    return told


def _is_settled(session: Session, review: Review) -> bool:
    """Whether both sides have answered all they were asked, and no difference is open."""
    outcome = evaluation_outcome(session, review.engagement_id, review.period)
    judged = {one.party: one.said for one in outcome.answers if one.subject == "evaluation" and one.said}
    wishes = [one.said for one in outcome.answers if one.subject == "renewal"]
    return (
        (set(BOTH_SIDES) <= set(judged) or "rejected" in judged.values())
        and all(wishes)
        and all(one.settled_on is not None for one in outcome.differences)
    )


def _tell_the_result(session: Session, code: str, issued: IssuedPack, today: date, *, settled: bool) -> int:
    engagement = lock_engagement(session, code)
    zh = engagement.language == "zh"
    return queue_pack(
        session,
        engagement,
        issued,
        BOTH_SIDES,
        (_RESULT_TEXTS[settled][0 if zh else 1],),
        (),
        today,
    )


@step("Tell the results of evaluations both sides have marked")
def issue_results_everywhere() -> list[str]:
    """The same for every engagement in service, where a command died in between; codes of those told now."""
    return [code for code in codes_by_the_clock() if issue_results(code)]


def joint_scores(code: str, period: str = "") -> list[dict[str, Any]]:
    """What both sides said: marks by dimension, sealed until both have marked; judgement, and whether they go on.

    Raises:
        Terminal: no evaluation is open.
    """
    with reading() as session:
        review = joint_review(session, engagement_id(find_engagement(session, code)), period)
        outcome = evaluation_outcome(session, review.engagement_id, review.period)
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


def evaluation_outcome(session: Session, key: int, period: str = "") -> EvaluationOutcome:
    """Marks, judgement and wishes of both sides, as far as they are in; of the newest evaluation by default."""
    engagement = engagement_of(session, key)
    held = session.exec(select(Review.id).where(Review.engagement_id == key, Review.kind == "joint")).first()
    if held is None:
        return EvaluationOutcome(terms=terms_of(engagement.evaluation_terms))
    review = joint_review(session, key, period)
    scores = session.exec(select(JointScore).where(JointScore.review_id == review.id)).all()
    asked = (col(DecisionRequest.subject) == "evaluation") & (col(DecisionRequest.reference) == review.period)
    if root_of(review.period) == ONCE:
        asked = asked | (col(DecisionRequest.subject) == "renewal")
    answers = session.exec(
        select(
            DecisionRequest.subject,
            DecisionRequest.party,
            func.coalesce(Decision.verdict, ""),
            func.coalesce(Decision.remark, ""),
        )
        .join(Decision, col(Decision.request_id) == col(DecisionRequest.id), isouter=True)
        .where(DecisionRequest.engagement_id == key, asked)
        .order_by(DecisionRequest.subject, DecisionRequest.party)
    ).all()
    return EvaluationOutcome(
        tuple(sorted(scores, key=lambda row: (DIMENSIONS.index(row.dimension), row.party))),
        tuple(PartyAnswer(subject, party, said, masked(remark)) for subject, party, said, remark in answers),
        tuple(differences_of(session, review)),
        terms_of(engagement.evaluation_terms),
        tuple(follow_ups_of(session, engagement)) if root_of(review.period) == ONCE else (),
    )


def _rejected_before(session: Session, key: int, period: str) -> list[Review]:
    """The evaluations that this one repeats, oldest first."""
    held = session.exec(
        select(Review).where(Review.engagement_id == key, Review.kind == "joint").order_by(col(Review.id))
    ).all()
    return [one for one in held if one.period != period and root_of(one.period) == root_of(period)]


def conditions(session: Session, key: int, visit: str) -> list[ElementCondition]:
    """The grades of a condition survey, by element class."""
    return list(
        session.exec(
            select(ElementCondition)
            .where(ElementCondition.engagement_id == key, ElementCondition.visit == visit)
            .order_by(ElementCondition.element_class)
        ).all()
    )
