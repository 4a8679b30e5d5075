"""Has somebody on each role been reached? The call tree of an incident: post, deputies, and the next if one fails (B8)."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.audit import record_event
from models.clock import utc_now
from models.db import reading, writing
from models.emergency import Incident, IncidentNotice, IncidentToken
from models.engagement import Engagement
from models.errors import NotReady, Terminal
from models.readiness_file import load_readiness
from models.register import Place
from models.rules.call_tree import Call, next_to_tell
from models.service_plan import EmergencyPlan
from reports.words import POSTS, Voice, voice_of
from tasks.answer_ways import issue_token
from tasks.engagements import codes_by_the_clock, engagement_id, find_engagement, lock_engagement
from tasks.incident_log import add_entry, emergency_plan, log_of, running_incident, steps_of
from tasks.notice_channels import NoticeChannel, channels_here
from tasks.outbox import Letter, people_on_posts, people_with_role
from tasks.steps import step
from tasks.text_messages import text_gateway_configured

COMMAND = "manager"
"""The post that commands in an emergency: the deputy of every role."""


@dataclass(frozen=True)
class Contact:
    """Somebody to be told for a role, and why."""

    person_ref: str
    because: str
    """post, deputy (the post that commands) or custodian."""


def contacts(session: Session, engagement: Engagement, role: str) -> list[Contact]:
    """Who is told for a role, in order; nobody twice."""
    by_phone = text_gateway_configured()
    on_posts = people_on_posts(session, engagement_id(engagement), by_phone=by_phone)
    found: dict[str, Contact] = {}
    for refs, because in (
        (on_posts.get(role, []), "post"),
        (on_posts.get(COMMAND, []), "deputy"),
        (people_with_role(session, engagement, "custodian", by_phone=by_phone), "custodian"),
    ):
        for ref in refs:
            found.setdefault(ref, Contact(ref, because))
    return list(found.values())


def tell_roles(
    session: Session,
    engagement: Engagement,
    incident: Incident,
    at: datetime,
    channels: Sequence[NoticeChannel] | None = None,
) -> int:
    """Tell whoever is next for each role, in the caller's transaction; what goes wrong with one stops no other.

    Returns:
        How many were told.
    """
    plan = emergency_plan(session, engagement, incident.plan_kind)
    letter = call_out(session, engagement, plan, incident)
    roles = dict.fromkeys(entry.role for entry in steps_of(session, incident))
    ways = channels_here() if channels is None else channels
    return sum(_tell_role(session, engagement, incident, role, letter, at, ways) for role in roles)


def _tell_role(
    session: Session,
    engagement: Engagement,
    incident: Incident,
    role: str,
    letter: Letter,
    at: datetime,
    channels: Sequence[NoticeChannel],
) -> int:
    candidates = [one.person_ref for one in contacts(session, engagement, role)]
    told = 0
    while True:
        notices = notices_of(session, incident, role)
        for notice in notices:
            _look_after(session, engagement, incident, notice, letter, at, channels)
        calls = [
            Call(n.person_ref, n.told_at, n.acknowledged_at is not None, bool(n.failure)) for n in notices
        ]
        following = next_to_tell(candidates, calls, at, load_readiness().patience)
        if following is None:
            break
        told += _tell(session, engagement, incident, role, following, len(calls) + 1, letter, at, channels)
    waiting = any(
        call.acknowledged or (not call.failed and at - call.told_at < load_readiness().patience)
        for call in calls
    )
    if not waiting:
        _say_once(session, incident, at, f"{role}: nobody reached; tell them by telephone")
    return told


def _tell(
    session: Session,
    engagement: Engagement,
    incident: Incident,
    role: str,
    person_ref: str,
    rank: int,
    letter: Letter,
    at: datetime,
    channels: Sequence[NoticeChannel],
) -> int:
    """Tell one person by every channel that works; how it went stands in the log either way."""
    on = at.astimezone(ZoneInfo(engagement.timezone)).date()
    took: list[str] = []
    broke: list[str] = []
    for channel in channels:
        try:
            with session.begin_nested():  # what a broken channel wrote goes; all else stays
                channel.tell(session, engagement, person_ref, letter, on)
                session.flush()
            took.append(channel.name)
        except Exception as error:  # whatever a channel does, the others are told
            # A sentence of ours says what is missing; what another error says may hold an address.
            why = str(error).rstrip(".") if isinstance(error, NotReady) else type(error).__name__
            broke.append(f"{channel.name}: {why}")
    failure = "" if took else "; ".join(broke) or "no channel"
    notice = IncidentNotice(
        incident_id=incident.id or 0,
        role=role,
        rank=rank,
        person_ref=person_ref,
        channel="+".join(took or (channel.name for channel in channels)),
        told_at=at,
        acknowledged_at=_answered_before(session, incident, person_ref),
        failure=failure,
    )
    session.add(notice)
    issue_token(session, engagement, incident, person_ref)
    session.flush()
    voice = voice_of(engagement)
    called = voice.word(POSTS, role)
    words = voice(
        f"{called}: {person_ref} by {notice.channel}", f"{called}：{person_ref}（{notice.channel}）"
    )
    add_entry(session, incident, at, "told" if took else "missed", "; ".join((words, *broke)))
    return int(bool(took))


def _answered_before(session: Session, incident: Incident, person_ref: str) -> datetime | None:
    return session.exec(
        select(IncidentToken.used_at).where(
            IncidentToken.incident_id == incident.id, IncidentToken.person_ref == person_ref
        )
    ).first()


def _look_after(
    session: Session,
    engagement: Engagement,
    incident: Incident,
    notice: IncidentNotice,
    letter: Letter,
    at: datetime,
    channels: Sequence[NoticeChannel],
) -> None:
    """Ask the channels what became of a call nobody has answered; it has failed once all of them say so."""
    if notice.acknowledged_at is not None or notice.failure:
        return
    used = [one for one in channels if one.name in notice.channel.split("+")]
    failures = [_failure(one, session, engagement, notice.person_ref, letter) for one in used]
    if failures and all(failures):
        notice.failure = failure = "; ".join(failures)
        session.add(notice)
        add_entry(session, incident, at, "missed", f"{notice.role}: {notice.person_ref}; {failure}")


def _failure(
    channel: NoticeChannel, session: Session, engagement: Engagement, person_ref: str, letter: Letter
) -> str:
    try:
        with session.begin_nested():
            return channel.failure(session, engagement, person_ref, letter)
    except Exception:
        return ""  # nothing is known of it, which is no reason to leave the others uncalled


def _say_once(session: Session, incident: Incident, at: datetime, text: str) -> None:
    if not any(entry.kind == "missed" and entry.text == text for entry in log_of(session, incident)):
        add_entry(session, incident, at, "missed", text)


def call_on(code: str, ref: str, at: datetime, channels: Sequence[NoticeChannel] | None = None) -> int:
    """Go on with the call tree of an incident: deputies of those who failed or did not answer are told.

    Running it again tells nobody twice.

    Returns:
        How many were told.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        incident = running_incident(session, engagement, ref, at)
        return tell_roles(session, engagement, incident, at, channels)


@step("Go on with the call trees")
def call_on_everywhere() -> list[tuple[str, str, int]]:
    """The same for every incident under way; a demonstration has no clock of its own. Code, reference, told."""
    done = []
    now = utc_now()
    for code in codes_by_the_clock():
        with reading() as session:
            engagement = find_engagement(session, code)
            refs = session.exec(
                select(Incident.ref).where(
                    Incident.engagement_id == engagement_id(engagement),
                    col(Incident.stood_down_at).is_(None),
                    Incident.activated_at <= now,
                )
            ).all()
        for ref in refs:
            with suppress(Terminal):  # stood down meanwhile; the others are looked after
                told = call_on(code, ref, now)
                done += [(code, ref, told)] if told else []
    return done


def acknowledge(code: str, ref: str, person_ref: str, at: datetime) -> bool:
    """Record that somebody who was told has answered; for every role at once. False if that was recorded.

    Raises:
        Terminal: no such incident, it is over, or this person was not told.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        incident = running_incident(session, engagement, ref, at)
        told = sorted({n.person_ref for n in notices_of(session, incident)})
        if person_ref not in told:
            raise Terminal(f"{person_ref!r} was not told of {ref}; told were {', '.join(told) or 'nobody'}.")
        return acknowledge_in(session, incident, person_ref, at)


def acknowledge_in(session: Session, incident: Incident, person_ref: str, at: datetime) -> bool:
    """The same in the caller's transaction, which holds the engagement, and of somebody who may be called yet.

    Who knows of it already and answers before their turn counts as having answered once it comes.
    """
    own = [n for n in notices_of(session, incident) if n.person_ref == person_ref]
    new = [notice for notice in own if notice.acknowledged_at is None]
    for notice in new:
        notice.acknowledged_at = at
        session.add(notice)
    if new or not own:
        roles = ", ".join(sorted(notice.role for notice in new)) or "before being called"
        add_entry(session, incident, at, "acknowledged", roles, person_ref)
        record_event(session, incident.engagement_id, "incident.acknowledged", f"{incident.ref}:{person_ref}")
    return bool(new or not own)


def notices_of(session: Session, incident: Incident, role: str | None = None) -> list[IncidentNotice]:
    """Who was told, by role and rank."""
    query = select(IncidentNotice).where(IncidentNotice.incident_id == incident.id)
    if role is not None:
        query = query.where(IncidentNotice.role == role)
    return list(session.exec(query.order_by(col(IncidentNotice.role), col(IncidentNotice.rank))).all())


def _place_words(session: Session, incident: Incident, voice: Voice) -> tuple[str, ...]:
    """A place by code and name; one the register does not know, as an alarm panel may say it, by its code."""
    if not incident.place_code:
        return ()
    name = session.exec(
        select(Place.name).where(
            Place.engagement_id == incident.engagement_id, Place.code == incident.place_code
        )
    ).first()
    place = (
        incident.place_code if name in (None, "", incident.place_code) else f"{incident.place_code} {name}"
    )
    return (voice(f"Place: {place}", f"位置：{place}"),)


def call_out(session: Session, engagement: Engagement, plan: EmergencyPlan, incident: Incident) -> Letter:
    """What those who are called are told: what happened, when and where, and who does what by which minute."""
    voice = voice_of(engagement)
    title = voice(plan.title_en, plan.title_zh)
    what = voice("Drill", "演练") if incident.is_drill else voice("Emergency response", "应急响应")
    return Letter(
        kind="drill" if incident.is_drill else "emergency",
        period=incident.ref,
        title=voice(f"{what}: {title}", f"{what}：{title}"),
        # In the text, not among the facts: a text message holds nothing else.
        paragraphs=(incident.summary, *_place_words(session, incident, voice)),
        facts=(
            (voice("Clock starts", "计时起点"), voice.instant(incident.activated_at)),
            *(
                (
                    f"+{entry['within_minutes']} min · {voice.word(POSTS, entry['role'])}",
                    entry[f"action_{voice.language}"],
                )
                for entry in plan.steps
            ),
        ),
        may_repeat=True,
    )
