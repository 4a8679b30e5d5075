"""Can an engagement change its stage only along the table of transitions?"""

import threading

import pytest
import sqlalchemy as sa
from sqlmodel import select

from models.audit import AuditEvent
from models.db import engine, reading, writing
from models.engagement import Engagement
from models.errors import IllegalStageChange
from models.rules.stages import SERVING, TRANSITIONS, Stage, is_legal
from tasks.engagements import change_stage, find_engagement
from tests import factories


def test_every_change_that_is_not_in_the_table_is_refused_and_changes_nothing(database: str) -> None:
    code = factories.create_engagement()
    refused = 0
    for stage in Stage:
        for name, transition in TRANSITIONS.items():
            if stage in transition.sources or stage is transition.target:
                continue
            _put(stage)
            with pytest.raises(IllegalStageChange, match=f"is in stage {stage}"):
                _change(code, name)
            assert _stage(code) == stage
            refused += 1
    legal = sum(len(transition.sources) for transition in TRANSITIONS.values())
    assert refused == len(Stage) * len(TRANSITIONS) - legal - len(TRANSITIONS)


def test_every_legal_change_is_taken_once_and_leaves_a_trace(database: str) -> None:
    code = factories.create_engagement()
    for name, transition in TRANSITIONS.items():
        for source in sorted(transition.sources):
            _put(source)
            traces = _traces(name)
            assert _change(code, name) is True
            assert _stage(code) == transition.target
            assert _change(code, name) is False, "the same change again is no mistake and does nothing"
            assert _traces(name) == traces + 1


def test_an_engagement_can_be_led_from_first_contact_to_closure() -> None:
    stage = Stage.INTAKE
    for name in [
        "begin_due_diligence",
        "submit_plan",
        "confirm_plan",
        "sign_contract",
        "commence_service",
        "begin_evaluation",
        "begin_handover",
        "complete_handover",
    ]:
        assert is_legal(name, stage), (name, stage)
        stage = TRANSITIONS[name].target
    assert stage is Stage.CLOSED


def test_nothing_leads_out_of_an_end_and_nobody_withdraws_from_a_signed_contract() -> None:
    sources = {source for transition in TRANSITIONS.values() for source in transition.sources}
    assert {Stage.CLOSED, Stage.WITHDRAWN}.isdisjoint(sources)
    assert TRANSITIONS["withdraw"].sources.isdisjoint(SERVING | {Stage.MOBILISATION})


def test_an_unknown_transition_is_never_legal() -> None:
    assert not any(is_legal("skip_everything", stage) for stage in Stage)


def test_of_two_who_take_the_same_change_at_once_one_takes_it(database: str) -> None:
    code = factories.create_engagement()
    _put(Stage.CONTRACTING)
    outcomes: list[object] = []
    barrier = threading.Barrier(2)

    def take() -> None:
        barrier.wait(20)
        try:
            outcomes.append(_change(code, "sign_contract"))
        except Exception as error:
            outcomes.append(error)

    takers = [threading.Thread(target=take) for _ in range(2)]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join(60)
    assert sorted(outcomes, key=str) == [False, True]
    assert _traces("sign_contract") == 1


def _put(stage: Stage) -> None:
    with engine().begin() as connection:
        connection.execute(sa.text("UPDATE engagement SET stage = :stage"), {"stage": stage.value})


def _change(code: str, transition: str) -> bool:
    with writing() as session:
        return change_stage(session, find_engagement(session, code), transition)


def _stage(code: str) -> str:
    with reading() as session:
        return session.exec(select(Engagement.stage).where(Engagement.code == code)).one()


def _traces(transition: str) -> int:
    with reading() as session:
        return len(session.exec(select(AuditEvent).where(AuditEvent.tag == f"stage.{transition}")).all())
