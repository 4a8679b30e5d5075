"""Was everything given back, in which condition, and what is still open? (C4)"""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

from models.diligence import DocumentItem, ElementCondition
from models.engagement import Engagement
from models.handover import COUNTED, MATTERS, HandoverItem, HandoverReceiver
from models.rules.condition_change import Explained
from models.rules.documents import CONDITION_LABELS
from models.rules.handover_items import FIGURED
from reports.archive_guide import archive_sentence
from reports.condition_change import change_sections
from reports.condition_sections import ELEMENTS, conditions_table, scheme_text
from reports.document_receipt import place_of
from reports.evaluation_scores import EvaluationOutcome, outcome_section
from reports.pack import Column, Pack, Section, Table
from reports.sections import both_sides, cell_lines, pack_of, signature_table
from reports.words import (
    DOCUMENT_STATES,
    HANDOVER_KINDS,
    HANDOVER_STATES,
    MATTER_STATES,
    NOTHING,
    PARTIES,
    POSTS,
    RECEIVER_KINDS,
    SIGNATORIES,
    Voice,
    voice_of,
)


def handover_protocol(
    engagement: Engagement,
    *,
    items: Sequence[HandoverItem],
    entry: Sequence[ElementCondition],
    exit_: Sequence[ElementCondition],
    on: date,
    receiver: HandoverReceiver | None = None,
    papers: Sequence[DocumentItem] = (),
    asset_conditions: Mapping[str, str] = MappingProxyType({}),
    outcome: EvaluationOutcome | None = None,
    objections: Sequence[tuple[str, date, str]] = (),
    archive: tuple[str, date, int] | None = None,
    changes: Sequence[Explained] = (),
    renewed: tuple[str, date, date] | None = None,
) -> Pack:
    """The protocol of the handover at the end of the custody, for three signatures.

    Args:
        engagement: the engagement.
        items: everything received at entry or come up since, and what became of it.
        entry: the condition at entry.
        exit_: the condition at exit.
        on: the day of the protocol.
        receiver: the party that takes over; left blank on paper where it is not known.
        papers: the document list of the entry, papers that never came included.
        asset_conditions: by tag, what the exit survey says; shown where nobody stated a condition at the count.
        outcome: what both sides said at the joint evaluation.
        objections: party, day and reason of each protocol before this one that was sent back.
        archive: manifest hash, day and number of files of the archive the owners get.
        changes: why each element is in another condition than at entry.
        renewed: code and term of the engagement that follows.
    """
    voice = voice_of(engagement)
    taking = (
        voice("Receiving party (next manager or owners)", "接收方（新托管方或业主方）"),
        receiver.name if receiver else "",
    )
    return pack_of(
        engagement,
        title=voice("Handover protocol", "物业交接书"),
        subtitle=voice("Property, papers, accounts and open matters", "物业、资料、账目与未结事项"),
        period=voice(
            f"End of term {engagement.term_end.isoformat()}", f"托管期满：{engagement.term_end.isoformat()}"
        ),
        on=on,
        sections=(
            _summary(items, entry, exit_, renewed, voice),
            _objections(objections, voice) if objections else None,
            None if outcome is None else outcome_section(outcome, voice, on),
            _condition(entry, exit_, voice),
            *change_sections(changes, voice),
            *(
                _papers(items, papers, voice)
                if kind == "document"
                else _list(kind, items, asset_conditions, voice)
                for kind in _kinds(items)
            ),
            _matters(items, voice),
            Section(voice("Archive for the owners", "托管档案"), (archive_sentence(archive, voice),)),
            _not_agreed(items, asset_conditions, voice),
            Section(
                voice("Signatures of the three parties", "三方签署"),
                (
                    voice(
                        "The three parties confirm the lists above; disputed items keep each party's rights.",
                        "三方确认上述清单；有争议事项不影响各方权利。",
                    ),
                    _receiver_sentence(receiver, engagement.term_end, engagement.last_day, voice),
                ),
                tables=(signature_table((*both_sides(engagement, voice), taking), voice),),
            ),
        ),
    )


def _receiver_sentence(
    receiver: HandoverReceiver | None, term_end: date, last_day: date, voice: Voice
) -> str:
    """Who takes over and that it has not signed yet; and what holds until then (Civil Code, article 950)."""
    until = voice(
        "Until it takes over, the custodian goes on serving and may ask the fee for that time (Civil Code, article 950).",
        "接收方接管之前，托管方应当继续提供服务，并可请求支付该期间的服务费（民法典第九百五十条）。",
    )
    if receiver is None:
        named = voice("No receiving party has been named.", "尚未指定接收方。")
    else:
        kind = voice.word(RECEIVER_KINDS, receiver.kind)
        named = voice(
            f"{receiver.name} ({kind}) takes over and is asked to sign; by the day of this protocol it has not signed.",
            f"接收方为{receiver.name}（{kind}），已请其签署；截至本交接书签发之日尚未签署。",
        )
    went_on = (
        voice(f"Service went on beyond the term until {last_day}.", f"托管服务在期满后延续至{last_day}。")
        if last_day > term_end
        else ""
    )
    return voice.sentences(named, until, went_on)


def _kinds(items: Sequence[HandoverItem]) -> list[str]:
    """The kinds to give back: always the three of the protocol, then any other that occurs but open matters."""
    return [*COUNTED, *sorted({i.kind for i in items} - {*COUNTED, *MATTERS})]


def _summary(
    items: Sequence[HandoverItem],
    entry: Sequence[ElementCondition],
    exit_: Sequence[ElementCondition],
    renewed: tuple[str, date, date] | None,
    voice: Voice,
) -> Section:
    def row(label: str, shown: Sequence[HandoverItem]) -> tuple[str, ...]:
        counts = [sum(i.state == state for i in shown) for state in ("returned", "listed", "disputed")]
        return label, f"{len(shown):,}", *(f"{count:,}" for count in counts)

    matters = [i for i in items if i.kind in MATTERS]
    items = [i for i in items if i.kind not in MATTERS]
    returned = sum(i.state == "returned" for i in items)
    whole = len(items)
    if not items:
        said = voice("Nothing is listed for handover yet.", "移交清单尚未建立。")
    elif returned == whole:
        said = voice(
            f"All {voice.counted(whole, 'item', 'items', '')} on the list were returned.",
            f"清单所列{whole:,}项已全部移交。",
        )
    else:
        said = voice(
            f"{returned:,} of {voice.counted(whole, 'item', 'items', '')} were returned; {whole - returned:,} "
            f"{'is' if whole - returned == 1 else 'are'} not, or in dispute.",
            f"清单共{whole:,}项，已移交{returned:,}项，{whole - returned:,}项待移交或有争议。",
        )
    return Section(
        voice("Summary", "总体情况"),
        (
            said,
            _matters_sentence(matters, voice),
            _condition_sentence(entry, exit_, voice),
            *_renewal_sentence(renewed, voice),
        ),
        tables=(
            Table(
                voice("Reconciliation with what was received at entry", "与接管时清单核对"),
                (
                    Column(voice("Kind", "类别"), width=2),
                    Column(voice("Listed", "清单数"), "right"),
                    Column(voice("Returned", "已移交"), "right"),
                    Column(voice("Not yet", "待移交"), "right"),
                    Column(voice("Disputed", "有争议"), "right"),
                ),
                tuple(row(_kind_name(k, voice), [i for i in items if i.kind == k]) for k in _kinds(items)),
                total=row(voice("Total", "合计"), items),
            ),
        ),
    )


def _renewal_sentence(renewed: tuple[str, date, date] | None, voice: Voice) -> tuple[str, ...]:
    if renewed is None:
        return ()
    code, first, last = renewed
    return (
        voice(
            f"The custody was renewed: it goes on as {code} from {first} to {last}, with what was open carried over.",
            f"本托管已续期：以{code}继续，期限{first}至{last}，未结事项一并转入。",
        ),
    )


def _matters_sentence(matters: Sequence[HandoverItem], voice: Voice) -> str:
    if not matters:
        return voice("No matter is open.", "无未结事项。")
    settled = sum(i.state == "settled" for i in matters)
    left = len(matters) - settled
    return voice(
        f"{voice.counted(left, 'matter is', 'matters are', '')} open; {settled} came to an end since the list was drawn up.",
        f"未结事项{left:,}项；清单建立后已了结{settled:,}项。",
    )


def _condition_sentence(
    entry: Sequence[ElementCondition], exit_: Sequence[ElementCondition], voice: Voice
) -> str:
    before = {e.element_class: e for e in entry}
    pairs = [(before[e.element_class], e) for e in exit_ if e.element_class in before]
    pairs = [(old, new) for old, new in pairs if old.scheme == new.scheme]
    if not pairs:
        return voice("Entry and exit condition cannot be compared yet.", "接管时与移交时状况尚无法对照。")
    better = sum(new.score < old.score for old, new in pairs)
    worse = [new for old, new in pairs if new.score > old.score]
    names = voice.listed([voice.word(ELEMENTS, e.element_class) for e in worse])
    return voice(
        f"Of {voice.counted(len(pairs), 'element', 'elements', '')} surveyed twice, {better} "
        f"{'is' if better == 1 else 'are'} better than at entry, {len(pairs) - better - len(worse)} unchanged and "
        f"{len(worse)} worse{f' ({names})' if worse else ''}.",
        f"前后均经勘查的{len(pairs)}类部位与系统中，{better}类好于接管时，{len(pairs) - better - len(worse)}类不变，"
        f"{len(worse)}类变差{f'（{names}）' if worse else ''}。",
    )


def _condition(entry: Sequence[ElementCondition], exit_: Sequence[ElementCondition], voice: Voice) -> Section:
    schemes = sorted({e.scheme for e in (*entry, *exit_)})
    return Section(
        voice("Condition at entry and at exit", "接管时与移交时状况"),
        tuple(voice("Basis of the scores: ", "评分依据：") + scheme_text(s, voice) for s in schemes),
        tables=(conditions_table(entry, exit_, voice),),
    )


def _objections(objections: Sequence[tuple[str, date, str]], voice: Voice) -> Section:
    heading = voice("Objections to earlier protocols", "对此前交接书的异议")
    return Section(
        heading,
        tables=(
            Table(
                heading,
                (
                    Column(voice("Day", "日期"), "center", 1),
                    Column(voice("Party", "签署方"), width=1),
                    Column(voice("Reason", "理由"), width=4),
                ),
                tuple(
                    (day.isoformat(), voice.word(SIGNATORIES, party), reason or NOTHING)
                    for party, day, reason in objections
                ),
            ),
        ),
    )


def _list(
    kind: str, items: Sequence[HandoverItem], asset_conditions: Mapping[str, str], voice: Voice
) -> Section:
    shown = sorted((i for i in items if i.kind == kind), key=lambda i: i.ref)
    name = _kind_name(kind, voice)
    if not shown:
        return Section(name, (voice("Nothing of this kind is on the list.", "清单中无此类事项。"),))
    basis = voice(
        "Condition: as stated at the count; else the grade of the defects seen at the exit survey, or of the class.",
        "状况：以清点时记载为准；未记载的，取退出勘查所见缺陷的评分，或该类设施的评分。",
    )
    return Section(
        name,
        (basis,) if kind == "asset" and asset_conditions else _money_sentence(kind, shown, voice),
        tables=(_item_table(voice(f"List: {name.lower()}", f"{name}清单"), shown, asset_conditions, voice),),
    )


def _money_sentence(kind: str, items: Sequence[HandoverItem], voice: Voice) -> tuple[str, ...]:
    """Figures of money and meters are as both sides stated them; one that is missing is said to be."""
    if kind not in FIGURED:
        return ()
    silent = [i.title for i in items if i.figure is None and i.state == "returned" and not i.condition]
    if not silent:
        return (voice("Figures as counted or read together.", "数值以双方共同清点或抄录为准。"),)
    return (
        voice(
            f"Figures as counted or read together; not stated: {voice.listed(silent)}.",
            f"数值以双方共同清点或抄录为准；未载明：{voice.listed(silent)}。",
        ),
    )


def _figure(item: HandoverItem) -> str:
    if item.figure is None:
        return ""
    return f"{item.figure:,f} {item.unit}".rstrip() + ("\n" if item.condition else "")


def _papers(items: Sequence[HandoverItem], papers: Sequence[DocumentItem], voice: Voice) -> Section:
    """The list of the entry, paper by paper, and what came of it: also of those that never came."""
    given = {i.ref: i for i in items if i.kind == "document"}
    listed = {d.ref: d for d in papers}
    name = _kind_name("document", voice)
    refs = [*listed, *sorted(set(given) - set(listed))]
    if not refs:
        return Section(name, (voice("Nothing of this kind is on the list.", "清单中无此类事项。"),))
    owed = sum(d.state == "missing" for d in papers)
    came = sum(d.state in ("received", "partial") for d in papers)
    waived = sum(d.state == "waived" for d in papers)
    back = sum(i.state == "returned" for i in given.values())
    disputed = sum(i.state == "disputed" for i in given.values())
    said = voice(
        f"Of {voice.counted(len(papers), 'paper', 'papers', '')} expected at entry, {came} came in, {waived} "
        f"{'was' if waived == 1 else 'were'} waived and {owed} never came: there is nothing of them to give back. "
        f"{back} of {len(given)} were returned, {disputed} {'is' if disputed == 1 else 'are'} in dispute.",
        f"接管时应收资料{len(papers)}项：已收{came}项，免交{waived}项，始终未收到{owed}项（无从移交）。"
        f"应交还{len(given)}项，已移交{back}项，有争议{disputed}项。",
    )
    return Section(
        name,
        (said,) if papers else (),
        tables=(
            Table(
                voice("List: papers, at entry and at exit", "资料清单：接管时与移交时对照"),
                (
                    Column(voice("No.", "编号"), width=1.4),
                    Column(voice("Paper", "资料名称"), width=2.2),
                    Column(voice("At entry", "接管时"), width=1.2),
                    Column(voice("At exit", "移交时"), width=1.2),
                    Column(voice("File (SHA-256) or place", "文件（SHA-256）或存放处"), width=1.4),
                    Column(voice("Condition, remark", "状况、备注"), width=1.5),
                ),
                tuple(_paper(ref, listed.get(ref), given.get(ref), voice) for ref in refs),
            ),
        ),
    )


def _paper(ref: str, paper: DocumentItem | None, item: HandoverItem | None, voice: Voice) -> tuple[str, ...]:
    entry, title, place = NOTHING, item.title if item else "", NOTHING
    if paper is not None:
        day = paper.received_on.isoformat() if paper.received_on and paper.state != "missing" else ""
        condition = voice.word(CONDITION_LABELS, paper.condition) if paper.condition else ""
        entry = cell_lines(voice.word(DOCUMENT_STATES, paper.state), day, condition)
        title, place = paper.title, place_of(paper) or NOTHING
    if item is not None:
        exit_ = cell_lines(
            voice.word(HANDOVER_STATES, item.state), item.returned_on.isoformat() if item.returned_on else ""
        )
    elif paper is not None and paper.state == "missing":
        exit_ = voice("never came", "始终未收到")
    else:
        exit_ = NOTHING
    remark = cell_lines(item.condition, item.remark) if item is not None else ""
    return ref, title, entry, exit_, place, remark or NOTHING


def _matters(items: Sequence[HandoverItem], voice: Voice) -> Section:
    """What is not settled, by kind, with who owes it and until when; and what was settled meanwhile."""
    heading = voice("Open matters", "未结事项")
    kinds = [kind for kind in MATTERS if any(i.kind == kind for i in items)]
    if not kinds:
        return Section(heading, (voice("Nothing is open.", "无未结事项。"),))
    return Section(
        heading,
        (
            voice(
                "As of the day of the protocol; what came up while the list was counted is included.",
                "截至交接书签发之日，含清点期间新增事项。",
            ),
        ),
        tables=tuple(
            Table(
                _kind_name(kind, voice),
                (
                    Column(voice("No.", "编号"), width=1.6),
                    Column(voice("What", "名称"), width=2.8),
                    Column(voice("Owed by", "责任方"), width=1),
                    Column(voice("Due", "期限"), "center", 1),
                    Column(voice("State", "状态"), width=1.1),
                    Column(voice("Remark", "备注"), width=1.2),
                ),
                tuple(
                    (
                        i.ref,
                        i.title,
                        _owner(i.owner, voice),
                        i.due_on.isoformat() if i.due_on else NOTHING,
                        cell_lines(
                            voice.word(MATTER_STATES, i.state),
                            i.returned_on.isoformat() if i.returned_on and i.state == "settled" else "",
                        ),
                        cell_lines(i.condition, i.remark) or NOTHING,
                    )
                    for i in sorted(items, key=lambda i: (i.state == "settled", i.due_on or date.max, i.ref))
                    if i.kind == kind
                ),
            )
            for kind in kinds
        ),
    )


def _owner(owner: str, voice: Voice) -> str:
    return voice.word(PARTIES if owner in PARTIES else POSTS, owner) if owner else NOTHING


def _not_agreed(items: Sequence[HandoverItem], asset_conditions: Mapping[str, str], voice: Voice) -> Section:
    rest = sorted(
        (i for i in items if i.state == "disputed" or (i.state == "listed" and i.kind not in MATTERS)),
        key=lambda i: (i.state, i.kind, i.ref),
    )
    heading = voice("Not returned or disputed on the day of the protocol", "签署日待移交或有争议的事项")
    if not rest:
        return Section(heading, (voice("Nothing.", "无。"),))
    return Section(
        heading,
        tables=(
            _item_table(voice("Not returned or disputed", "待移交或有争议"), rest, asset_conditions, voice),
        ),
    )


def _item_table(
    caption: str, items: Sequence[HandoverItem], asset_conditions: Mapping[str, str], voice: Voice
) -> Table:
    return Table(
        caption,
        (
            Column(voice("No.", "编号"), width=1.3),
            Column(voice("What", "名称"), width=2.6),
            Column(voice("Condition", "状况"), width=1.4),
            Column(voice("State", "状态"), width=1),
            Column(voice("Returned", "移交日期"), "center", 1.1),
            Column(voice("Remark", "备注"), width=1.6),
        ),
        tuple(
            (
                i.ref,
                i.title,
                _figure(i) + i.condition or (i.kind == "asset" and asset_conditions.get(i.ref)) or NOTHING,
                voice.word(HANDOVER_STATES, i.state),
                NOTHING if i.returned_on is None else i.returned_on.isoformat(),
                i.remark or NOTHING,
            )
            for i in items
        ),
    )


def _kind_name(kind: str, voice: Voice) -> str:
    return voice.word(HANDOVER_KINDS, kind)
