"""What did an emergency or a drill show? The review after it; each gap becomes an action with a post and a day (B8)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models.audit import record_event
from models.db import writing
from models.emergency import Incident
from models.engagement import Engagement
from models.errors import NotReady, Terminal
from models.rules.emergencies import GOOD_SCORE, in_time
from models.rules.personal_data import masked
from reports.words import POSTS, Voice, voice_of
from tasks.call_tree import notices_of
from tasks.engagements import lock_engagement
from tasks.improvements import open_action
from tasks.incident_log import add_entry, incident_of, steps_of

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Gap:
    """What was not as the plan has it."""

    key: str
    text: str
    post_code: str


@dataclass(frozen=True)
class Reviewed:
    """What a review found, and how many actions it opened."""

    gaps: tuple[Gap, ...]
    actions: int


def review_incident(code: str, ref: str, at: datetime, found: str, gaps: Sequence[str] = ()) -> Reviewed:
    """Write down the review of an incident or drill that is over; doing so again opens nothing twice.

    Steps that were late or not done, and roles nobody was reached for, are gaps by themselves; others are said.

    Args:
        code: the engagement.
        ref: of the incident or drill.
        at: when it was reviewed.
        found: what the review found; no names.
        gaps: further gaps, each a sentence.

    Raises:
        NotReady: it has not been stood down.
        Terminal: no such incident, or nothing is said.
    """
    if not found.strip():
        raise Terminal("A review says what it found: the text must not be empty.")
    with writing() as session:
        engagement = lock_engagement(session, code)
        incident = incident_of(session, engagement, ref)
        if incident.stood_down_at is None:
            raise NotReady(
                f"{ref} is still under way: stand down first (`steward emergency stand-down {code} {ref}`)."
            )
        # The lesson of a poor score is an action already, opened when it was stood down.
        told = incident.lesson if incident.score is not None and incident.score < GOOD_SCORE else ""
        all_gaps = (
            *_late_steps(session, engagement, incident),
            *_unreached(session, engagement, incident),
            *(
                Gap(f"gap-{_digest(text)}", masked(text.strip())[:2000], "manager")
                for text in gaps
                if text.strip() and masked(text.strip()) != told
            ),
        )
        on = at.astimezone(ZoneInfo(engagement.timezone)).date()
        opened = sum(
            open_action(
                session,
                engagement,
                ref=f"incident:{ref}:{gap.key}",
                text=gap.text,
                post_code=gap.post_code,
                on=on,
                target=None,
            )
            for gap in all_gaps
        )
        text = masked(found.strip())[:4000]
        if incident.after_action != text:
            incident.after_action, incident.after_action_on = text, on
            session.add(incident)
            add_entry(session, incident, at, "review", text)
            record_event(session, incident.engagement_id, "incident.reviewed", ref, {"gaps": len(all_gaps)})
        return Reviewed(all_gaps, opened)


def _late_steps(session: Session, engagement: Engagement, incident: Incident) -> list[Gap]:
    voice = voice_of(engagement)
    gaps = []
    for entry in steps_of(session, incident):
        if entry.done_at is not None and in_time(incident.activated_at, entry.within_minutes, entry.done_at):
            continue
        due = incident.activated_at + entry.within_minutes * _MINUTE
        how = (
            voice("not done", "未执行")
            if entry.done_at is None
            else _late_words(-((due - entry.done_at) // _MINUTE), voice)
        )
        text = voice(
            f"Step {entry.ordinal}, {entry.action}: {how}", f"步骤{entry.ordinal}“{entry.action}”：{how}"
        )
        gaps.append(Gap(f"step-{entry.ordinal}", text, _post(entry.role)))
    return gaps


def _late_words(minutes: int, voice: Voice) -> str:
    return voice(f"{minutes} min late", f"超时{minutes}分钟")


def _unreached(session: Session, engagement: Engagement, incident: Incident) -> list[Gap]:
    """Roles for which nobody answered and nothing was done: who did a step was reached somehow."""
    voice = voice_of(engagement)
    answered = {n.role for n in notices_of(session, incident) if n.acknowledged_at is not None}
    steps = steps_of(session, incident)
    acted = {entry.role for entry in steps if entry.done_at is not None}
    return [
        Gap(
            f"call-{role}",
            voice(
                f"Nobody was reached for the role {voice.word(POSTS, role)}",
                f"岗位“{voice.word(POSTS, role)}”无人应答",
            ),
            "manager",
        )
        for role in sorted({entry.role for entry in steps} - answered - acted)
    ]


def _post(role: str) -> str:
    return role if role in POSTS else "manager"


def _digest(text: str) -> str:
    return hashlib.sha256(text.strip().encode()).hexdigest()[:8]
