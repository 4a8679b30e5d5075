"""Who is told that a patrol left points out? The manager, once for each round (B5)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from models.audit import record_event
from models.clock import utc_now
from models.db import reading, writing
from models.engagement import Engagement
from models.patrol import PatrolAlert
from models.rules.patrols import OUTSIDE, JudgedRound, PointState, RoundState
from models.upsert import insert_if_absent
from reports.words import voice_of
from tasks.engagements import codes_by_the_clock, engagement_id, find_engagement, lock_engagement, now_of
from tasks.outbox import Letter, people_on_posts, people_with_role, queue_letters
from tasks.patrols import judged_rounds
from tasks.steps import step

LOOK_BACK = timedelta(days=3)
"""Older rounds are not told any more: a reader that was read out late, or routes entered for the past."""
_MOST_NAMED = 20


def tell_missed_patrols(code: str, now: datetime | None = None) -> list[str]:
    """Tell the manager of rounds with missed points; running it again tells nobody twice.

    Args:
        code: the engagement.
        now: rounds are judged at this instant; by default now, in a demonstration the end of its day.

    Returns:
        Route and beginning of the rounds that were told of now.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        at = now or now_of(engagement)
        if not _untold(session, engagement, at):
            return []
    with writing() as session:
        engagement = lock_engagement(session, code)
        told = _untold(session, engagement, at)
        people = people_on_posts(session, engagement_id(engagement)).get("manager") or people_with_role(
            session, engagement, "custodian"
        )
        if not told or not people:
            return []
        key, zone = engagement_id(engagement), ZoneInfo(engagement.timezone)
        insert_if_absent(
            session,
            PatrolAlert,
            [
                {
                    "engagement_id": key,
                    "route_code": one.round.route,
                    "starts_at": one.round.starts_at,
                    "state": one.state.value,
                    "missed": ", ".join(one.codes(PointState.MISSED)),
                    "told_at": utc_now(),
                }
                for one in told
            ],
        )
        queue_letters(session, engagement, people, _letter(engagement, told), at.astimezone(zone).date())
        record_event(session, key, "patrol.missed", _name(told[0], zone), {"rounds": len(told)})
        return [_name(one, zone) for one in told]


@step("Tell the manager of patrols with missed points")
def tell_missed_patrols_everywhere() -> list[tuple[str, int]]:
    """The same for every engagement in service; a demonstration has no clock of its own. Code and rounds."""
    return [(code, len(told)) for code in codes_by_the_clock() if (told := tell_missed_patrols(code))]


def _untold(session: Session, engagement: Engagement, now: datetime) -> list[JudgedRound]:
    """The rounds with missed points that are over, so that no scan can still count, and were not told."""
    zone = ZoneInfo(engagement.timezone)
    local = now.astimezone(zone).date()
    known = {
        (row.route_code, row.starts_at)
        for row in session.exec(
            select(PatrolAlert).where(
                PatrolAlert.engagement_id == engagement_id(engagement),
                PatrolAlert.starts_at >= now - LOOK_BACK - timedelta(days=2),
            )
        ).all()
    }
    judged = judged_rounds(session, engagement, local - LOOK_BACK - timedelta(days=1), local, now)
    return sorted(
        (
            one
            for one in judged
            if one.state in (RoundState.MISSED, RoundState.INCOMPLETE)
            and now - LOOK_BACK <= one.round.ends_at <= now - OUTSIDE
            and (one.round.route, one.round.starts_at) not in known
        ),
        key=lambda one: (one.round.starts_at, one.round.route),
    )


def _name(one: JudgedRound, zone: ZoneInfo) -> str:
    return f"{one.round.route} {one.round.starts_at.astimezone(zone):%Y-%m-%d %H:%M}"


def _letter(engagement: Engagement, told: list[JudgedRound]) -> Letter:
    voice, zone = voice_of(engagement), ZoneInfo(engagement.timezone)
    facts = []
    for one in told[:_MOST_NAMED]:
        missed = ", ".join(one.codes(PointState.MISSED))
        everything = one.state is RoundState.MISSED
        facts.append(
            (
                _name(one, zone),
                voice(
                    f"not walked: {missed}" if everything else f"missed: {missed}",
                    f"未巡逻：{missed}" if everything else f"漏巡：{missed}",
                ),
            )
        )
    if len(told) > _MOST_NAMED:
        more = len(told) - _MOST_NAMED
        facts.append((voice("And", "另有"), voice(f"{more} further rounds", f"{more} 轮")))
    return Letter(
        kind="patrol-missed",
        period=_name(told[0], zone),
        title=voice(f"Patrols with missed points: {len(told)}", f"巡逻漏点：{len(told)} 轮"),
        paragraphs=(
            voice(
                "Please find out why, and have what the reader still holds read out. "
                "`steward patrol check` shows every round.",
                "请查明原因，并导出巡更器中尚未上传的记录；各轮情况见 steward patrol check。",
            ),
        ),
        facts=tuple(facts),
        may_repeat=True,
    )
