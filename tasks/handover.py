"""Is everything that was received given back? The handover at the end of the custody (C4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, select

from models.audit import record_event
from models.db import reading, writing
from models.errors import Terminal
from models.handover import HandoverItem
from models.register import Asset
from models.rules.cycles import ONCE
from models.upsert import insert_if_absent
from reports.handover_protocol import handover_protocol
from reports.words import HANDOVER_KINDS, voice_of
from tasks.cycles import CycleRef, cycle_transaction
from tasks.decisions import BOTH_SIDES, ask_decision
from tasks.documents import documents_of
from tasks.engagements import change_stage, engagement_id, engagement_of, find_engagement
from tasks.evaluation import conditions
from tasks.improvements import actions_in_state
from tasks.outbox import Letter, people_with_role, queue_letters
from tasks.packs import IssuedPack, issue_pack
from tasks.steps import step


@dataclass(frozen=True)
class ReturnedItem:
    """What came of one item of the list."""

    kind: str
    ref: str
    state: str
    """returned or disputed."""
    condition: str = ""
    remark: str = ""


@step("List what is to be handed over")
def list_handover_items(cycle: CycleRef) -> dict[str, int]:
    """List every asset, received document, account and open action, and enter the stage of handover.

    Returns:
        Items by kind.
    """
    with cycle_transaction(cycle) as session:
        engagement = engagement_of(session, cycle.engagement_id)
        rows = _rows(session, cycle.engagement_id, zh=engagement.language == "zh")
        insert_if_absent(session, HandoverItem, rows)
        change_stage(session, engagement, "begin_handover")
        counts: dict[str, int] = {}
        for row in rows:
            counts[row["kind"]] = counts.get(row["kind"], 0) + 1
        zh, voice = engagement.language == "zh", voice_of(engagement)
        queue_letters(
            session,
            engagement,
            people_with_role(session, engagement, *BOTH_SIDES),
            Letter(
                kind="handover-list",
                period=ONCE,
                title=f"{engagement.property_name}：交接安排"
                if zh
                else f"{engagement.property_name}: handover",
                paragraphs=(
                    (
                        "托管期限将满。请双方按清单逐项清点，并完成退出勘查；清单以入场承接记录为准。"
                        if zh
                        else "The term is ending. Please count the list item by item and carry out the exit survey; "
                        "the list is what was taken over at entry."
                    ),
                ),
                facts=tuple(
                    (voice.word(HANDOVER_KINDS, kind), str(count)) for kind, count in sorted(counts.items())
                ),
            ),
            cycle.as_of,
        )
        record_event(session, cycle.engagement_id, "handover.listed", engagement.code, dict(counts))
        return counts


def _rows(session: Session, key: int, *, zh: bool) -> list[dict[str, Any]]:
    items = [
        ("asset", asset.tag, asset.type_name)
        for asset in session.exec(select(Asset).where(Asset.engagement_id == key).order_by(Asset.tag)).all()
    ]
    items += [
        ("document", document.ref, document.title)
        for document in documents_of(session, key)
        if document.state in ("received", "partial")
    ]
    items += [
        ("account", "ledger", "财务账册与凭证" if zh else "Ledger and vouchers"),
        ("account", "balance", "账户余额与应收应付" if zh else "Balance, receivables and payables"),
        ("account", "keys", "钥匙、门禁与密码" if zh else "Keys, access cards and passwords"),
    ]
    items += [("action", action.ref, action.text) for action in actions_in_state(session, key, "open")]
    return [
        {
            "engagement_id": key,
            "kind": kind,
            "ref": ref,
            "title": title,
            "condition": "",
            "state": "listed",
            "remark": "",
        }
        for kind, ref, title in items
    ]


def count_item(session: Session, item: HandoverItem, entry: ReturnedItem, on: date) -> None:
    """Write down what came of an item that was still to be counted, in the caller's transaction."""
    item.state, item.condition, item.remark = entry.state, entry.condition, entry.remark
    item.returned_on = on
    session.add(item)


def record_returns(code: str, items: Sequence[ReturnedItem], on: date) -> int:
    """Record what was returned or disputed; an item recorded before stands. Returns how many are new."""
    with writing() as session:
        key = engagement_id(find_engagement(session, code))
        listed = {
            (item.kind, item.ref): item
            for item in session.exec(
                select(HandoverItem).where(HandoverItem.engagement_id == key, HandoverItem.state == "listed")
            ).all()
        }
        new = 0
        for entry in items:
            item = listed.get((entry.kind, entry.ref))
            if item is None:
                continue
            count_item(session, item, entry, on)
            new += 1
        if new:
            record_event(session, key, "handover.counted", code, {"items": new})
        return new


def open_items(code: str) -> list[tuple[str, str]]:
    """Kind and reference of what is listed and neither returned nor disputed yet."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        rows = session.exec(
            select(HandoverItem.kind, HandoverItem.ref)
            .where(HandoverItem.engagement_id == key, HandoverItem.state == "listed")
            .order_by(HandoverItem.kind, HandoverItem.ref)
        ).all()
        return [(kind, ref) for kind, ref in rows]


@step("Issue the handover protocol")
def issue_protocol(cycle: CycleRef) -> IssuedPack:
    """Issue the protocol that reconciles exit with entry, and ask both sides to accept it.

    Raises:
        Terminal: items of the list have not been counted yet.
    """
    with reading() as session:
        engagement = engagement_of(session, cycle.engagement_id)
        items = session.exec(
            select(HandoverItem)
            .where(HandoverItem.engagement_id == cycle.engagement_id)
            .order_by(HandoverItem.kind, HandoverItem.ref)
        ).all()
        uncounted = [item.ref for item in items if item.state == "listed"]
        if uncounted:
            raise Terminal(
                f"{len(uncounted)} items of the handover list have not been counted: {', '.join(uncounted[:5])} ..."
            )
        pack = handover_protocol(
            engagement,
            items=items,
            entry=conditions(session, cycle.engagement_id, "entry"),
            exit_=conditions(session, cycle.engagement_id, "exit"),
            on=cycle.as_of,
        )
    issued = issue_pack(cycle, "handover", pack, cycle.as_of)
    zh = engagement.language == "zh"
    with cycle_transaction(cycle) as session:
        ask_decision(
            session,
            engagement_of(session, cycle.engagement_id),
            "handover",
            ONCE,
            BOTH_SIDES,
            issued.sha256,
            "请确认交接完成" if zh else "Please confirm the handover",
            cycle.as_of,
            issued.files,
        )
    return issued
