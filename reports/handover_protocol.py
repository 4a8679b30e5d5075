"""Was everything given back, in which condition, and what is still open? (C4)"""

from collections.abc import Sequence
from datetime import date

from models.diligence import ElementCondition
from models.engagement import Engagement
from models.handover import HandoverItem
from reports.condition_sections import ELEMENTS, conditions_table, scheme_text
from reports.pack import Column, Pack, Section, Table
from reports.sections import both_sides, pack_of, signature_table
from reports.words import HANDOVER_KINDS, HANDOVER_STATES, NOTHING, Voice, voice_of


def handover_protocol(
    engagement: Engagement,
    *,
    items: Sequence[HandoverItem],
    entry: Sequence[ElementCondition],
    exit_: Sequence[ElementCondition],
    on: date,
    receiver: str = "",
) -> Pack:
    """The protocol of the handover at the end of the custody, for three signatures.

    Args:
        engagement: the engagement.
        items: everything received at entry or come up since, and what became of it.
        entry: the condition at entry.
        exit_: the condition at exit.
        on: the day of the protocol.
        receiver: name of the party that takes over; left blank on paper where it is not known.
    """
    voice = voice_of(engagement)
    taking = (voice("Receiving party (next manager or owners)", "接收方（新托管方或业主方）"), receiver)
    return pack_of(
        engagement,
        title=voice("Handover protocol", "物业交接书"),
        subtitle=voice("Property, papers, accounts and open matters", "物业、资料、账目与未结事项"),
        period=voice(
            f"End of term {engagement.term_end.isoformat()}", f"托管期满：{engagement.term_end.isoformat()}"
        ),
        on=on,
        sections=(
            _summary(items, entry, exit_, voice),
            _condition(entry, exit_, voice),
            *(_list(kind, items, voice) for kind in _kinds(items)),
            _open_matters(items, voice),
            Section(
                voice("Signatures of the three parties", "三方签署"),
                (
                    voice(
                        "The three parties confirm the lists above; disputed items keep each party's rights.",
                        "三方确认上述清单；有争议事项不影响各方权利。",
                    ),
                ),
                tables=(signature_table((*both_sides(engagement, voice), taking), voice),),
            ),
        ),
    )


def _kinds(items: Sequence[HandoverItem]) -> list[str]:
    """The kinds to list: always the four of the protocol, then any other that occurs."""
    return [*HANDOVER_KINDS, *sorted({i.kind for i in items} - set(HANDOVER_KINDS))]


def _summary(
    items: Sequence[HandoverItem],
    entry: Sequence[ElementCondition],
    exit_: Sequence[ElementCondition],
    voice: Voice,
) -> Section:
    def row(label: str, shown: Sequence[HandoverItem]) -> tuple[str, ...]:
        counts = [sum(i.state == state for i in shown) for state in ("returned", "listed", "disputed")]
        return label, f"{len(shown):,}", *(f"{count:,}" for count in counts)

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
        (said, _condition_sentence(entry, exit_, voice)),
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


def _list(kind: str, items: Sequence[HandoverItem], voice: Voice) -> Section:
    shown = sorted((i for i in items if i.kind == kind), key=lambda i: i.ref)
    name = _kind_name(kind, voice)
    if not shown:
        return Section(name, (voice("Nothing of this kind is on the list.", "清单中无此类事项。"),))
    return Section(name, tables=(_item_table(voice(f"List: {name.lower()}", f"{name}清单"), shown, voice),))


def _open_matters(items: Sequence[HandoverItem], voice: Voice) -> Section:
    rest = sorted((i for i in items if i.state != "returned"), key=lambda i: (i.state, i.kind, i.ref))
    heading = voice("Still open on the day of the protocol", "签署日尚未了结的事项")
    if not rest:
        return Section(heading, (voice("Nothing.", "无。"),))
    return Section(
        heading, tables=(_item_table(voice("Not returned or disputed", "待移交或有争议"), rest, voice),)
    )


def _item_table(caption: str, items: Sequence[HandoverItem], voice: Voice) -> Table:
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
                i.condition or NOTHING,
                voice.word(HANDOVER_STATES, i.state),
                NOTHING if i.returned_on is None else i.returned_on.isoformat(),
                i.remark or NOTHING,
            )
            for i in items
        ),
    )


def _kind_name(kind: str, voice: Voice) -> str:
    return voice.word(HANDOVER_KINDS, kind)
