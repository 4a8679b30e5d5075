"""What did owners decide? Minutes with attendance and votes; each adopted resolution is followed as an action (B7)."""

from dataclasses import dataclass, replace
from pathlib import Path

from sqlmodel import Session, col, select

from models.audit import record_event
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import NotReady, Terminal
from models.owners import MeetingAttendance, MeetingResolution, OwnerMeeting
from models.people import Person
from models.rules.file_values import plain_text
from models.rules.meeting_minutes import (
    MEETING,
    RESOLUTIONS,
    Known,
    Minutes,
    MinutesProblem,
    Resolution,
    read_minutes,
)
from models.service_plan import PlanPost
from models.upsert import insert_if_absent
from reports.minutes_pack import minutes_pack
from reports.words import POSTS, voice_of
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.improvements import ACTION_TIME, open_action
from tasks.minutes_file import read_minutes_file
from tasks.packs import IssuedPack, issue_loose_pack, issued_pack, queue_pack
from tasks.plans_in_force import plan_in_force
from tasks.row_quarantine import DoubtedCell, keep_doubted_cells

PACK = "minutes"


@dataclass(frozen=True)
class MinutesTaken:
    """What became of a file of minutes."""

    period: str
    first_time: bool
    resolutions: int
    """New ones."""
    actions: int
    """Opened by them."""
    version: int
    problems: tuple[MinutesProblem, ...]
    mails: int = 0
    """New ones, to the representatives of both sides."""


def import_minutes(code: str, period: str, path: Path) -> MinutesTaken:
    """Record the minutes of a file, keep them as a pack, and send it to both sides' representatives.

    The same file again changes nothing. A file that says more adds to the record and makes another version; one
    that says something else of what is recorded is doubted there.

    Raises:
        MinutesFileRefused: the file cannot be read as minutes.
        Terminal: no meeting was called for the period.
    """
    file = read_minutes_file(path)
    with reading() as session:
        engagement = find_engagement(session, code)
        meeting = meeting_of(session, engagement, period)
        read = read_minutes(file.sheets, _known(session, engagement, meeting))
    read = replace(read, problems=(*file.problems, *read.problems))
    taken = take_minutes(code, period, read, file.name, file.sha256)
    return replace(taken, mails=_send(code, period))


def take_minutes(
    code: str, period: str, read: Minutes, file_name: str = "", sha256: str = ""
) -> MinutesTaken:
    """Record what minutes say; what stands on record already stays as it is.

    Raises:
        NotReady: the meeting's day has not come.
        Terminal: no meeting was called for the period.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        key = engagement_id(engagement)
        meeting = meeting_of(session, engagement, period)
        first_time = meeting.state != "held"
        if first_time and (read.held_on or meeting.held_on) > business_today(engagement):
            raise NotReady(
                f"The meeting of {period} is called for {meeting.held_on}; today is {business_today(engagement)}. "
                "If it was held earlier, say so with held_on in the file."
            )
        problems = [*read.problems, *_keep_facts(meeting, read, first_time=first_time)]
        came = insert_if_absent(
            session,
            MeetingAttendance,
            [{"meeting_id": meeting.id, "person_ref": ref, "how": how} for ref, how in read.attendance],
        )
        new, opened, contradictions = _keep_resolutions(session, engagement, meeting, read.resolutions)
        problems += contradictions
        if first_time or came or new or session.is_modified(meeting):
            meeting.minutes_version += 1
            record_event(
                session,
                key,
                "meeting.held" if first_time else "meeting.minutes_added",
                period,
                {"attended": meeting.attended_count, "resolutions": new, "version": meeting.minutes_version},
            )
        session.add(meeting)
        doubted = [DoubtedCell(**vars(problem)) for problem in problems]
        # Minutes that come without a file are known by their meeting.
        keep_doubted_cells(session, key, "minutes", (file_name or period, sha256 or period), doubted)
        return MinutesTaken(period, first_time, new, opened, meeting.minutes_version, tuple(problems))


def _keep_facts(meeting: OwnerMeeting, read: Minutes, *, first_time: bool) -> list[MinutesProblem]:
    if first_time:
        meeting.state = "held"
        meeting.held_on = read.held_on or meeting.held_on
    problems = []
    for key, column in (
        ("held_on", "held_on"),
        ("attended", "attended_count"),
        ("entitled", "entitled_count"),
        ("quorum", "quorum"),
        ("minutes", "minutes"),
    ):
        said, kept = getattr(read, key), getattr(meeting, column)
        if said in (None, "") or _same(said, kept):
            continue
        if kept in (None, ""):
            setattr(meeting, column, said)
        else:
            problems.append(
                MinutesProblem(
                    MEETING, 0, key, str(said)[:80], f"as it was recorded before: {str(kept)[:80]}"
                )
            )
    return problems


def _keep_resolutions(
    session: Session, engagement: Engagement, meeting: OwnerMeeting, read: tuple[Resolution, ...]
) -> tuple[int, int, list[MinutesProblem]]:
    """New resolutions, actions opened, and what contradicts the record."""
    kept = {row.ref: row for row in resolutions_of(session, meeting)}
    new = opened = 0
    problems = []
    for one in read:
        due_on = one.due_on or meeting.held_on + ACTION_TIME
        row = MeetingResolution(
            meeting_id=meeting.id or 0,
            ref=one.ref,
            text=one.text,
            post_code=one.post_code,
            due_on=due_on,
            votes_for=one.votes_for,
            votes_against=one.votes_against,
            votes_abstained=one.votes_abstained,
            adopted=one.adopted,
        )
        if one.ref in kept:
            before = kept[one.ref]
            problems += [
                MinutesProblem(
                    RESOLUTIONS,
                    0,
                    f"{one.ref}: {column}",
                    str(getattr(row, column))[:80],
                    f"as it was recorded before: {str(getattr(before, column))[:80]}; use another reference, "
                    "or `steward action move`",
                )
                for column in _COMPARED
                if not _same(getattr(row, column), getattr(before, column))
            ]
            continue
        session.add(row)
        new += 1
        if one.adopted:
            opened += open_action(
                session,
                engagement,
                ref=f"meeting:{meeting.period}:{one.ref}",
                text=one.text,
                post_code=one.post_code,
                on=meeting.held_on,
                target=None,
                due_on=due_on,
            )
    return new, opened, problems


def _same(said: object, kept: object) -> bool:
    """Whether it is what stands on record; full-width signs or others make no difference."""
    return said == kept or (
        isinstance(said, str) and isinstance(kept, str) and plain_text(said) == plain_text(kept)
    )


_COMPARED = ("text", "post_code", "due_on", "votes_for", "votes_against", "votes_abstained", "adopted")


def _send(code: str, period: str) -> int:
    """Keep the minutes as they stand now as a pack, and queue it; killed in between, the next call does the rest."""
    with reading() as session:
        engagement = find_engagement(session, code)
        key, meeting = engagement_id(engagement), meeting_of(session, engagement, period)
        label = period if meeting.minutes_version == 1 else f"{period}-v{meeting.minutes_version}"
        issued = issued_pack(key, PACK, label)
        if issued is None:
            pack = minutes_pack(
                engagement,
                meeting,
                resolutions_of(session, meeting),
                attendance_of(session, meeting),
                business_today(engagement),
            )
    if issued is None:
        issued = issue_loose_pack(key, PACK, label, pack, business_today(engagement))
    with writing() as session:
        return _queue(session, lock_engagement(session, code), issued)


def _queue(session: Session, engagement: Engagement, issued: IssuedPack) -> int:
    voice = voice_of(engagement)
    return queue_pack(
        session,
        engagement,
        issued,
        ("client", "custodian"),
        (
            voice(
                "The minutes of the owner meeting are attached. Each adopted resolution has a post and a day, and is "
                "reported on at the next meeting.",
                "业主沟通会会议纪要见附件。每项通过的决议均已定人定期，下次会议将报告落实情况。",
            ),
        ),
        (),
        business_today(engagement),
    )


def resolutions_of(session: Session, meeting: OwnerMeeting) -> list[MeetingResolution]:
    """The resolutions of a meeting, by reference."""
    return list(
        session.exec(
            select(MeetingResolution)
            .where(MeetingResolution.meeting_id == meeting.id)
            .order_by(col(MeetingResolution.ref))
        ).all()
    )


def attendance_of(session: Session, meeting: OwnerMeeting) -> list[MeetingAttendance]:
    """Who came to a meeting, by reference."""
    return list(
        session.exec(
            select(MeetingAttendance)
            .where(MeetingAttendance.meeting_id == meeting.id)
            .order_by(col(MeetingAttendance.person_ref))
        ).all()
    )


def _known(session: Session, engagement: Engagement, meeting: OwnerMeeting) -> Known:
    key = engagement_id(engagement)
    planned = session.exec(select(PlanPost.code).where(PlanPost.plan_id == plan_in_force(session, key))).all()
    return Known(
        people=frozenset(session.exec(select(Person.ref).where(Person.engagement_id == key)).all()),
        posts=frozenset(planned) or frozenset(POSTS),
        called_for=meeting.held_on,
        today=business_today(engagement),
    )


def meeting_of(session: Session, engagement: Engagement, period: str) -> OwnerMeeting:
    """The meeting called for a period.

    Raises:
        Terminal: none was; the message lists those that were.
    """
    meetings = {
        row.period: row
        for row in session.exec(
            select(OwnerMeeting).where(OwnerMeeting.engagement_id == engagement_id(engagement))
        ).all()
    }
    if period not in meetings:
        raise Terminal(
            f"No owner meeting was called for {period} of {engagement.code}; called: "
            f"{', '.join(sorted(meetings)) or 'none yet'}."
        )
    return meetings[period]
