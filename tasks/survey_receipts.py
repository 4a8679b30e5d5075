"""How does an answer sheet become an answer, once, and what is written down of the batch it came in? (D4)"""

import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, func, select, update

from models.audit import record_event
from models.clock import utc_now
from models.errors import Transient
from models.rules.survey_fieldwork import MISSES_COUNT_FOR, allowed_misses, closed_for
from models.survey import Invitation, SurveyAnswer, SurveyResponse, SurveyResponseLink, SurveyWave
from models.survey_codes import code_hash
from models.survey_fieldwork import SurveyCodeMiss, SurveyIntake

LONGEST_COMMENT = 1000
LARGEST_NUMBER = 2**31 - 1
"""Of a row; what an INTEGER of PostgreSQL holds."""


class CodesClosed(Transient):
    """So many wrong codes came in that none is looked up for a while; the message says until when."""


class CodeDoor:
    """Finds invitations by their codes, counts those that fit nothing, and closes when there are too many.

    Misses are kept by `shut`, in a transaction of their own where the caller's one is given up.
    """

    def __init__(self, session: Session, wave: SurveyWave) -> None:
        """Open the door.

        Raises:
            CodesClosed: too many wrong codes came in lately.
        """
        self._session, self._wave = session, wave
        self.misses = 0
        now = utc_now()
        self._before, last = missed_lately(session, wave, now)
        until = None if last is None else last + closed_for(self._before, wave.invited_count)
        if until is not None and until > now:
            raise CodesClosed(
                f"{self._before} wrong codes came in for the wave {wave.period} within a day; no code is looked up until "
                f"{until:%Y-%m-%d %H:%M} UTC. Check where the file comes from, then try again."
            )

    @property
    def closed(self) -> bool:
        """Whether this batch itself held too many wrong codes."""
        return self.misses >= allowed_misses(self._wave.invited_count)

    def find(self, code: str) -> Invitation | None:
        """The invitation of a code, used or not; None for one that fits nothing."""
        hashed = code_hash(code)
        found = None
        if not self.closed:
            found = self._session.exec(
                select(Invitation).where(Invitation.wave_id == self._wave.id, Invitation.token_hash == hashed)
            ).one_or_none()
        # Keyed hashes are compared, so that the time it takes says nothing of a code.
        kept = found.token_hash if found is not None else "0" * len(hashed)
        if hmac.compare_digest(kept, hashed):
            return found
        self.misses += not self.closed
        return None

    @property
    def reason(self) -> str:
        """Why a code is not taken; the same for one that is unknown and one of another wave."""
        if self.closed:
            return "too many codes before it fitted nothing; find out where the file comes from, then take it in again"
        return "the code is unknown"

    def shut(self) -> None:
        """Keep how many codes fitted nothing; enough of them leave a mark in the audit trail."""
        if not self.misses:
            return
        self._session.add(SurveyCodeMiss(wave_id=self._wave.id or 0, missed_at=utc_now(), count=self.misses))
        total = self._before + self.misses
        if total >= allowed_misses(self._wave.invited_count):
            record_event(
                self._session,
                self._wave.engagement_id,
                "survey.codes_closed",
                self._wave.period,
                {"wrong_codes": total},
            )


def missed_lately(session: Session, wave: SurveyWave, now: datetime) -> tuple[int, datetime | None]:
    """Wrong codes of the last day, and when the last came in."""
    count, last = session.exec(
        select(func.coalesce(func.sum(SurveyCodeMiss.count), 0), func.max(SurveyCodeMiss.missed_at)).where(
            SurveyCodeMiss.wave_id == wave.id, col(SurveyCodeMiss.missed_at) > now - MISSES_COUNT_FOR
        )
    ).one()
    return int(count), last


def take_answer(
    session: Session,
    wave: SurveyWave,
    invitation: Invitation,
    mode: str,
    scores: Mapping[str, int],
    comment: str,
    on: date,
) -> bool:
    """Use an invitation and write its answer, once; False if it was used before.

    In an anonymous wave nothing joins the answer to the invitation: numbers that rose with each answer would, beside the
    days on which codes were used.
    """
    used = session.exec(
        update(Invitation)
        .where(col(Invitation.id) == invitation.id, col(Invitation.used_on).is_(None))
        .values(used_on=on)
    )
    if used.rowcount != 1:
        return False
    (number,) = _free_numbers(session, col(SurveyResponse.id), 1)
    response = SurveyResponse(
        id=number,
        wave_id=wave.id or 0,
        serial=secrets.token_hex(8),
        stratum=invitation.stratum,
        mode=mode,
        comment=comment[:LONGEST_COMMENT],
        cell=invitation.cell,
    )
    session.add(response)
    session.flush()
    numbers = _free_numbers(session, col(SurveyAnswer.id), len(scores))
    session.add_all(
        SurveyAnswer(id=key, response_id=number, item_code=item, score=score)
        for key, (item, score) in zip(numbers, sorted(scores.items()), strict=True)
    )
    if wave.confidential:
        session.add(SurveyResponseLink(response_id=number, invitation_id=invitation.id or 0))
    session.flush()
    return True


def _free_numbers(session: Session, key: Mapped[int | None], count: int) -> list[int]:
    """Numbers drawn at random that no row has: they say nothing of the order in which answers came in."""
    numbers: set[int] = set()
    while len(numbers) < count:
        drawn = {secrets.randbelow(LARGEST_NUMBER) + 1 for _ in range(count - len(numbers))}
        numbers |= drawn - set(session.exec(select(key).where(key.in_(drawn))).all())
    return list(numbers)


def take_in_any_order(
    session: Session,
    wave: SurveyWave,
    ready: Sequence[tuple[Invitation, Mapping[str, int], str]],
    mode: str,
    on: date,
) -> list[Invitation]:
    """Make answers of sheets, in an order that says nothing of the rows they stood in; returns whose were taken."""
    mixed = list(ready)
    secrets.SystemRandom().shuffle(mixed)
    return [
        invitation
        for invitation, scores, comment in mixed
        if take_answer(session, wave, invitation, mode, scores, comment, on)
    ]


def note_intake(
    session: Session,
    wave: SurveyWave,
    source: str,
    batch: str,
    *,
    received: int,
    accepted: int,
    rejected: int,
    standing: int = 0,
) -> None:
    """Write down what became of a batch, as it stands now; the same batch again changes nothing.

    Args:
        session: the writing session.
        wave: of the batch.
        source: desk, paper, limesurvey or telephone.
        batch: what tells it from others.
        received: sheets in it.
        accepted: taken now.
        rejected: not taken.
        standing: taken before, from this batch or another.
    """
    row = session.exec(
        select(SurveyIntake).where(
            SurveyIntake.wave_id == wave.id, SurveyIntake.source == source, SurveyIntake.batch == batch
        )
    ).one_or_none()
    before = 0 if row is None else row.accepted
    values: dict[str, Any] = {
        "received": received,
        "accepted": before + accepted,
        "rejected": rejected,
        "repeated": standing - before,
    }
    if row is None:
        session.add(SurveyIntake(wave_id=wave.id or 0, source=source, batch=batch, **values))
    else:
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)
    session.flush()
