"""Notice that a custody ends before its term (A5, C3, C4)."""

from datetime import date
from typing import Literal

from prefect import flow

from tasks.artifacts import show_pack
from tasks.early_end import SaidNotice, give_notice


@flow(name="end-early", flow_run_name="{engagement}/{ends_on}")
def end_early(
    engagement: str,
    ground: Literal["agreement", "breach", "notice"],
    party: Literal["client", "custodian"],
    ends_on: date,
    reason: str,
    recorded_by: str,
) -> str:
    """Give notice that the custody ends early, and ask both sides (clauses A5, C3, C4).

    The term is shortened only once both sides have confirmed; the last reviews, the joint evaluation and the handover then
    fall due against the new end. The same notice again asks nobody twice.

    Args:
        engagement: code of the engagement.
        ground: agreement, breach, or notice in the agreed time (60 days).
        party: who gives notice, client or custodian.
        ends_on: the last day of the shortened term.
        reason: why, in a sentence without names.
        recorded_by: reference of the person who enters it, never a name.
    """
    said = SaidNotice(ground=ground, party=party, ends_on=ends_on, reason=reason, by=recorded_by)
    issued = give_notice(engagement, said)
    show_pack(f"early-end-{engagement}", issued)
    return issued.period
