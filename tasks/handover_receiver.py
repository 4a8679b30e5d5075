"""Who takes the property over, and has it signed? The third party of the handover (C4)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from models.audit import record_event
from models.db import reading, writing
from models.decision import Decision, DecisionRequest
from models.engagement import Engagement
from models.errors import Terminal
from models.handover import HandoverReceiver
from models.people import Person
from models.rules.cycles import protocol_period
from models.rules.file_values import plain_text
from models.rules.personal_data import personal_kinds
from models.rules.stages import SERVING, Stage
from tasks.cycles import returned_protocols
from tasks.decisions import BOTH_SIDES, ask_decision
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.packs import IssuedPack, find_pack

RECEIVER = "receiver"
_MAX_NAME = 120


@dataclass(frozen=True)
class NewReceiver:
    """Who takes over, as it is named."""

    kind: str
    """custodian or committee."""
    name: str
    contact_ref: str


def name_receiver(code: str, new: NewReceiver, on: date | None = None) -> bool:
    """Name the party that takes over; if the protocol is out already it is asked to sign too.

    Args:
        code: the engagement.
        new: the party.
        on: the day; the engagement's today by default.

    Returns:
        False if it was named so before.

    Raises:
        Terminal: no name, no such contact, another one is asked already, or the custody is not in service or over.
    """
    name = plain_text(new.name)
    if not name or len(name) > _MAX_NAME or personal_kinds(name):
        raise Terminal(
            f"The receiving party needs a name of 1 to {_MAX_NAME} signs, without addresses or numbers; expected the "
            "organisation's."
        )
    with writing() as session:
        engagement = lock_engagement(session, code)
        key, day = engagement_id(engagement), on or business_today(engagement)
        if engagement.stage not in SERVING:
            raise Terminal(
                f"{code} is in stage {engagement.stage}; who takes over is named from service to handover."
            )
        _refuse_stranger(session, key, new.contact_ref)
        before = receiver_of(session, key)
        if before is not None and (before.kind, before.name, before.contact_ref) == (
            new.kind,
            name,
            new.contact_ref,
        ):
            return False
        pack = protocol_out(session, engagement)
        if before is not None and pack is not None:
            raise Terminal(
                f"{before.name} is asked to sign the protocol of {code}; another party is named once one side sends it back."
            )
        row = before or HandoverReceiver(engagement_id=key, kind="", name="", contact_ref="", named_on=day)
        row.kind, row.name, row.contact_ref, row.named_on = new.kind, name, new.contact_ref, day
        session.add(row)
        record_event(session, key, "handover.receiver", code, {"kind": new.kind, "contact": new.contact_ref})
        session.flush()
        if pack is not None:
            ask_to_sign(session, engagement, pack, (RECEIVER,), day)
        return True


def receiver_of(session: Session, key: int) -> HandoverReceiver | None:
    """The party that takes over; None while none is named."""
    return session.exec(select(HandoverReceiver).where(HandoverReceiver.engagement_id == key)).one_or_none()


def protocol_out(session: Session, engagement: Engagement) -> IssuedPack | None:
    """The protocol the parties are asked about; None before it is issued and after one was sent back."""
    if engagement.stage != Stage.HANDOVER:
        return None
    key = engagement_id(engagement)
    return find_pack(session, key, "handover", protocol_period(len(returned_protocols(session, key))))


def ask_to_sign(
    session: Session, engagement: Engagement, pack: IssuedPack, parties: tuple[str, ...], on: date
) -> None:
    """Put the protocol to the parties; asking twice asks once."""
    zh = engagement.language == "zh"
    ask_decision(
        session,
        engagement,
        "handover",
        pack.period,
        parties,
        pack.sha256,
        "请确认交接完成" if zh else "Please confirm the handover",
        on,
        pack.files,
    )


def signing_parties(session: Session, key: int) -> tuple[str, ...]:
    """Both sides, and who takes over where it is named."""
    return BOTH_SIDES if receiver_of(session, key) is None else (*BOTH_SIDES, RECEIVER)


def shown_receiver(code: str) -> list[dict[str, Any]]:
    """Who takes over and what each party said to the newest protocol; empty where nobody is named and nothing asked."""
    with reading() as session:
        engagement = find_engagement(session, code)
        key = engagement_id(engagement)
        receiver = receiver_of(session, key)
        returned = len(returned_protocols(session, key))
        asked = {
            request.party: (request, decision)
            for request, decision in session.exec(
                select(DecisionRequest, Decision)
                .join(Decision, col(Decision.request_id) == col(DecisionRequest.id), isouter=True)
                .where(
                    DecisionRequest.engagement_id == key,
                    DecisionRequest.subject == "handover",
                    DecisionRequest.reference == protocol_period(returned),
                )
            ).all()
        }
        names = {"client": engagement.client_name, "custodian": engagement.custodian_name}
        if receiver is not None:
            names[RECEIVER] = receiver.name
        rows = []
        for party, name in names.items():
            request, decision = asked.get(party, (None, None))
            said = decision.verdict if decision else "not asked yet" if request is None else "has not signed"
            rows.append(
                {
                    "party": party,
                    "name": name,
                    "protocol": said,
                    "on": decision.decided_on if decision else "",
                }
            )
        return rows


def _refuse_stranger(session: Session, key: int, ref: str) -> None:
    person = session.exec(
        select(Person).where(Person.engagement_id == key, Person.ref == ref, Person.role == RECEIVER)
    ).first()
    if person is None or person.erased_on is not None or not person.email:
        raise Terminal(
            f"{plain_text(ref)[:40]!r} is no person of this engagement with the role receiver and a mail address; record "
            "one with `steward people import`."
        )
