"""Who is reminded of a survey? Whoever was invited by mail, as long as the wave takes answers (D4).

In a confidential wave those who have not answered. In an anonymous wave all who were invited: a mail to the others alone
would tell, in the outbox and in every mailbox on its way, who has answered.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy.orm import defer
from sqlmodel import Session, col, select, update

from models.audit import record_event
from models.db import reading, writing
from models.engagement import Engagement
from models.outbox import OutboxMail
from models.people import Person
from models.rules.survey_outcomes import OUTCOME
from models.rules.survey_reminders import (
    INVITATION,
    LEAST_GAP,
    REMIND_AFTER,
    REMINDER,
    reminder_due,
    wave_of_mail,
)
from models.survey import Invitation, SurveyWave
from tasks.engagements import (
    business_today,
    codes_by_the_clock,
    engagement_id,
    engagement_of,
    find_engagement,
    lock_engagement,
)
from tasks.outbox import queue_letters, survey_link
from tasks.steps import step
from tasks.survey_fieldwork import outcomes_of
from tasks.survey_frame import reading_languages
from tasks.survey_letters import reminder_letter
from tasks.survey_samples import planned_sample

_Due = dict[tuple[int, str, str], list[str]]
"""Number of the reminder, stratum and language to whom it is written."""


def remind_of_surveys(code: str, day: date | None = None) -> list[tuple[str, int, int]]:
    """Remind of the waves that are in the field; each reminder goes out once, and closed waves have none.

    Args:
        code: the engagement.
        day: the business date by default.

    Returns:
        Wave, number of the reminder and how many mails were queued now.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        on = day or business_today(engagement)
        if not any(_due(session, engagement, wave, on) for wave in _in_the_field(session, engagement, on)):
            return []
    queued: dict[tuple[str, int], int] = defaultdict(int)
    with writing() as session:
        engagement = lock_engagement(session, code)
        for wave in _in_the_field(session, engagement, on):
            for (number, stratum, language), refs in sorted(_due(session, engagement, wave, on).items()):
                online = bool(survey_link(session, wave.engagement_id, wave.period))
                letter = reminder_letter(engagement, wave, stratum, language, number, online=online)
                queued[wave.period, number] += queue_letters(session, engagement, refs, letter, on)
    return [(period, number, count) for (period, number), count in queued.items() if count]


@step("Remind of surveys")
def remind_of_surveys_everywhere() -> list[tuple[str, str, int, int]]:
    """The same for every engagement in service; a demonstration has no clock of its own. Code first."""
    return [(code, *told) for code in codes_by_the_clock() for told in remind_of_surveys(code)]


@step("Withdraw reminders of closed surveys")
def withdraw_late_reminders(day: date | None = None) -> int:
    """Take back reminders that wait although nobody can answer any more: the mail server was away for long.

    Args:
        day: the business date of each engagement by default.

    Returns:
        How many there were.
    """
    with reading() as session:
        if not _waiting(session):
            return 0
    with writing() as session:
        late = [mail for mail in _waiting(session) if _too_late(session, mail, day)]
        withdrawn = 0
        for mail in late:
            taken = session.exec(
                update(OutboxMail)
                .where(col(OutboxMail.id) == mail.id, col(OutboxMail.state) == "queued")
                .values(state="cancelled", last_code="survey closed")
            ).rowcount
            if taken:
                record_event(session, mail.engagement_id, "mail.cancelled", mail.dedup_key)
            withdrawn += taken
        return withdrawn


def _waiting(session: Session) -> Sequence[OutboxMail]:
    return session.exec(
        select(OutboxMail)
        .where(OutboxMail.kind == REMINDER, OutboxMail.state == "queued")
        .order_by(col(OutboxMail.id))
    ).all()


def _too_late(session: Session, mail: OutboxMail, day: date | None) -> bool:
    engagement = engagement_of(session, mail.engagement_id)
    wave = session.exec(
        select(SurveyWave).where(
            SurveyWave.engagement_id == mail.engagement_id,
            SurveyWave.period == wave_of_mail(mail.kind, mail.period),
        )
    ).one_or_none()
    today = day or business_today(engagement)
    return wave is None or wave.closed_on is not None or today > wave.closes_on


def _in_the_field(session: Session, engagement: Engagement, on: date) -> Sequence[SurveyWave]:
    return session.exec(
        select(SurveyWave)
        .where(
            SurveyWave.engagement_id == engagement_id(engagement),
            col(SurveyWave.closed_on).is_(None),
            SurveyWave.opened_on < on,
            SurveyWave.closes_on > on,
        )
        .order_by(SurveyWave.period)
    ).all()


def _due(session: Session, engagement: Engagement, wave: SurveyWave, on: date) -> _Due:
    """Whom to remind today. Who refused, moved or was said to have been interviewed is left in peace."""
    key = engagement_id(engagement)
    after, languages = _days_and_languages(session, key, wave)
    if not after or (on - wave.opened_on).days < after[0]:
        return {}
    mails = _survey_mails(session, engagement, wave)
    outcomes = outcomes_of(session, wave)
    found: _Due = defaultdict(list)
    for one in session.exec(
        select(Invitation)
        .join(
            Person,
            (col(Person.ref) == col(Invitation.person_ref)) & (col(Person.engagement_id) == key),
        )
        .where(Invitation.wave_id == wave.id, col(Person.erased_on).is_(None), Person.email != "")
        .order_by(Invitation.person_ref)
    ):
        invited_on = mails.left_on.get((wave.period, one.person_ref))
        if invited_on is None or (wave.confidential and one.used_on is not None):
            continue
        if any(OUTCOME[code].final for code in outcomes.get(one.id or 0, ()) if code in OUTCOME):
            continue
        number = reminder_due(
            max(invited_on, wave.opened_on), wave.closes_on, mails.last_on[one.person_ref], after, on
        )
        if number and (wave.period, one.person_ref, number) not in mails.reminders:
            found[number, one.stratum, languages.get(one.person_ref, engagement.language[:2])].append(
                one.person_ref
            )
    return found


@dataclass(frozen=True)
class _SurveyMails:
    """The mails about surveys that have left or wait, since the invitations of a wave."""

    left_on: dict[tuple[str, str], date]
    """Wave and reference to the day the invitation left; one that could not be delivered is not here."""
    last_on: dict[str, date]
    """Reference to the day of the last mail about whichever wave."""
    reminders: frozenset[tuple[str, str, int]]
    """Wave, reference and number."""


def _survey_mails(session: Session, engagement: Engagement, wave: SurveyWave) -> _SurveyMails:
    zone = ZoneInfo(engagement.timezone)
    since = datetime.combine(wave.opened_on - LEAST_GAP, time(0), zone).astimezone(UTC)
    left_on: dict[tuple[str, str], date] = {}
    last_on: dict[str, date] = {}
    reminders = set()
    for mail in session.exec(
        select(OutboxMail)
        .options(defer(OutboxMail.body), defer(OutboxMail.attachments))  # type: ignore[arg-type]
        .where(
            OutboxMail.engagement_id == engagement_id(engagement),
            col(OutboxMail.kind).in_((INVITATION, REMINDER)),
            col(OutboxMail.dated_at) >= since,
        )
    ):
        ref, wave_period = mail.person_ref, wave_of_mail(mail.kind, mail.period)
        day = max(at.astimezone(zone).date() for at in (mail.dated_at, mail.sent_at) if at is not None)
        if mail.kind == INVITATION and mail.state in ("sent", "uncertain"):
            left_on[wave_period, ref] = day
        if mail.kind == REMINDER:
            reminders.add((wave_period, ref, int(mail.period.rpartition("#")[2])))
        if mail.state not in ("failed", "cancelled"):
            last_on[ref] = max(day, last_on.get(ref, day))
    return _SurveyMails(left_on, last_on, frozenset(reminders))


def _days_and_languages(
    session: Session, key: int, wave: SurveyWave
) -> tuple[tuple[int, ...], dict[str, str]]:
    """Days of the reminders, and reference to language; as planned, where the wave was."""
    planned = planned_sample(session, key, wave.period)
    if planned is None:
        return REMIND_AFTER, reading_languages(session, key)
    sample, units = planned
    return tuple(sample.choices.get("remind", REMIND_AFTER)), {unit.ref: unit.language for unit in units}
