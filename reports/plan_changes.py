"""What changed against the version before? A chapter at the head of an edited plan's document."""

from collections.abc import Sequence
from dataclasses import replace

from models.rules.plan_diff import PlanChange
from reports.pack import Column, Language, Pack, Section, Table

_PARTS = {
    "commitment": ("Commitment", "承诺"),
    "post": ("Post", "岗位"),
    "budget": ("Budget", "预算"),
    "emergency": ("Emergency plan", "应急预案"),
    "total": ("Total", "合计"),
}


def with_changes(pack: Pack, based_on: int, reason: str, changes: Sequence[PlanChange]) -> Pack:
    """The pack with a first chapter that lists every change, in the pack's language.

    Args:
        pack: the document of the new version.
        based_on: the version it was edited from.
        reason: why, as it was given; may be empty.
        changes: the differences.
    """
    zh = pack.language == "zh"
    said = (
        f"与第{based_on}版相比共{len(changes)}处修改，其余内容不变。"
        if zh
        else f"{len(changes)} change{'' if len(changes) == 1 else 's'} against version {based_on}; everything else is as "
        "it was."
    )
    why = (f"修改原因：{reason}" if zh else f"Reason: {reason}",) if reason else ()
    tables = (changes_table(changes, pack.language),) if changes else ()
    heading = f"与第{based_on}版的差异" if zh else f"Changes against version {based_on}"
    return replace(pack, sections=(Section(heading, (said, *why), tables), *pack.sections))


def changes_table(changes: Sequence[PlanChange], language: Language) -> Table:
    """Every change in a line of its own, in one language.

    Args:
        changes: the differences.
        language: of the document.
    """
    zh = language == "zh"
    return Table(
        "修改明细" if zh else "Changes",
        (
            Column("部分" if zh else "Part", width=1.0),
            Column("编号" if zh else "Code", width=1.6),
            Column("修改" if zh else "Change", width=4.0),
        ),
        tuple(
            (_PARTS[change.part][zh], change.code, change.text_zh if zh else change.text_en)
            for change in changes
        ),
    )
