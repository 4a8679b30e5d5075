"""What is to be spoken about when owners meet? An agenda made of the records since the last meeting (B7)."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from models.accounts import Statement
from models.emergency import Incident
from models.engagement import Engagement
from models.owners import OwnerMeeting
from models.review import ImprovementAction, IndicatorFigure
from models.rules.indicators import INDICATORS, IndicatorCode
from models.rules.request_states import OPEN_STATES
from models.service_desk import ServiceRequest
from reports.words import ACTION_STATES, EMERGENCIES, POSTS, Voice, voice_of
from tasks.engagements import engagement_id
from tasks.improvements import actions_in_state
from tasks.indicators import figure_against_target, figures_of

PROMISED = ("Promised last time", "上次承诺")
"""Topic of what the last meeting resolved; nothing else was promised there."""
Item = dict[str, Any]
"""`topic` and `fact`, in the engagement's language."""


def agenda_for(session: Session, engagement: Engagement, on: date) -> list[Item]:
    """The agenda of a meeting that is called on a day; what the last one promised stands first, then what is still owed.

    It tells of the days from the one the last meeting was called on to the one before this call, so that no day is
    left out and none told of before it is over.

    Args:
        session: any.
        engagement: whose records are read.
        on: the day the meeting is called; what is overdue is overdue then.
    """
    key, voice = engagement_id(engagement), voice_of(engagement)
    last = session.exec(
        select(OwnerMeeting)
        .where(OwnerMeeting.engagement_id == key, OwnerMeeting.state == "held", OwnerMeeting.held_on <= on)
        .order_by(col(OwnerMeeting.held_on).desc())
    ).first()
    since = last.called_on if last else engagement.term_start
    return [
        *_promises(session, key, voice, last, on),
        *_desk(session, engagement, voice, since, on),
        *_incidents(session, engagement, voice, since, on),
        *_money(session, key, voice),
        *_missed_indicators(session, engagement, voice),
        {
            "topic": voice("Open floor", "议题"),
            "fact": voice("Questions and suggestions of owners", "业主意见与建议"),
        },
    ]


def _promises(session: Session, key: int, voice: Voice, last: OwnerMeeting | None, on: date) -> list[Item]:
    """All the last meeting promised, whatever came of it, then whatever else is still owed."""
    of_last = f"meeting:{last.period}:" if last else ""
    promised = session.exec(
        select(ImprovementAction)
        .where(
            ImprovementAction.engagement_id == key,
            col(ImprovementAction.ref).startswith(of_last, autoescape=True)
            if last
            else col(ImprovementAction.id) < 0,
        )
        .order_by(col(ImprovementAction.due_on), col(ImprovementAction.ref))
    ).all()
    known = {action.ref for action in promised}
    owed = [
        action
        for action in actions_in_state(session, key, "open", "done")
        if action.ref not in known
        and not action.ref.startswith("indicator:")  # missed indicators follow below
        and (action.state == "open" or last is None or (action.done_on or on) >= last.called_on)
    ]
    return [
        *({"topic": voice(*PROMISED), "fact": promise_words(action, voice, on)} for action in promised),
        *(
            {"topic": voice("Still owed", "待落实"), "fact": promise_words(action, voice, on)}
            for action in owed
        ),
    ]


def promise_words(action: ImprovementAction, voice: Voice, on: date) -> str:
    """What was promised, by whom and when, and how it stands on a day."""
    state = voice.word(ACTION_STATES, action.state)
    if action.state == "open" and action.due_on < on:
        state = voice("overdue", "已逾期")
    post = voice.word(POSTS, action.post_code)
    return voice(
        f"{action.text} ({state}; {post}, by {action.due_on})",
        f"{action.text}（{state}；{post}，期限{action.due_on}）",
    )


def _desk(session: Session, engagement: Engagement, voice: Voice, since: date, on: date) -> list[Item]:
    start, end = _bounds(engagement, since, on)
    rows = session.exec(
        select(ServiceRequest.kind, ServiceRequest.state, func.count())
        .where(
            ServiceRequest.engagement_id == engagement_id(engagement),
            ServiceRequest.received_at >= start,
            ServiceRequest.received_at < end,
        )
        .group_by(col(ServiceRequest.kind), col(ServiceRequest.state))
    ).all()
    received = sum(count for _kind, _state, count in rows)
    if not received:
        return []
    still = sum(count for _kind, state, count in rows if state in OPEN_STATES)
    complaints = sum(count for kind, _state, count in rows if kind == "complaint")
    return [
        {
            "topic": voice("Service desk", "客户服务"),
            "fact": voice(
                f"{received} requests since {since}, {complaints} of them complaints; {still} are still open",
                f"{since}以来受理{received}件，其中投诉{complaints}件；未办结{still}件",
            ),
        }
    ]


def _incidents(session: Session, engagement: Engagement, voice: Voice, since: date, on: date) -> list[Item]:
    start, end = _bounds(engagement, since, on)
    rows = session.exec(
        select(Incident)
        .where(
            Incident.engagement_id == engagement_id(engagement),
            Incident.activated_at >= start,
            Incident.activated_at < end,
        )
        .order_by(col(Incident.activated_at))
    ).all()
    return [
        {
            "topic": voice("Drill", "应急演练") if row.is_drill else voice("Emergency", "突发事件"),
            "fact": _incident_words(row, voice),
        }
        for row in rows
    ]


def _incident_words(row: Incident, voice: Voice) -> str:
    what = f"{voice.word(EMERGENCIES, row.plan_kind)} {voice.instant(row.activated_at)}"
    if row.stood_down_at is None:
        return voice(f"{what}: still under way", f"{what}：处置中")
    score = voice.no_data if row.score is None else voice.share(row.score)
    loss = "" if row.is_drill or row.loss_amount is None else voice.money(row.loss_amount)
    return voice(
        f"{what}: {score} of the steps in time" + (f", loss {loss}" if loss else ""),
        f"{what}：按时完成步骤{score}" + (f"，损失{loss}" if loss else ""),
    )


def _money(session: Session, key: int, voice: Voice) -> list[Item]:
    latest = session.exec(
        select(Statement)
        .where(Statement.engagement_id == key)
        .order_by(col(Statement.compiled_on).desc(), col(Statement.period).desc())
    ).first()
    if latest is None:
        return []
    figures = (
        latest.period,
        voice.money(latest.income),
        voice.money(latest.expense),
        voice.money(latest.budget),
    )
    audited = latest.state == "audited"
    return [
        {
            "topic": voice("Accounts", "财务收支"),
            "fact": voice(
                "{}: income {}, spending {}, budget {}".format(*figures)
                + (" (audited)" if audited else " (not yet audited)"),
                "{}：收入{}，支出{}，预算{}".format(*figures) + ("（已审核）" if audited else "（待审核）"),
            ),
        }
    ]


def _missed_indicators(session: Session, engagement: Engagement, voice: Voice) -> list[Item]:
    key = engagement_id(engagement)
    latest = session.exec(
        select(IndicatorFigure.period)
        .where(IndicatorFigure.engagement_id == key, col(IndicatorFigure.period).like("____-__"))
        .order_by(col(IndicatorFigure.period).desc())
    ).first()
    if not latest:
        return []
    return [
        {
            "topic": voice("Indicator", "指标"),
            "fact": f"{label_of(figure.code, voice)} {figure_against_target(engagement, figure)} ({latest})",
        }
        for figure in figures_of(session, key, latest)
        if figure.state == "missed" and figure.value is not None and figure.target is not None
    ]


def label_of(code: str, voice: Voice) -> str:
    """An indicator by its name."""
    indicator = INDICATORS[IndicatorCode(code)]
    return voice(indicator.label_en, indicator.label_zh)


def _bounds(engagement: Engagement, first: date, until: date) -> tuple[datetime, datetime]:
    """From the first day's midnight to that of the day the meeting is called, in the engagement's time zone."""
    zone = ZoneInfo(engagement.timezone)
    return datetime.combine(first, time(), zone), datetime.combine(until, time(), zone)
