"""How do the minutes of an owner meeting look? Attendance, agenda, what was said, resolutions with votes (B7)."""

from collections.abc import Sequence
from datetime import date

from models.engagement import Engagement
from models.owners import MeetingAttendance, MeetingResolution, OwnerMeeting
from models.rules.meeting_minutes import quorum_reached
from reports.pack import Column, Pack, Section, Table
from reports.sections import pack_of
from reports.words import NOTHING, POSTS, Voice, voice_of

_WAYS = {"present": ("present", "到会"), "proxy": ("by proxy", "委托代理"), "online": ("online", "线上")}


def minutes_pack(
    engagement: Engagement,
    meeting: OwnerMeeting,
    resolutions: Sequence[MeetingResolution],
    attendance: Sequence[MeetingAttendance],
    on: date,
) -> Pack:
    """The minutes as they stand on record.

    Args:
        engagement: whose owners met.
        meeting: the meeting, held.
        resolutions: what was put to the vote.
        attendance: who came, by reference; may be empty where only heads were counted.
        on: the day the minutes are issued.
    """
    voice = voice_of(engagement)
    said = meeting.minutes or voice("No text was recorded.", "未记录文字内容。")
    return pack_of(
        engagement,
        title=voice("Minutes of the owner meeting", "业主沟通会会议纪要"),
        subtitle=voice(
            f"Held on {meeting.held_on}, version {meeting.minutes_version}",
            f"会议日期：{meeting.held_on}　第{meeting.minutes_version}版",
        ),
        period=meeting.period,
        on=on,
        sections=(
            Section(
                voice("Attendance", "出席情况"),
                (attendance_words(meeting, voice),),
                tables=(_attendance(attendance, voice),) if attendance else (),
            ),
            Section(voice("Agenda", "会议议程"), tables=(_agenda(meeting, voice),) if meeting.agenda else ()),
            Section(voice("What was said", "会议内容"), (said,)),
            Section(
                voice("Resolutions", "会议决议"),
                ()
                if resolutions
                else (voice("No resolution was put to the vote.", "本次会议未提交表决事项。"),),
                tables=(_resolutions(resolutions, voice),) if resolutions else (),
            ),
        ),
    )


def attendance_words(meeting: OwnerMeeting, voice: Voice) -> str:
    """How many came of how many, and whether that is what was asked for; law is not judged."""
    came = voice.no_data if meeting.attended_count is None else str(meeting.attended_count)
    of = voice.no_data if meeting.entitled_count is None else str(meeting.entitled_count)
    counted = voice(f"{came} attended of {of} entitled.", f"应到{of}户，实到{came}。")
    reached = quorum_reached(meeting.attended_count, meeting.entitled_count, meeting.quorum)
    if meeting.quorum is None:
        asked = voice("No quorum was recorded.", "未记录法定或约定的最低出席比例。")
    else:
        verdict = {
            True: voice("reached", "已达到"),
            False: voice("not reached", "未达到"),
            None: voice("cannot be told", "无法判断"),
        }[reached]
        asked = voice(
            f"Recorded quorum {voice.share(meeting.quorum)}: {verdict}.",
            f"记录的最低出席比例为{voice.share(meeting.quorum)}：{verdict}。",
        )
    return voice.sentences(
        counted,
        asked,
        voice(
            "Heads and votes are counted here; whether a resolution binds the owners in law is not judged.",
            "本纪要仅统计到会与表决情况，不对决议的法律效力作出判断。",
        ),
    )


def _attendance(attendance: Sequence[MeetingAttendance], voice: Voice) -> Table:
    return Table(
        voice("Attendance list", "签到名单"),
        (Column(voice("Reference", "编号")), Column(voice("How", "方式"))),
        tuple((row.person_ref, voice.word(_WAYS, row.how)) for row in attendance),
    )


def _agenda(meeting: OwnerMeeting, voice: Voice) -> Table:
    return Table(
        voice("Agenda as sent out", "会前议程"),
        (Column(voice("Topic", "事项")), Column(voice("Fact", "情况"), width=3.0)),
        tuple((str(item["topic"]), str(item["fact"])) for item in meeting.agenda),
    )


def _resolutions(resolutions: Sequence[MeetingResolution], voice: Voice) -> Table:
    return Table(
        voice("Resolutions", "决议"),
        (
            Column(voice("No.", "编号"), width=0.6),
            Column(voice("Resolution", "内容"), width=2.8),
            Column(voice("By", "责任岗位"), width=1.2),
            Column(voice("Due", "期限"), "center", 1.1),
            Column(voice("For / against / abstained", "赞成/反对/弃权"), "center", 1.4),
            Column(voice("Result", "结果"), "center", 0.9),
        ),
        tuple(
            (
                row.ref,
                row.text,
                voice.word(POSTS, row.post_code),
                row.due_on.isoformat(),
                " / ".join(
                    NOTHING if count is None else str(count)
                    for count in (row.votes_for, row.votes_against, row.votes_abstained)
                ),
                voice("adopted", "通过") if row.adopted else voice("rejected", "未通过"),
            )
            for row in resolutions
        ),
    )
