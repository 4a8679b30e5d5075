"""Through which stages does an engagement go, and which changes are legal? The one table of transitions."""

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """Where an engagement stands between first contact and handover."""

    INTAKE = "intake"
    DUE_DILIGENCE = "due_diligence"
    PLAN_CONFIRMATION = "plan_confirmation"
    CONTRACTING = "contracting"
    MOBILISATION = "mobilisation"
    IN_SERVICE = "in_service"
    EVALUATION = "evaluation"
    HANDOVER = "handover"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


SERVING = frozenset({Stage.IN_SERVICE, Stage.EVALUATION, Stage.HANDOVER})
"""Stages in which the plan drives work."""


@dataclass(frozen=True)
class Transition:
    """A named legal change of stage."""

    name: str
    sources: frozenset[Stage]
    target: Stage


def _transition(name: str, sources: set[Stage], target: Stage) -> tuple[str, Transition]:
    return name, Transition(name, frozenset(sources), target)


TRANSITIONS: dict[str, Transition] = dict(
    (
        _transition("begin_due_diligence", {Stage.INTAKE}, Stage.DUE_DILIGENCE),
        _transition("submit_plan", {Stage.DUE_DILIGENCE}, Stage.PLAN_CONFIRMATION),
        _transition("return_plan", {Stage.PLAN_CONFIRMATION}, Stage.DUE_DILIGENCE),
        _transition("confirm_plan", {Stage.PLAN_CONFIRMATION}, Stage.CONTRACTING),
        _transition("reopen_plan", {Stage.CONTRACTING}, Stage.DUE_DILIGENCE),
        _transition("sign_contract", {Stage.CONTRACTING}, Stage.MOBILISATION),
        _transition("commence_service", {Stage.MOBILISATION}, Stage.IN_SERVICE),
        _transition("begin_evaluation", {Stage.IN_SERVICE}, Stage.EVALUATION),
        _transition("begin_handover", {Stage.EVALUATION}, Stage.HANDOVER),
        _transition("complete_handover", {Stage.HANDOVER}, Stage.CLOSED),
        _transition(
            "withdraw",
            {Stage.INTAKE, Stage.DUE_DILIGENCE, Stage.PLAN_CONFIRMATION, Stage.CONTRACTING},
            Stage.WITHDRAWN,
        ),
    )
)


def is_legal(transition: str, stage: str) -> bool:
    """Whether the named transition may be taken from this stage; an unknown name never may."""
    known = TRANSITIONS.get(transition)
    return known is not None and stage in known.sources
