"""How does an answer sheet become an answer, once, and what is written down of the batch it came in? (D4)"""

import hmac
import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, func, select, update

from models.audit import record_event
from models.clock import utc_now
from models.errors import Transient
from models.rules.survey_fieldwork import MISSES_COUNT_FOR, allowed_misses, closed_for, extent
from models.survey import Invitation, SurveyAnswer, SurveyResponse, SurveyResponseLink, SurveyWave
from models.survey_codes import code_hasher
from models.survey_fieldwork import SurveyCodeMiss, SurveyIntake

LONGEST_COMMENT = 1000
_AT_ONCE = 500
"""Rows in one statement."""


class Asked(NamedTuple):
    """What a code opens: an invitation, without whose it is."""

    id: int
    stratum: str
    used_on: date | None
    cell: str


@dataclass(frozen=True, slots=True)
class ReadySheet:
    """An answer that waits to be taken: small, as a million may wait."""

    invitation: int
    stratum: str
    scores: tuple[tuple[str, int], ...]
    comment: str
    cell: str

    @staticmethod
    def of(invitation: Asked | Invitation, scores: Mapping[str, int], comment: str) -> "ReadySheet":
        """The sheet of an invitation."""
        pairs = tuple(_PAIRS.setdefault(pair, pair) for pair in sorted(scores.items()))
        return ReadySheet(
            invitation.id or 0, invitation.stratum, pairs, comment[:LONGEST_COMMENT], invitation.cell
        )


_PAIRS: dict[tuple[str, int], tuple[str, int]] = {}
"""Each item and score once: answers share them."""


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
        self._known: dict[bytes, Asked] | None = None
        self._hashed: Callable[[str], str] = code_hasher()
        self.misses = 0
        now = utc_now()
        before, last = missed_lately(session, wave, now)
        until = None if last is None else last + closed_for(before, wave.invited_count)
        if until is not None and until > now:
            raise CodesClosed(
                f"{before} wrong codes came in for the wave {wave.period} within a day; no code is looked up until "
                f"{until:%Y-%m-%d %H:%M} UTC. Check where the file comes from, then try again."
            )

    @property
    def closed(self) -> bool:
        """Whether this batch itself held too many wrong codes."""
        return self.misses >= allowed_misses(self._wave.invited_count)

    def learn_all(self) -> None:
        """Read all invitations of the wave at once, for a long file; `find_asked` needs no session then."""
        columns = Invitation.__table__.c  # type: ignore[attr-defined]
        rows = self._session.connection().execute(
            sa.select(columns.token_hash, columns.id, columns.stratum, columns.used_on, columns.cell).where(
                columns.wave_id == self._wave.id
            )
        )
        self._known = {
            bytes.fromhex(hashed): Asked(key, sys.intern(stratum), used_on, sys.intern(cell))
            for hashed, key, stratum, used_on, cell in rows
        }

    def forget(self) -> None:
        """Let go of what was learnt by heart."""
        self._known = None

    def find_asked(self, code: str) -> Asked | None:
        """As `find`, among those learnt by heart."""
        hashed = bytes.fromhex(self._hashed(code))
        # Looked up is a keyed hash: the time it takes says nothing of a code.
        found = None if self.closed or self._known is None else self._known.get(hashed)
        self.misses += found is None and not self.closed
        return found

    def find(self, code: str) -> Invitation | None:
        """The invitation of a code, used or not; None for one that fits nothing."""
        hashed = self._hashed(code)
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

    def shut(self, session: Session | None = None) -> None:
        """Keep how many codes fitted nothing; enough of them leave a mark in the audit trail.

        Args:
            session: that writes, where the one the door was opened with only read.
        """
        if not self.misses:
            return
        writer = session or self._session
        now = utc_now()
        total = missed_lately(writer, self._wave, now)[0] + self.misses
        writer.add(SurveyCodeMiss(wave_id=self._wave.id or 0, missed_at=now, count=self.misses))
        if total >= allowed_misses(self._wave.invited_count):
            record_event(
                writer,
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

    In an anonymous wave nothing joins the answer to the invitation.
    """
    return bool(take_in_any_order(session, wave, [ReadySheet.of(invitation, scores, comment)], mode, on))


def _random_key() -> int:
    """A number that says nothing of the order in which answers came in; of so many none is met twice."""
    return secrets.randbits(62) + 1


def take_in_any_order(
    session: Session, wave: SurveyWave, ready: Sequence[ReadySheet], mode: str, on: date
) -> set[int]:
    """Make answers of sheets, in an order that says nothing of the rows they stood in.

    Codes are used in the order of invitations, before and apart from the answers, so that not even the places of rows
    in the database's files join the two. Numbers that rose with each answer would, beside the days on which codes were
    used: they are drawn at random.

    Returns:
        The invitations whose codes were not used before.
    """
    session.flush()
    write = session.connection().execute
    asked = sorted({sheet.invitation for sheet in ready})
    taken: set[int] = set()
    for start in range(0, len(asked), _AT_ONCE):
        use = (
            update(Invitation)
            .where(col(Invitation.id).in_(asked[start : start + _AT_ONCE]), col(Invitation.used_on).is_(None))
            .values(used_on=on)
            .returning(col(Invitation.id))
        )
        taken.update(key for (key,) in write(use))
    mixed = [sheet for sheet in ready if sheet.invitation in taken]
    secrets.SystemRandom().shuffle(mixed)
    for start in range(0, len(mixed), _AT_ONCE):
        sheets = mixed[start : start + _AT_ONCE]
        numbers = [_random_key() for _ in sheets]
        rows = [
            {
                "id": number,
                "wave_id": wave.id,
                "serial": secrets.token_hex(8),
                "stratum": one.stratum,
                "cell": one.cell,
                "mode": mode,
                "comment": one.comment,
                "extent": extent(wave.items, one.stratum, dict(one.scores)),
            }
            for number, one in zip(numbers, sheets, strict=True)
        ]
        write(sa.insert(SurveyResponse), rows)
        answers: list[dict[str, Any]] = [
            {"id": _random_key(), "response_id": number, "item_code": item, "score": score}
            for number, one in zip(numbers, sheets, strict=True)
            for item, score in one.scores
        ]
        if answers:
            write(sa.insert(SurveyAnswer), answers)
        if wave.confidential:
            links = [
                {"response_id": number, "invitation_id": one.invitation}
                for number, one in zip(numbers, sheets, strict=True)
            ]
            write(sa.insert(SurveyResponseLink), links)
    return taken


def intake_of(session: Session, wave: SurveyWave, source: str, batch: str) -> SurveyIntake | None:
    """What was written down of a batch; None if it never came in."""
    return session.exec(
        select(SurveyIntake).where(
            SurveyIntake.wave_id == wave.id, SurveyIntake.source == source, SurveyIntake.batch == batch
        )
    ).one_or_none()


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
    reasons: Mapping[str, int] | None = None,
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
        reasons: the rejected by reason in one word, where they are counted so.
    """
    row = intake_of(session, wave, source, batch)
    before = 0 if row is None else row.accepted
    values: dict[str, Any] = {
        "received": received,
        "accepted": before + accepted,
        "rejected": rejected,
        "repeated": standing - before,
        "reasons": dict(sorted((reasons or {}).items())),
    }
    if row is None:
        session.add(SurveyIntake(wave_id=wave.id or 0, source=source, batch=batch, **values))
    else:
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)
    session.flush()
