"""What do both sides sign when they change a signed contract? The addendum (补充协议, A5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models.contract import Contract
from models.engagement import Engagement
from models.rules.instalments import DueAmount
from models.rules.plan_diff import PlanChange
from reports.pack import Column, Pack, Section, Table
from reports.plan_changes import changes_table
from reports.sections import both_sides, pack_of, signature_table
from reports.words import NOTHING, Voice, voice_of

_CHAPTERS = (
    (("commitment",), "Commitments", "服务承诺的变更"),
    (("post",), "Posts", "岗位的变更"),
    (("emergency",), "Emergency plans", "应急预案的变更"),
    (("budget", "total"), "Budget and fee", "预算与费用的变更"),
)


@dataclass(frozen=True)
class AddendumTerms:
    """What an addendum changes; money in the currency of the engagement."""

    plan_version: int
    based_on: int
    effective_on: date
    reason: str
    changes: Sequence[PlanChange]
    old_annual_fee: Decimal
    new_annual_fee: Decimal
    old_instalments: Mapping[date, Decimal]
    instalments: Sequence[DueAmount]
    plan_sha256: str
    """Of the amended plan's document, which is an annex."""


def addendum_number(engagement: Engagement, contract: Contract, plan_version: int) -> str:
    """The addendum's number: the contract's, with the plan version it brings into force."""
    return f"{engagement.code}/{contract.number}/A{plan_version}"


def addendum_pack(engagement: Engagement, contract: Contract, terms: AddendumTerms, on: date) -> Pack:
    """The addendum: what it amends, from when, every change line by line, the instalments, room to sign.

    Args:
        engagement: the engagement.
        contract: the signed contract.
        terms: what changes.
        on: the day it is issued.
    """
    voice = voice_of(engagement)
    number = addendum_number(engagement, contract, terms.plan_version)
    changed = []
    for parts, english, chinese in _CHAPTERS:
        own = [change for change in terms.changes if change.part in parts]
        if own:
            changed.append(Section(voice(english, chinese), tables=(changes_table(own, voice.language),)))
    return pack_of(
        engagement,
        title=voice("Addendum to the property custody contract", "物业托管服务合同补充协议"),
        subtitle=voice(f"No. {number}", f"协议编号：{number}"),
        period=f"{terms.effective_on.isoformat()} – {engagement.term_end.isoformat()}",
        period_name=voice("In force", "协议期限"),
        on=on,
        sections=(
            _subject(engagement, contract, terms, voice),
            *changed,
            _instalments(terms, voice),
            Section(
                voice("Signatures", "签署页"),
                (
                    voice(
                        "Both sides sign exactly this document; its hash (SHA-256) stands in the question put to "
                        "them and in the record of their decisions.",
                        "双方签署内容以本文件为准；本文件的哈希值（SHA-256）载于征询函及双方决定记录。",
                    ),
                ),
                tables=(signature_table(both_sides(engagement, voice), voice),),
            ),
        ),
    )


def _subject(engagement: Engagement, contract: Contract, terms: AddendumTerms, voice: Voice) -> Section:
    signed = NOTHING if contract.signed_on is None else contract.signed_on.isoformat()
    number = f"{engagement.code}/{contract.number}"
    return Section(
        voice("What is amended", "补充内容与生效"),
        (
            voice(
                f"This addendum amends contract No. {number}, signed on {signed} (SHA-256 {contract.content_sha256}).",
                f"本协议系对{signed}签署的第{number}号合同（SHA-256：{contract.content_sha256}）的补充。",
            ),
            voice(
                f"It takes effect on {terms.effective_on.isoformat()}, provided that both sides have accepted it; "
                "before that day, and if one side rejects it, the contract stays as it is.",
                f"经双方接受后，自{terms.effective_on.isoformat()}起生效；该日之前或任何一方不接受的，原合同不变。",
            ),
            voice(f"Reason: {terms.reason}", f"变更原因：{terms.reason}"),
            voice(
                f"Version {terms.plan_version} of the service plan (document SHA-256 {terms.plan_sha256}) replaces "
                f"version {terms.based_on} from that day on and is an annex. It differs in the {len(terms.changes)} "
                "points listed below; everything else in contract and plan stays as agreed.",
                f"自该日起，服务方案第{terms.plan_version}版（文件SHA-256：{terms.plan_sha256}）取代第{terms.based_on}版，"
                f"并为本协议附件。变更共{len(terms.changes)}处，列明如下；合同与方案其余内容不变。",
            ),
        ),
    )


def _instalments(terms: AddendumTerms, voice: Voice) -> Section:
    old = terms.old_instalments
    return Section(
        voice("Fee and instalments", "费用与分期付款"),
        (
            voice(
                f"Yearly fee: {voice.money(terms.old_annual_fee)} before, {voice.money(terms.new_annual_fee)} from "
                f"{terms.effective_on.isoformat()}.",
                f"年度费用：原为{voice.money(terms.old_annual_fee)}，自{terms.effective_on.isoformat()}起为"
                f"{voice.money(terms.new_annual_fee)}。",
            ),
            voice(
                "Instalments that are paid or fall due before both sides accept stay as they are; the next one "
                "settles the difference.",
                "双方接受前已付或到期的分期款不变，差额在下一期结清。",
            ),
        ),
        tables=(
            Table(
                voice(f"Payment calendar ({voice.currency})", f"付款日程（{voice.money_unit}）"),
                (
                    Column(voice("Due on", "应付日期"), "center", 1.2),
                    Column(voice("Before", "原金额"), "right", 1.4),
                    Column(voice("After", "现金额"), "right", 1.4),
                    Column(voice("Change", "变化"), "center", 1.2),
                ),
                tuple(
                    (
                        entry.due_on.isoformat(),
                        voice.cell(old[entry.due_on]) if entry.due_on in old else NOTHING,
                        voice.cell(entry.amount),
                        voice("changed", "变更")
                        if old.get(entry.due_on) != entry.amount
                        else voice("unchanged", "不变"),
                    )
                    for entry in terms.instalments
                ),
                total=(
                    voice("Total", "合计"),
                    voice.cell(sum(old.values(), Decimal(0))),
                    voice.cell(sum((entry.amount for entry in terms.instalments), Decimal(0))),
                    "",
                ),
            ),
        ),
    )
