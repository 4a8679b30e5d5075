"""What do both sides sign? (A5)"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from models.contract import Contract, ContractClause, Instalment
from models.engagement import Demand, Engagement
from reports.demand_schedule import demands_table
from reports.pack import Column, Pack, Section, Table
from reports.sections import both_sides, pack_of, signature_table
from reports.words import STATES, Voice, voice_of


def contract_pack(
    engagement: Engagement,
    *,
    contract: Contract,
    clauses: Sequence[ContractClause],
    instalments: Sequence[Instalment],
    demands: Sequence[Demand],
    answered: Mapping[str, Sequence[str]],
    on: date,
) -> Pack:
    """The contract: its clauses one chapter each, the payment calendar, and room for both signatures.

    The clauses come first, so that the chapter numbers are the clauses' numbers.

    Args:
        engagement: the engagement.
        contract: the contract.
        clauses: its clauses.
        instalments: its payments.
        demands: the client's core demands.
        answered: titles of the plan's commitments that answer a demand, by its reference.
        on: the day the pack is issued.
    """
    voice = voice_of(engagement)
    return pack_of(
        engagement,
        title=voice("Property custody contract", "物业托管服务合同"),
        subtitle=voice(
            f"No. {engagement.code}/{contract.number}", f"合同编号：{engagement.code}/{contract.number}"
        ),
        period=f"{engagement.term_start.isoformat()} – {engagement.term_end.isoformat()}",
        period_name=voice("Term", "合同期限"),
        on=on,
        sections=(
            *(
                Section(clause.title, tuple(part for part in clause.text.split("\n\n") if part.strip()))
                for clause in sorted(clauses, key=lambda c: c.ordinal)
            ),
            _payments(contract, instalments, voice),
            Section(
                voice("Annex: core demands and their measures", "附件：核心诉求与衡量方式"),
                (
                    voice(
                        "The client measures the service by these demands, each by what is written beside it.",
                        "委托方以下列诉求衡量服务，衡量方式如表所列。",
                    )
                    if demands
                    else voice("The client named none.", "委托方未提出。"),
                ),
                tables=(demands_table(demands, answered, voice),) if demands else (),
            ),
            _signatures(engagement, contract, voice),
        ),
    )


def _payments(contract: Contract, instalments: Sequence[Instalment], voice: Voice) -> Section:
    total = sum((i.amount for i in instalments), Decimal(0))
    paid = any(i.paid_on is not None for i in instalments)  # before signing nothing can have been paid
    total_row = (voice("Total", "合计"), "", voice.cell(total), *([""] if paid else []))
    return Section(
        voice("Annex: payment calendar", "附件：付款日程"),
        (
            voice(
                f"Yearly fee: {voice.money(contract.annual_fee)}.",
                f"年度费用：{voice.money(contract.annual_fee)}。",
            ),
        ),
        tables=(
            Table(
                voice(f"Instalments ({voice.currency})", f"分期付款（{voice.money_unit}）"),
                (
                    Column(voice("No.", "期次"), "center", 0.6),
                    Column(voice("Due on", "应付日期"), "center", 1.2),
                    Column(voice("Amount", "金额"), "right", 1.4),
                    *([Column(voice("Paid on", "到账日期"), "center", 1.2)] if paid else []),
                ),
                tuple(
                    (
                        str(number),
                        i.due_on.isoformat(),
                        voice.cell(i.amount),
                        *([_paid_on(i, voice)] if paid else []),
                    )
                    for number, i in enumerate(sorted(instalments, key=lambda i: i.due_on), start=1)
                ),
                total=total_row if instalments else None,
            ),
        ),
    )


def _paid_on(instalment: Instalment, voice: Voice) -> str:
    return voice("not yet paid", "未到账") if instalment.paid_on is None else instalment.paid_on.isoformat()


def _signatures(engagement: Engagement, contract: Contract, voice: Voice) -> Section:
    state = voice.word(STATES, contract.state)
    return Section(
        voice("Signatures", "签署页"),
        (
            voice(f"State of the contract: {state}.", f"合同状态：{state}。"),
            _what_is_signed(contract, voice),
        ),
        tables=(signature_table(both_sides(engagement, voice), voice, contract.signed_on),),
    )


def _what_is_signed(contract: Contract, voice: Voice) -> str:
    if not contract.content_sha256:  # a document cannot hold the hash of its own bytes
        return voice(
            "Both sides sign exactly the bytes of this document. Their hash (SHA-256) stands in the mail and in the "
            "form that ask for the signature, and each signature is kept with it.",
            "双方签署的是本文件的全部字节，其哈希值（SHA-256）载于征求签署的邮件和表单中，并与每一方的签署一并保存。",
        )
    return voice(
        f"Both sides sign exactly the text with this hash (SHA-256): {contract.content_sha256}",
        f"双方签署内容以下列哈希值（SHA-256）对应的文本为准：{contract.content_sha256}",
    )
