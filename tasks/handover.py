"""Is everything that was received given back? The handover at the end of the custody (C4)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session, select

from models.audit import record_event
from models.db import reading, writing
from models.diligence import ConditionFinding
from models.engagement import Engagement
from models.errors import Terminal
from models.handover import COUNTED, MATTERS, HandoverItem
from models.register import Asset
from models.rules.cycles import ONCE
from models.rules.elements import ElementClass
from models.rules.handover_items import standard_items
from models.rules.personal_data import masked
from models.rules.stages import SERVING, Stage
from models.stock import StockPart
from models.upsert import insert_if_absent
from reports.condition_sections import score_text
from reports.handover_protocol import handover_protocol
from reports.words import HANDOVER_KINDS, voice_of
from tasks.amendments import align_work
from tasks.archive import newest_archive
from tasks.condition_change import explained_changes
from tasks.cycles import CycleRef, cycle_transaction, returned_protocols
from tasks.decisions import BOTH_SIDES
from tasks.documents import documents_of
from tasks.engagements import (
    business_today,
    change_stage,
    engagement_id,
    engagement_of,
    find_engagement,
    lock_engagement,
)
from tasks.evaluation import conditions, evaluation_outcome
from tasks.handover_receiver import ask_to_sign, protocol_out, receiver_of, signing_parties
from tasks.open_matters import OpenMatter, open_matters, settled_on
from tasks.outbox import Letter, people_with_role, queue_letters
from tasks.packs import IssuedPack, issue_pack
from tasks.plans_in_force import plan_on
from tasks.renewal import renewed_into
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
    figure: Decimal | None = None
    """Of money and meters."""


@step("List what is to be handed over")
def list_handover_items(cycle: CycleRef) -> dict[str, int]:
    """List every asset, received document, account and open matter, and enter the stage of handover.

    Returns:
        Items by kind.
    """
    with cycle_transaction(cycle) as session:
        engagement = engagement_of(session, cycle.engagement_id)
        change_stage(session, engagement, "begin_handover")
        keep_list(session, engagement, cycle.as_of)
        counts = dict(
            sorted(Counter(item.kind for item in listed_items(session, cycle.engagement_id)).items())
        )
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
                        "托管期限将满。请双方按清单逐项清点，并完成退出勘查；清单以入场承接记录为准，此后新增的资料与未结事项随时补入。"
                        if zh
                        else "The term is ending. Please count the list item by item and carry out the exit survey; "
                        "the list is what was taken over at entry, and papers and open matters that come up are added."
                    ),
                ),
                facts=tuple((voice.word(HANDOVER_KINDS, kind), str(count)) for kind, count in counts.items()),
            ),
            cycle.as_of,
        )
        return counts


def keep_list(session: Session, engagement: Engagement, today: date) -> None:
    """Add what came up since the list was drawn up, and say what was settled; doing it again changes nothing.

    Once the protocol is out the list stays as it was signed; a protocol that was sent back opens it again.
    """
    key, zh = engagement_id(engagement), engagement.language == "zh"
    if not list_is_open(session, engagement):
        return
    matters = {(one.kind, one.ref): one for one in open_matters(session, engagement, today)}
    new = insert_if_absent(session, HandoverItem, _rows(session, engagement, list(matters.values())))
    settled = 0
    for item in listed_items(session, key):
        if item.kind not in MATTERS:
            continue
        matter = matters.get((item.kind, item.ref))
        if matter is None and item.state in ("listed", "returned"):
            item.state = "settled"
            ended = settled_on(session, engagement, item.kind, item.ref)
            item.returned_on = ended or today
            if ended is None and item.kind == "order":
                item.remark = item.remark or ("未完成，不再欠做" if zh else "not done, and owed no more")
            settled += 1
        elif matter is not None:
            if item.state == "settled":  # a request may be opened again
                item.state, item.returned_on = "listed", None
            item.title, item.owner, item.due_on = matter.title, matter.owner, matter.due_on
        session.add(item)
    session.flush()
    if new or settled:
        record_event(session, key, "handover.listed", engagement.code, {"new": new, "settled": settled})


def list_is_open(session: Session, engagement: Engagement) -> bool:
    """Whether the handover has begun and its protocol is not out, or was sent back."""
    return engagement.stage == Stage.HANDOVER and protocol_out(session, engagement) is None


def listed_items(session: Session, key: int) -> list[HandoverItem]:
    """The handover list, by kind and reference."""
    return list(
        session.exec(
            select(HandoverItem)
            .where(HandoverItem.engagement_id == key)
            .order_by(HandoverItem.kind, HandoverItem.ref)
        ).all()
    )


def _rows(session: Session, engagement: Engagement, matters: Sequence[OpenMatter]) -> list[dict[str, Any]]:
    key, zh = engagement_id(engagement), engagement.language == "zh"
    assets = session.exec(select(Asset).where(Asset.engagement_id == key).order_by(Asset.tag)).all()
    items: list[tuple[str, str, str, str, date | None]] = [
        ("asset", asset.tag, asset.type_name, "", None) for asset in assets
    ]
    items += [
        ("document", document.ref, document.title, "", None)
        for document in documents_of(session, key)
        if document.state in ("received", "partial")
    ]
    items += [
        ("account", "ledger", "财务账册与凭证" if zh else "Ledger and vouchers", "", None),
        ("account", "balance", "账户余额与应收应付" if zh else "Balance, receivables and payables", "", None),
        ("account", "keys", "钥匙、门禁与密码" if zh else "Keys, access cards and passwords", "", None),
    ]
    present = frozenset(ElementClass(asset.element_class) for asset in assets)
    asked = standard_items(engagement.property_type, engagement.fee_model, present)
    items += [(one.kind, one.ref, one.zh if zh else one.en, "", None) for one in asked]
    units = {(one.kind, one.ref): one.unit.replace("money", engagement.currency) for one in asked}
    for part in session.exec(
        select(StockPart).where(StockPart.engagement_id == key).order_by(StockPart.code)
    ).all():
        ref = f"stock {part.code}"
        items.append(("belonging", ref, f"{'备件：' if zh else 'Spare part: '}{part.name}", "", None))
        units["belonging", ref] = part.unit
    items += [(one.kind, one.ref, one.title, one.owner, one.due_on) for one in matters]
    return [
        {
            "engagement_id": key,
            "kind": kind,
            "ref": ref,
            "title": title,
            "condition": "",
            "state": "listed",
            "remark": "",
            "unit": units.get((kind, ref), ""),
            "owner": owner,
            "due_on": due_on,
        }
        for kind, ref, title, owner, due_on in items
    ]


def count_item(session: Session, item: HandoverItem, entry: ReturnedItem, on: date) -> None:
    """Write down what came of an item that was still to be counted, in the caller's transaction."""
    item.state, item.condition, item.remark = entry.state, entry.condition, entry.remark
    item.returned_on, item.figure = on, entry.figure
    session.add(item)


def record_returns(code: str, items: Sequence[ReturnedItem], on: date) -> int:
    """Record what was returned or disputed; an item recorded before stands. Returns how many are new.

    Raises:
        Terminal: an item is in dispute, and nobody says over what; or the protocol is out.
    """
    silent = [entry.ref for entry in items if entry.state == "disputed" and not entry.remark.strip()]
    if silent:
        raise Terminal(
            f"{silent[0]} is said to be in dispute without a remark; expected what is missing or broken."
        )
    with writing() as session:
        engagement = lock_engagement(session, code)
        key = engagement_id(engagement)
        keep_list(session, engagement, on)
        listed = {
            (item.kind, item.ref): item for item in listed_items(session, key) if item.state == "listed"
        }
        new = 0
        for entry in items:
            item = listed.get((entry.kind, entry.ref))
            if item is None:
                continue
            count_item(session, item, entry, on)
            new += 1
        if new and not list_is_open(session, engagement):
            raise Terminal(PROTOCOL_IS_OUT.format(code=code))
        if new:
            record_event(session, key, "handover.counted", code, {"items": new})
        return new


def continue_service(code: str, until: date, reason: str) -> bool:
    """Go on serving beyond the term, because nobody has taken over: months are given out and closed as before.

    The plan in force goes on; the protocol follows eight days after the new last day. No fee is billed for that time:
    it is for the parties to agree (Civil Code, article 950).

    Args:
        code: the engagement.
        until: the last day; later than the term's and than one named before.
        reason: why the takeover is delayed.

    Returns:
        False if it was said so before.

    Raises:
        Terminal: no reason, a day that is too early, more than a year beyond the term or in the next term, the protocol
            is out, or not in service.
    """
    if not reason.strip():
        raise Terminal("Service goes on without a reason; expected why the takeover is delayed.")
    with writing() as session:
        engagement = lock_engagement(session, code)
        if engagement.stage not in SERVING:
            raise Terminal(f"{code} is in stage {engagement.stage}: only a term in service goes on.")
        key = engagement_id(engagement)
        if engagement.serving_until == until:
            return False
        following = renewed_into(session, key)
        if following is not None and until >= following[1]:
            raise Terminal(
                f"The next term begins on {following[1]} ({following[0]}): service of {code} goes on until the day before "
                "at most."
            )
        if protocol_out(session, engagement) is not None:
            raise Terminal(
                f"The handover protocol of {code} is with the parties; service goes on once one of them sends it back."
            )
        if until <= engagement.last_day:
            raise Terminal(
                f"Service of {code} goes on until {engagement.last_day} anyway; expected a later day."
            )
        if until - engagement.term_end > LONGEST_CONTINUATION:
            raise Terminal(
                f"{until} lies more than a year beyond the term of {code}; expected a new contract: see `steward "
                "engagement renew`."
            )
        first, engagement.serving_until = engagement.last_day + timedelta(days=1), until
        session.add(engagement)
        session.flush()
        plan = plan_on(session, key, first)
        if (
            plan is not None
        ):  # the rest of a month that was given out up to the end before; called off by an early end
            align_work(session, engagement, plan, business_today(engagement), first)
        record_event(
            session,
            key,
            "handover.continued",
            code,
            {"until": until.isoformat(), "reason": masked(reason.strip())[:500]},
        )
        return True


LONGEST_CONTINUATION = timedelta(days=366)
"""What goes on for longer is no delayed takeover but another term."""
PROTOCOL_IS_OUT = "The handover protocol of {code} is with the parties (or accepted): nothing is counted until one sends it back."


def uncounted_items(code: str) -> list[tuple[str, str]]:
    """Kind and reference of what is to be given back and neither returned nor disputed yet."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        return [
            (item.kind, item.ref)
            for item in listed_items(session, key)
            if item.kind in COUNTED and item.state == "listed"
        ]


@step("Bring the handover list up to date")
def update_list(cycle: CycleRef) -> str:
    """Add what came up; returns what keeps the protocol back: things to be given back that nobody has counted."""
    with cycle_transaction(cycle) as session:
        keep_list(session, engagement_of(session, cycle.engagement_id), cycle.as_of)
        return _not_counted(listed_items(session, cycle.engagement_id))


def _not_counted(items: Sequence[HandoverItem]) -> str:
    uncounted = [item.ref for item in items if item.kind in COUNTED and item.state == "listed"]
    if not uncounted:
        return ""
    many = len(uncounted)
    shown = ", ".join(uncounted[:5]) + (" ..." if many > 5 else "")
    return f"{many} {'item' if many == 1 else 'items'} of the handover list not counted: {shown}"


@step("Issue the handover protocol")
def issue_protocol(cycle: CycleRef) -> IssuedPack:
    """Issue the protocol that reconciles exit with entry, and ask both sides to accept it.

    Raises:
        Terminal: items of the list have not been counted yet.
    """
    why_not = update_list.fn(cycle)
    if why_not:
        raise Terminal(f"{why_not}. Record the count with `steward handover import`.")
    with reading() as session:
        engagement = engagement_of(session, cycle.engagement_id)
        key = cycle.engagement_id
        entry, exit_ = conditions(session, key, "entry"), conditions(session, key, "exit")
        pack = handover_protocol(
            engagement,
            items=listed_items(session, key),
            papers=documents_of(session, key),
            asset_conditions=_asset_conditions(session, engagement),
            entry=entry,
            exit_=exit_,
            changes=explained_changes(session, engagement, entry, exit_, cycle.as_of),
            outcome=evaluation_outcome(session, key),
            objections=returned_protocols(session, key),
            archive=newest_archive(session, key),
            receiver=receiver_of(session, key),
            renewed=renewed_into(session, key),
            on=cycle.as_of,
        )
    issued = issue_pack(cycle, "handover", pack, cycle.as_of)
    with cycle_transaction(cycle) as session:
        engagement = engagement_of(session, cycle.engagement_id)
        ask_to_sign(session, engagement, issued, signing_parties(session, cycle.engagement_id), cycle.as_of)
    return issued


def _asset_conditions(session: Session, engagement: Engagement) -> dict[str, str]:
    """What the exit survey says of each asset: of itself where a defect was seen, else of its class."""
    key, voice = engagement_id(engagement), voice_of(engagement)
    classes = {one.element_class: one.score for one in conditions(session, key, "exit")}
    worst: dict[str, int] = {}
    for finding in session.exec(
        select(ConditionFinding).where(
            ConditionFinding.engagement_id == key, ConditionFinding.visit == "exit"
        )
    ).all():
        worst[finding.asset_tag] = max(finding.score, worst.get(finding.asset_tag, 0))
    told = {}
    for asset in session.exec(select(Asset).where(Asset.engagement_id == key)).all():
        if asset.tag in worst:
            told[asset.tag] = score_text(worst[asset.tag], voice)
        elif asset.element_class in classes:
            grade = score_text(classes[asset.element_class], voice)
            told[asset.tag] = voice(f"class: {grade}", f"本类：{grade}")
    return told
