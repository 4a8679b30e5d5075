"""What does a period show to be wanting, which action or reason answers each, and what became of the last actions? (C1)

A problem is a missed indicator, work that was not done, a weak item of a survey, or the lesson of an emergency. The
review notes each once. Where an action is open about it already, the two are linked; else the answer is owed until
somebody opens an action or says why there is none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from models.audit import record_event
from models.db import reading, writing
from models.emergency import Incident
from models.engagement import Engagement
from models.errors import Terminal
from models.review import ImprovementAction, IndicatorFigure, Review, ReviewProblem, ReviewWords
from models.rules.action_outcomes import ActionFacts, outcome_of
from models.rules.periods import Period, PeriodKind
from models.rules.personal_data import masked
from models.rules.survey_action_refs import survey_action
from models.upsert import insert_if_absent
from models.work import WorkOrder
from reports.review_sections import LookBack, PastAction, ProblemLine, problem_subject
from reports.words import POSTS, voice_of
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.improvements import JUDGED_STATES, MAX_NOTE, OPEN_STATES, actions_in_state, moves_of, open_action
from tasks.packs import issued_pack
from tasks.references import require_known_person
from tasks.work_orders import remained_due

_INDICATORS_OF_WORK = {
    "preventive_maintenance": ("pm_compliance", "statutory_compliance"),
    "fire_check": ("pm_compliance", "statutory_compliance"),
    "cctv_check": ("pm_compliance", "cameras_healthy"),
    "round": ("round_completion",),
    "cleaning": ("cleaning_pass_rate",),
    "greening": ("greening_completion",),
    "security_patrol": ("patrol_completion",),
    "corrective": ("resolution_on_time",),
}
"""Whose action answers work that was not done."""
_LENGTHS = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}


def note_problems(
    session: Session, engagement: Engagement, period: Period, figures: Sequence[IndicatorFigure], on: date
) -> int:
    """Note what the period shows to be wanting, in the review's transaction; returns how many are new.

    Args:
        session: the transaction of the review.
        engagement: whose review it is.
        period: the period, within the term.
        figures: its indicators.
        on: the day of the review.
    """
    key = engagement_id(engagement)
    found = {f"indicator:{figure.code}": 1 for figure in figures if figure.state == "missed"}
    found |= _work_not_done(session, key, period, on)
    found |= _lessons(session, key, period)
    found |= _weak_items(session, key, period)
    actions = actions_in_state(session, key, *OPEN_STATES, *JUDGED_STATES)
    return insert_if_absent(
        session,
        ReviewProblem,
        [
            {
                "engagement_id": key,
                "period": period.label,
                "ref": ref,
                "count": count,
                "action_ref": _action_about(actions, period, ref),
                "reason": "",
                "answered_by": "",
            }
            for ref, count in found.items()
        ],
    )


def _work_not_done(session: Session, key: int, period: Period, on: date) -> dict[str, int]:
    """Orders whose window ended in the period and that were not done in it, and repairs that are late, by subject."""
    last = min(period.last, on - timedelta(days=1))
    rows = session.exec(
        select(WorkOrder.subject, func.count())
        .where(
            WorkOrder.engagement_id == key,
            WorkOrder.latest_on >= period.first,
            WorkOrder.latest_on <= last,
            col(WorkOrder.state).in_(("missed", "released")),
            remained_due(),
        )
        .group_by(col(WorkOrder.subject))
        .order_by(col(WorkOrder.subject))
    ).all()
    return {f"work:{subject}": int(count) for subject, count in rows}


def _lessons(session: Session, key: int, period: Period) -> dict[str, int]:
    """Emergencies and drills reviewed in the period that taught something."""
    rows = session.exec(
        select(Incident.ref)
        .where(
            Incident.engagement_id == key,
            (Incident.lesson != "") | (Incident.after_action != ""),
            col(Incident.reviewed_on) >= period.first,
            col(Incident.reviewed_on) <= period.last,
        )
        .order_by(Incident.ref)
    ).all()
    return {f"incident:{ref}": 1 for ref in rows}


def _weak_items(session: Session, key: int, period: Period) -> dict[str, int]:
    """Items of the waves of the period that called for an action."""
    found = {}
    for ref in session.exec(
        select(ImprovementAction.ref)
        .where(ImprovementAction.engagement_id == key, col(ImprovementAction.ref).startswith("survey:"))
        .order_by(ImprovementAction.ref)
    ).all():
        about = survey_action(ref)
        if about is not None and _lies_in(about.period, period):
            found[f"survey:{about.item}{'@' if about.group else ''}{about.group}"] = 1
    return found


def _lies_in(label: str, period: Period) -> bool:
    try:
        inner = Period.parse(label)
    except ValueError:
        return False  # a survey after a change of service has its own report
    touches = period.first <= inner.last and inner.first <= period.last
    return touches and _LENGTHS[inner.kind] <= _LENGTHS[period.kind]


def _action_about(actions: Sequence[ImprovementAction], period: Period, ref: str) -> str:
    """The reference of the newest action about a problem: of the period itself, or still under way; else empty."""
    kind, _, rest = ref.partition(":")
    codes = (rest,) if kind == "indicator" else _INDICATORS_OF_WORK.get(rest, ()) if kind == "work" else ()
    newest = ""
    for action in actions:
        source, _, about = action.ref.partition(":")
        if source == "indicator":
            of_period, _, code = about.partition(":")
            fits = code in codes and (action.state == "open" or _lies_in(of_period, period))
        elif source == "survey" and kind == "survey":
            named = survey_action(action.ref)
            fits = named is not None and _lies_in(named.period, period) and about.rpartition(":")[2] == rest
        elif source == "incident" and kind == "incident":
            fits = about.startswith(f"{rest}:")
        else:
            fits = source == "review" and about.partition(":")[2] == ref and action.state == "open"
        newest = action.ref if fits else newest
    return newest


@dataclass(frozen=True)
class _Noted:
    """All problems of an engagement's reviews and its actions, read once for whatever periods are asked for."""

    rows: Sequence[ReviewProblem]
    """By period, then by reference."""
    actions: Mapping[str, ImprovementAction]

    def of(self, period: str) -> list[ProblemLine]:
        """The problems of a period; what a shorter review within it answered holds for it too."""
        answers = self._answers_within(period)
        return [
            ProblemLine(
                row.ref,
                row.count,
                self.actions.get(row.action_ref or ("" if row.reason else answers.get(row.ref, ("", ""))[0])),
                row.reason or ("" if row.action_ref else answers.get(row.ref, ("", ""))[1]),
            )
            for row in self.rows
            if row.period == period
        ]

    def _answers_within(self, period: str) -> dict[str, tuple[str, str]]:
        """The newest answer to each problem in the shorter periods within this one: action, reason."""
        whole = Period.parse(period)
        found: dict[str, tuple[str, str]] = {}
        for row in self.rows:
            inner = Period.parse(row.period)
            within = row.period != period and whole.first <= inner.first and inner.last <= whole.last
            if within and (row.action_ref or row.reason):
                found[row.ref] = (row.action_ref, row.reason)
        return found


def _noted(session: Session, key: int) -> _Noted:
    rows = session.exec(
        select(ReviewProblem)
        .where(ReviewProblem.engagement_id == key)
        .order_by(ReviewProblem.period, ReviewProblem.ref)
    ).all()
    actions = session.exec(select(ImprovementAction).where(ImprovementAction.engagement_id == key)).all()
    return _Noted(rows, {one.ref: one for one in actions})


def problems_of(session: Session, engagement: Engagement, period: str) -> list[ProblemLine]:
    """The problems of a reviewed period; what a shorter review within it answered holds for it too."""
    return _noted(session, engagement_id(engagement)).of(period)


def answer_problem(
    code: str,
    period: str,
    ref: str,
    by: str,
    *,
    reason: str = "",
    action: str = "",
    post: str = "manager",
    due_on: date | None = None,
) -> bool:
    """Answer a problem by an action or by the reason why there is none; False if it was answered so before.

    Args:
        code: the engagement.
        period: of the review.
        ref: the problem, as `steward review show` lists it.
        by: who answers.
        reason: why no action follows.
        action: what is done about it.
        post: who does it.
        due_on: until when; thirty days by default.

    Raises:
        Terminal: neither or both were given, no such problem, another answer stands, an unknown person or post.
    """
    if bool(reason.strip()) == bool(action.strip()):
        raise Terminal("A problem is answered by --action or by --reason; expected one of the two.")
    if post not in POSTS:
        raise Terminal(f"{post!r} is no post; expected one of {', '.join(POSTS)}.")
    with writing() as session:
        engagement = lock_engagement(session, code)
        key, today = engagement_id(engagement), business_today(engagement)
        rows = session.exec(
            select(ReviewProblem)
            .where(ReviewProblem.engagement_id == key, ReviewProblem.period == period)
            .order_by(ReviewProblem.ref)
        ).all()
        row = next((one for one in rows if one.ref == ref), None)
        if row is None:
            known = ", ".join(one.ref for one in rows) or "none"
            raise Terminal(f"The review of {period} noted no problem {ref!r}; it noted: {known}.")
        require_known_person(session, engagement, by)
        said = masked(reason.strip())[:MAX_NOTE]
        named = f"review:{period}:{ref}"
        if row.reason or row.action_ref:
            if (said and row.reason == said) or (action and row.action_ref == named):
                return False
            raise Terminal(
                f"{ref} of {period} is answered already: {row.reason or row.action_ref}; `steward action move` changes "
                "an action."
            )
        if action:
            open_action(
                session, engagement, ref=named, text=masked(action.strip())[:MAX_NOTE], post_code=post, on=today,
                target=None, due_on=due_on,
            )  # fmt: skip
            row.action_ref = named
        row.reason, row.answered_by, row.answered_on = said, by, today
        session.add(row)
        record_event(session, key, "review.answered", f"{period}:{ref}", {"action": row.action_ref})
        return True


def write_words(code: str, period: str, text: str, by: str) -> bool:
    """Keep the custodian's own words on a period for its review; new words replace them until it is issued.

    Raises:
        Terminal: no words, no such period, an unknown person, or the review is issued.
    """
    kind = _kind_of(period)
    if not text.strip():
        raise Terminal("No words given: --text must not be empty.")
    with writing() as session:
        engagement = lock_engagement(session, code)
        key = engagement_id(engagement)
        require_known_person(session, engagement, by)
        if issued_pack(key, kind, period) is not None:
            raise Terminal(f"The review of {period} is issued: its words stay as they are.")
        said = masked(text.strip())[:MAX_NOTE]
        row = session.exec(
            select(ReviewWords).where(ReviewWords.engagement_id == key, ReviewWords.period == period)
        ).one_or_none()
        if row is not None and (row.text, row.written_by) == (said, by):
            return False
        row = row or ReviewWords(
            engagement_id=key, period=period, text="", written_by=by, written_on=business_today(engagement)
        )
        row.text, row.written_by, row.written_on = said, by, business_today(engagement)
        session.add(row)
        record_event(session, key, "review.worded", period)
        return True


def _kind_of(period: str) -> str:
    try:
        return Period.parse(period).kind.value
    except ValueError:
        raise Terminal(f"{period!r} is no period; expected one such as 2027-03, 2027-Q1 or 2027.") from None


def words_of(session: Session, key: int, period: str) -> ReviewWords | None:
    """The custodian's own words on a period, if somebody wrote them."""
    return session.exec(
        select(ReviewWords).where(ReviewWords.engagement_id == key, ReviewWords.period == period)
    ).one_or_none()


def look_back(session: Session, engagement: Engagement, kind: str, period: str, on: date) -> LookBack:
    """What became of the review before this one: of the actions open then, and of the answers it owed."""
    key = engagement_id(engagement)
    since = session.exec(
        select(func.max(col(Review.held_on))).where(
            Review.engagement_id == key, Review.kind == kind, Review.period < period, Review.held_on <= on
        )
    ).one()
    if since is None:
        return LookBack(None)
    actions = session.exec(
        select(ImprovementAction)
        .where(
            ImprovementAction.engagement_id == key,
            ImprovementAction.opened_on <= since,
            col(ImprovementAction.done_on).is_(None) | (col(ImprovementAction.done_on) >= since),
        )
        .order_by(col(ImprovementAction.due_on), ImprovementAction.ref)
    ).all()
    found = []
    for action in actions:
        moves = moves_of(session, action)
        first_due = moves[0].from_due if moves else action.due_on
        facts = ActionFacts(action.state, first_due, action.done_on)
        found.append(PastAction(action, first_due, outcome_of(facts, on)))
    before = session.exec(
        select(Review.period)
        .where(Review.engagement_id == key, Review.kind == kind, Review.period < period)
        .order_by(col(Review.period).desc())
    ).first()
    by_hand = set(
        session.exec(
            select(ReviewProblem.ref).where(
                ReviewProblem.engagement_id == key,
                ReviewProblem.period == (before or ""),
                (col(ReviewProblem.answered_on).is_not(None)) | (ReviewProblem.action_ref == ""),
            )
        ).all()
    )
    lines = problems_of(session, engagement, before) if before and by_hand else []
    return LookBack(since, tuple(found), tuple(one for one in lines if one.ref in by_hand))


def answers_owed(session: Session, engagement: Engagement) -> list[tuple[str, int]]:
    """The reviewed periods with problems that have neither an action nor a reason, and how many, oldest first."""
    key = engagement_id(engagement)
    periods = session.exec(
        select(Review.period)
        .where(Review.engagement_id == key, Review.kind != "joint")
        .order_by(col(Review.held_on), Review.period)
    ).all()
    noted = _noted(session, key)
    owed = [
        (period, sum(one.action is None and not one.reason for one in noted.of(period))) for period in periods
    ]
    return [(period, count) for period, count in owed if count]


def shown_review(code: str, period: str) -> dict[str, Any]:
    """A review as plain values: its counts, the custodian's words, problems with their answers, the last actions.

    Raises:
        Terminal: no such period, or it was not reviewed yet.
    """
    kind = _kind_of(period)
    with reading() as session:
        engagement = find_engagement(session, code)
        key, voice = engagement_id(engagement), voice_of(engagement)
        review = session.exec(
            select(Review).where(Review.engagement_id == key, Review.kind == kind, Review.period == period)
        ).one_or_none()
        if review is None:
            raise Terminal(f"{period} of {code} was not reviewed yet.")
        words = words_of(session, key, period)
        back = look_back(session, engagement, kind, period, review.held_on)
        return {
            "period": period,
            "held_on": str(review.held_on),
            "met": review.met_count,
            "missed": review.missed_count,
            "no_data": review.no_data_count,
            "summary": review.summary,
            "own_words": "" if words is None else words.text,
            "written_by": "" if words is None else words.written_by,
            "problems": [
                {
                    "ref": one.ref,
                    "problem": problem_subject(one.ref, voice),
                    "cases": one.count,
                    "action": "" if one.action is None else one.action.ref,
                    "due": "" if one.action is None else str(one.action.due_on),
                    "reason": one.reason or ("" if one.action is not None else "ANSWER OWED"),
                }
                for one in problems_of(session, engagement, period)
            ],
            "review_before": "" if back.since is None else str(back.since),
            "actions_of_it": [
                {
                    "ref": one.action.ref,
                    "first_due": str(one.first_due),
                    "kept": one.outcome.kept.value,
                    "effect": one.outcome.effect.value,
                }
                for one in back.actions
            ],
        }
