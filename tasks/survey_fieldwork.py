"""How far has a wave come: who answered in which way, what became of all others, and do the counts agree? (D4)"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, func, select

from models.db import reading
from models.outbox import OutboxMail
from models.rules.survey_fieldwork import RATE_FORMULAS, Equation
from models.rules.survey_outcomes import (
    DISPOSITION_WORDS,
    MOST_ATTEMPTS,
    disposition_of,
    quota_state,
)
from models.rules.survey_rates import Dispositions, outcome_rates, rr1_with_quota_full
from models.rules.survey_reminders import INVITATION, REMINDER
from models.survey import (
    Invitation,
    SurveyResponse,
    SurveySample,
    SurveySampleUnit,
    SurveyWave,
)
from models.survey_fieldwork import SurveyCall, SurveyIntake, SurveyPaperEntry
from tasks.engagements import engagement_id, find_engagement
from tasks.survey_samples import planned_sample
from tasks.survey_waves import extents_not_kept
from tasks.surveys import wave_of


def fieldwork(code: str, period: str) -> dict[str, Any]:
    """Progress of a wave: modes, dispositions, rates, cells, paper, calls, batches, and whether the counts agree.

    Args:
        code: the engagement.
        period: of the wave, such as 2027-Q1.

    Raises:
        Terminal: there is no such wave.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        key = engagement_id(engagement)
        wave = wave_of(session, key, period)
        invitations = session.exec(
            select(Invitation).where(Invitation.wave_id == wave.id).order_by(col(Invitation.id))
        ).all()
        extents, by_mode = answer_extents(session, wave)
        interviews = interviews_of(session, wave)
        superseded = sum(one.superseded for one in interviews.values())
        unseen = superseded if keeps_who_answered(wave) else 0
        calls = outcomes_of(session, wave)
        dispositions = _dispositions(session, wave, extents, invitations, interviews, calls)
        used = sum(one.used_on is not None for one in invitations)
        paper = _paper(session, wave)
        batches = session.exec(
            select(SurveyIntake).where(SurveyIntake.wave_id == wave.id).order_by(col(SurveyIntake.id))
        ).all()
        answers = sum(extents.values()) + unseen
        if unseen:
            by_mode["telephone"] = by_mode.get("telephone", 0) + unseen
        checks = [
            Equation("invited = invitations of the wave", wave.invited_count, len(invitations)),
            Equation("invited = sum of all dispositions", wave.invited_count, dispositions.invited),
            Equation("codes used = answers", used + unseen, answers),
            Equation(
                "received = accepted + rejected + repeated",
                sum(batch.received for batch in batches),
                sum(batch.accepted + batch.rejected + batch.repeated for batch in batches),
            ),
            Equation(
                "accepted sheets + paper forms taken = answers"
                + (" + superseded interviews" if superseded > unseen else ""),
                sum(batch.accepted for batch in batches if batch.source != "paper") + paper["taken"],
                answers + superseded - unseen,
            ),
            Equation(
                "accepted paper entries = entries kept",
                sum(batch.accepted for batch in batches if batch.source == "paper"),
                paper["entries"],
            ),
        ]
        waiting = [one for one in invitations if _waits(wave, one, interviews)]
        full = _full(calls, waiting)
        said = [one for one in waiting if "answered" in calls.get(one.id or 0, [])]
        return {
            "engagement": code,
            "wave": period,
            "purpose": wave.purpose,
            "answers_are": "confidential" if wave.confidential else "anonymous",
            "opened_on": wave.opened_on,
            "closes_on": wave.closes_on,
            "closed_on": wave.closed_on,
            "frame": wave.frame_count,
            "invited": wave.invited_count,
            "answers": answers,
            "superseded_interviews": None if keeps_who_answered(wave) else superseded,
            "modes": [
                {
                    "mode": mode,
                    "invited": sum(one.mode == mode for one in invitations),
                    "of_these_answered": _got([one for one in invitations if one.mode == mode], interviews),
                    "answers_by_it": by_mode.get(mode, 0),
                }
                for mode in sorted({one.mode for one in invitations} | set(by_mode))
            ],
            "dispositions": [
                {"code": name, "count": count, "meaning": DISPOSITION_WORDS[name][0]}
                for name, count in dispositions.counts().items()
            ],
            "rates": [
                {"rate": name, "value": value, "formula": RATE_FORMULAS[name]}
                for name, value in sorted(
                    outcome_rates(dispositions, dispositions.eligible_beside(full)).items()
                )
            ],
            "eligible_share": dispositions.eligible_beside(full),
            "quota_full": full,
            "rr1_with_quota_full_in_the_base": rr1_with_quota_full(dispositions, full),
            "cells": cell_rows(session, key, wave, invitations, interviews),
            "strata": _strata(invitations, interviews),
            "paper": paper,
            "calls": {
                "made": sum(name != "quota_full" for names in calls.values() for name in names),
                "outcomes": dict(sorted(Counter(name for names in calls.values() for name in names).items())),
                "limit": MOST_ATTEMPTS,
                "answers_missing": len(said),
                "interviewers": _interviewers(session, wave),
            },
            "reminders": _reminders(session, key, period),
            "batches": [
                {
                    "source": batch.source,
                    "batch": batch.batch[:12],
                    "received": batch.received,
                    "accepted": batch.accepted,
                    "rejected": batch.rejected,
                    "repeated": batch.repeated,
                    "reasons": batch.reasons,
                }
                for batch in batches
            ],
            "checks": [check.as_row() for check in checks],
            "reconciled": all(check.holds for check in checks),
        }


def wave_dispositions(session: Session, wave: SurveyWave) -> Dispositions:
    """What became of each invitation of a wave, as `fieldwork` counts it."""
    extents, _ = answer_extents(session, wave)
    invitations = session.exec(select(Invitation).where(Invitation.wave_id == wave.id)).all()
    interviews, calls = interviews_of(session, wave), outcomes_of(session, wave)
    return _dispositions(session, wave, extents, invitations, interviews, calls)


def _dispositions(
    session: Session,
    wave: SurveyWave,
    extents: Mapping[str, int],
    invitations: Sequence[Invitation],
    interviews: Mapping[int, SurveyCall],
    calls: Mapping[int, Sequence[str]],
) -> Dispositions:
    failed = failed_mails(session, wave.engagement_id, wave.period)
    others = Counter(
        disposition_of(calls.get(one.id or 0, []), one.person_ref in failed)
        for one in invitations
        if _waits(wave, one, interviews)
    )
    counts = Counter(extents)
    if keeps_who_answered(wave):
        counts += Counter(one.answers for one in interviews.values() if one.superseded)
        # First and second answers alike, so that what is left out tells of neither.
        counts = _fitting(counts, len(invitations))
        others = _fitting(others, len(invitations) - counts.total())
    return Dispositions.of(counts + others)


def keeps_who_answered(wave: SurveyWave) -> bool:
    """Whether no count may tell whether a certain respondent has answered: an anonymous wave in the field.

    Every step of the office moves the counts by the same there, whoever it is about: an interview counts as an answer
    also where the first answer was given before, and a refusal also of somebody who answered in another way.
    """
    return not wave.confidential and wave.closed_on is None


def interviews_of(session: Session, wave: SurveyWave) -> dict[int, SurveyCall]:
    """Invitation to the call that brought its answers."""
    return {
        call.invitation_id: call
        for call in session.exec(
            select(SurveyCall)
            .join(Invitation, col(Invitation.id) == col(SurveyCall.invitation_id))
            .where(Invitation.wave_id == wave.id, SurveyCall.answers != "")
        )
    }


def _waits(wave: SurveyWave, one: Invitation, interviews: Mapping[int, SurveyCall]) -> bool:
    """Whether an answer is awaited, as far as the office may know."""
    return one.id not in interviews if keeps_who_answered(wave) else one.used_on is None


def _fitting(others: Counter[str], room: int) -> Counter[str]:
    """So many of them as there is room for: who answered is one without a contact, then of the next.

    Where interviews may be second ones, answers themselves may be more than invitations.
    """
    over = max(0, others.total() - room)
    for name in ("NC", "UO", "NE", "O", "R", "P", "I"):
        less = min(over, others[name])
        others[name] -= less
        over -= less
    return others


def _got(invitations: Sequence[Invitation], interviews: Mapping[int, SurveyCall]) -> int:
    """Codes used, and interviews of who had answered before: a cell is small, and would tell of one, also afterwards."""
    used = sum(one.used_on is not None for one in invitations)
    asked = {one.id for one in invitations}
    later = sum(key in asked and call.superseded for key, call in interviews.items())
    return min(len(invitations), used + later)


def quota_full(session: Session, wave: SurveyWave) -> int:
    """Who was left because enough had answered in the cell."""
    interviews = interviews_of(session, wave)
    invitations = session.exec(select(Invitation).where(Invitation.wave_id == wave.id)).all()
    waiting = [one for one in invitations if _waits(wave, one, interviews)]
    return _full(outcomes_of(session, wave), waiting)


def _full(calls: Mapping[int, list[str]], waiting: Sequence[Invitation]) -> int:
    return sum(calls.get(one.id or 0, [""])[-1:] == ["quota_full"] for one in waiting)


def unsettled_forms(session: Session, wave: SurveyWave) -> int:
    """Paper forms that were typed, but once only or in two ways that nobody settled: they are no answers."""
    found = _paper(session, wave)
    return found["typed_once"] + found["differing"]


def answer_extents(session: Session, wave: SurveyWave) -> tuple[dict[str, int], dict[str, int]]:
    """Answers by extent (I, P, R for a break-off), and by the mode they came in."""
    extents: Counter[str] = Counter()
    modes: Counter[str] = Counter()
    for kept, mode, count in session.exec(
        select(SurveyResponse.extent, SurveyResponse.mode, func.count())
        .where(SurveyResponse.wave_id == wave.id)
        .group_by(col(SurveyResponse.extent), col(SurveyResponse.mode))
    ):
        modes[mode] += count
        if kept:
            extents[kept] += count
    extents.update(found for _, found in extents_not_kept(session, wave))
    return dict(extents), dict(modes)


def outcomes_of(session: Session, wave: SurveyWave) -> dict[int, list[str]]:
    """The outcomes of the calls of each invitation, in the order of the calls."""
    found: dict[int, list[str]] = defaultdict(list)
    for key, outcome in session.exec(
        select(SurveyCall.invitation_id, SurveyCall.outcome)
        .join(Invitation, col(Invitation.id) == col(SurveyCall.invitation_id))
        .where(Invitation.wave_id == wave.id)
        .order_by(col(SurveyCall.called_at), col(SurveyCall.id))
    ):
        found[key].append(outcome)
    return dict(found)


def _interviewers(session: Session, wave: SurveyWave) -> list[dict[str, Any]]:
    """Who called how often, and how many interviews came of it; where it was said."""
    rows = session.exec(
        select(SurveyCall.interviewer, SurveyCall.outcome, func.count())
        .join(Invitation, col(Invitation.id) == col(SurveyCall.invitation_id))
        .where(Invitation.wave_id == wave.id, SurveyCall.interviewer != "")
        .group_by(col(SurveyCall.interviewer), col(SurveyCall.outcome))
    ).all()
    return [
        {
            "interviewer": name,
            "calls": sum(count for who, _, count in rows if who == name),
            "interviews": sum(count for who, outcome, count in rows if (who, outcome) == (name, "answered")),
        }
        for name in sorted({who for who, _, _ in rows})
    ]


def failed_mails(session: Session, key: int, period: str) -> frozenset[str]:
    """Whose invitation could not be delivered: of unknown eligibility, not ineligible."""
    return frozenset(
        session.exec(
            select(OutboxMail.person_ref).where(
                OutboxMail.engagement_id == key,
                OutboxMail.kind == INVITATION,
                OutboxMail.period == period,
                OutboxMail.state == "failed",
            )
        ).all()
    )


def cell_rows(
    session: Session,
    key: int,
    wave: SurveyWave,
    invitations: Sequence[Invitation],
    interviews: Mapping[int, SurveyCall],
) -> list[dict[str, Any]]:
    """Each building of a planned wave: asked, answers wanted and got, open or full; none without a plan."""
    planned = planned_sample(session, key, wave.period)
    if planned is None:
        return []
    sample, units = planned
    place = buildings_of(units)
    asked: dict[str, list[Invitation]] = defaultdict(list)
    for one in invitations:
        asked[place.get(one.person_ref, "")].append(one)
    got = {building: _got(inside, interviews) for building, inside in asked.items()}
    wanted = quotas(sample)
    return [
        {
            "cell": building,
            "asked": len(asked[building]),
            "wanted": wanted.get(building, 0),
            "got": got[building],
            "state": quota_state(wanted.get(building, 0), got[building]),
        }
        for building in sorted(asked)
    ]


def buildings_of(units: Sequence[SurveySampleUnit]) -> dict[str, str]:
    """Reference to building."""
    return {unit.ref: unit.building for unit in units}


def quotas(sample: SurveySample) -> dict[str, int]:
    """Building to the answers wanted there."""
    return {part["building"]: int(part["wanted"]) for part in sample.figures.get("buildings", [])}


def _strata(invitations: Sequence[Invitation], interviews: Mapping[int, SurveyCall]) -> list[dict[str, Any]]:
    asked: dict[str, list[Invitation]] = defaultdict(list)
    for one in invitations:
        asked[one.stratum].append(one)
    return [
        {"stratum": name, "asked": len(inside), "got": _got(inside, interviews)}
        for name, inside in sorted(asked.items())
    ]


def _paper(session: Session, wave: SurveyWave) -> dict[str, int]:
    entries = session.exec(select(SurveyPaperEntry).where(SurveyPaperEntry.wave_id == wave.id)).all()
    forms: dict[int, list[SurveyPaperEntry]] = defaultdict(list)
    for entry in entries:
        forms[entry.invitation_id].append(entry)
    return {"entries": len(entries)} | paper_states(forms)


def paper_states(forms: Mapping[int, Sequence[SurveyPaperEntry]]) -> dict[str, int]:
    """How many forms are taken, typed once, or typed twice in different ways."""
    typed = [pair for pair in forms.values() if pair]
    taken = sum(any(entry.taken for entry in pair) for pair in typed)
    once = sum(len(pair) == 1 and not pair[0].taken for pair in typed)
    return {"forms": len(typed), "taken": taken, "typed_once": once, "differing": len(typed) - taken - once}


def _reminders(session: Session, key: int, period: str) -> list[dict[str, Any]]:
    rows = session.exec(
        select(OutboxMail.period, OutboxMail.state, func.count())
        .where(
            OutboxMail.engagement_id == key,
            OutboxMail.kind == REMINDER,
            col(OutboxMail.period).startswith(f"{period}#", autoescape=True),
        )
        .group_by(col(OutboxMail.period), col(OutboxMail.state))
        .order_by(OutboxMail.period, OutboxMail.state)
    ).all()
    return [
        {"reminder": int(name.rpartition("#")[2]), "state": state, "mails": count}
        for name, state, count in rows
    ]
