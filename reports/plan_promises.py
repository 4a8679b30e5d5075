"""How are the promises of a service plan told: what, how often, to which standard, by whom? (A4)"""

from collections.abc import Mapping, Sequence

from models.rules.rhythm import MAINTENANCE_CLAUSE, frequency_words, maintenance_part
from models.service_plan import Commitment
from reports.indicator_sections import indicator_name, indicator_value
from reports.pack import Column, Section, Table
from reports.sections import cell_lines
from reports.words import CLAUSES, MAINTENANCE_PARTS, NOTHING, POSTS, Voice


def promises_section(
    commitments: Sequence[Commitment], target_counts: Mapping[int, int], voice: Voice
) -> Section:
    """Every promise, one table for each clause, maintenance divided into daily, periodic and special work.

    Args:
        commitments: of the plan.
        target_counts: number of assets or places by id of the commitment.
        voice: of the document.
    """
    tables: dict[tuple[str, str], list[Commitment]] = {}
    for commitment in sorted(commitments, key=lambda c: (c.clause, _part_of(c), c.subject, c.code)):
        tables.setdefault((commitment.clause, _part_of(commitment)), []).append(commitment)
    return Section(
        voice("What is promised", "服务承诺"),
        (voice("No promise was made.", "本方案没有服务承诺。"),) if not commitments else (),
        tables=tuple(
            Table(
                _caption(clause, part, voice),
                (
                    Column(voice("Promise", "承诺内容"), width=2.4),
                    Column(voice("How often", "频次"), width=1.3),
                    Column(voice("Places", "对象数"), "right", 0.75),
                    Column(voice("Standard and evidence", "标准与凭证"), width=2.6),
                    Column(voice("Post", "岗位"), width=1.5),
                    Column(voice("Measured by", "考核指标"), width=1.5),
                ),
                tuple(_promise(c, target_counts, voice) for c in promises),
            )
            for (clause, part), promises in tables.items()
        ),
    )


def _part_of(commitment: Commitment) -> str:
    """The part of the maintenance plan (clause A4) a promise belongs to; empty for other clauses."""
    return maintenance_part(commitment.rrule) if commitment.clause == MAINTENANCE_CLAUSE else ""


def _caption(clause: str, part: str, voice: Voice) -> str:
    name = f"{clause} {voice.word(CLAUSES, clause)}" if clause in CLAUSES else clause
    return name + (f"{voice(': ', '：')}{voice.word(MAINTENANCE_PARTS, part)}" if part else "")


def _promise(commitment: Commitment, target_counts: Mapping[int, int], voice: Voice) -> tuple[str, ...]:
    legal = commitment.statutory and voice("By law: ", "法定依据：") + voice.basis(commitment.statutory)
    proof = commitment.evidence and voice("Evidence: ", "凭证：") + commitment.evidence
    target = commitment.target_value
    metric = indicator_name(commitment.metric, voice) if commitment.metric else NOTHING
    count = None if commitment.id is None else target_counts.get(commitment.id)
    return (
        cell_lines(voice(commitment.title_en, commitment.title_zh), legal),
        how_often(commitment, voice),
        NOTHING if count is None else f"{count:,}",
        cell_lines(commitment.standard, proof),
        voice.word(POSTS, commitment.post_code),
        metric if target is None else f"{metric}\n{indicator_value(commitment.metric, target, voice)}",
    )


def how_often(commitment: Commitment, voice: Voice) -> str:
    """When a commitment is carried out, in words; without a recurrence when needed, or once on its day."""
    if commitment.rrule.strip():
        return frequency_words(commitment.rrule, voice.language)
    if commitment.on_demand:
        return voice("when needed", "按需")
    day = commitment.start_on.isoformat()
    return voice(f"once,\n{day}", f"一次，\n{day}")
