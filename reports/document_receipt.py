"""What was handed over, in which condition, and what is owed still? The receipt for two signatures (A3)."""

from collections.abc import Sequence
from datetime import date

from models.diligence import DocumentItem
from models.engagement import Engagement
from models.rules.documents import CONDITION_LABELS, POOR_CONDITIONS
from models.rules.handover_sheet import HANDOVER_ROLES
from reports.pack import Column, Pack, Section, Table
from reports.sections import both_sides, cell_lines, pack_of, signature_table
from reports.words import DOCUMENT_KINDS, DOCUMENT_STATES, NOTHING, Voice, voice_of

_HASH_SHOWN = 16
"""Digits of a file's SHA-256 on paper; the workbook beside it holds all of them."""


def document_receipt(engagement: Engagement, documents: Sequence[DocumentItem], on: date) -> Pack:
    """The list of papers as they came in, for the signatures of both sides.

    Args:
        engagement: the engagement.
        documents: the whole list, missing papers included.
        on: the day of the receipt.
    """
    voice = voice_of(engagement)
    came = [d for d in documents if d.state in ("received", "partial")]
    owed = [d for d in documents if d.state == "missing"]
    waived = [d for d in documents if d.state == "waived"]
    poor = [d for d in came if d.condition in POOR_CONDITIONS]
    return pack_of(
        engagement,
        title=voice("Receipt of papers", "资料移交清单"),
        subtitle=voice("Drawings, ledgers, records and keys", "图纸、台账、记录与钥匙"),
        period=voice(f"As of {on.isoformat()}", f"截至{on.isoformat()}"),
        on=on,
        sections=(
            Section(
                voice("Summary", "总体情况"),
                (
                    voice(
                        f"Of {voice.counted(len(documents), 'paper', 'papers', '')} expected, {len(came)} came in "
                        f"({sum(d.state == 'partial' for d in came)} in part, {len(poor)} in poor condition), "
                        f"{len(owed)} are missing and {len(waived)} were waived.",
                        f"应移交{len(documents)}项，已收到{len(came)}项（其中部分收到"
                        f"{sum(d.state == 'partial' for d in came)}项，状况不良{len(poor)}项），"
                        f"缺失{len(owed)}项，双方同意免交{len(waived)}项。",
                    ),
                ),
            ),
            _list(voice("Papers handed over", "已移交资料"), came, voice),
            _list(voice("Still owed", "尚未移交资料"), owed, voice),
            _list(voice("Waived by both sides", "双方同意免交资料"), waived, voice) if waived else None,
            _files([d for d in came if _is_hash(d.evidence)], voice),
            Section(
                voice("Signatures of both sides", "双方签署"),
                (
                    voice(
                        "Both sides confirm that the papers above were handed over in the condition stated.",
                        "双方确认上述资料已按所列状况移交。",
                    ),
                ),
                tables=(signature_table(both_sides(engagement, voice), voice),),
            ),
        ),
    )


def _list(heading: str, items: Sequence[DocumentItem], voice: Voice) -> Section:
    if not items:
        return Section(heading, (voice("None.", "无。"),))
    return Section(
        heading,
        tables=(
            Table(
                heading,
                (
                    Column(voice("No.", "编号"), width=1.5),
                    Column(voice("Paper", "资料名称"), width=2.4),
                    Column(voice("Group", "类别"), width=1.1),
                    Column(voice("State and condition", "状态与状况"), width=1.3),
                    Column(voice("Originals / copies / pages", "原件/复印件/页数"), "center", 1.2),
                    Column(voice("From, date", "移交方、日期"), width=1.3),
                    Column(voice("File or place; receipt", "文件或存放处；签收单号"), width=1.6),
                ),
                tuple(_row(item, voice) for item in sorted(items, key=lambda d: (d.kind, d.ref))),
            ),
        ),
    )


def _row(item: DocumentItem, voice: Voice) -> tuple[str, ...]:
    figures = [NOTHING if n is None else str(n) for n in (item.originals, item.copies, item.pages)]
    condition = voice.word(CONDITION_LABELS, item.condition) if item.condition else ""
    roles = {role: (words[0], words[1]) for role, words in HANDOVER_ROLES.items()}
    giver = voice.word(roles, item.received_from) if item.received_from else ""
    return (
        item.ref,
        cell_lines(item.title, item.note),
        voice.word(DOCUMENT_KINDS, item.kind),
        cell_lines(voice.word(DOCUMENT_STATES, item.state), condition),
        " / ".join(figures) if set(figures) != {NOTHING} else NOTHING,
        cell_lines(giver, item.received_on.isoformat() if item.received_on else "") or NOTHING,
        cell_lines(place_of(item), item.signature_ref) or NOTHING,
    )


def place_of(item: DocumentItem) -> str:
    """Where a paper is kept: the beginning of its file's hash, or the place as written."""
    return item.evidence[:_HASH_SHOWN] + "…" if _is_hash(item.evidence) else item.evidence


def _files(items: Sequence[DocumentItem], voice: Voice) -> Section | None:
    if not items:
        return None
    heading = voice("Files and their fingerprints", "文件与校验值")
    return Section(
        heading,
        tables=(
            Table(
                voice("SHA-256 of each file", "各文件SHA-256校验值"),
                (
                    Column(voice("No.", "编号"), width=1.2),
                    Column(voice("File", "文件名"), width=1.6),
                    Column("SHA-256", width=4),
                ),
                tuple((d.ref, d.file_name or NOTHING, d.evidence) for d in items),
            ),
        ),
    )


def _is_hash(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")
