"""Which columns has a sheet of typed paper forms, and where do two entries of one form differ? (D4)"""

from collections.abc import Mapping, Sequence
from typing import Any

from models.rules.handover_sheet import SheetColumn
from models.rules.survey_fieldwork import RATING, read_score

SERIAL = SheetColumn("serial", "Serial", "编号", ("serial no", "form", "code", "token", "表格编号", "答题码"))
COMMENT = SheetColumn("comment", "Comment", "意见", ("remark", "open answer", "其他意见", "建议"))
SETTLE_COLUMNS = (
    SERIAL,
    SheetColumn("item", "Item", "题号", ("item code",)),
    SheetColumn("first", "First entry", "首次录入", ()),
    SheetColumn("second", "Second entry", "二次录入", ()),
    SheetColumn("settled", "Settled value", "裁定值", ("settled", "adjudicated", "裁定"), 18),
)
SETTLE_REQUIRED = ("serial", "item", "settled")


class CellDoubt(ValueError):
    """A cell that cannot be taken: column, value as written, what was expected, and in one word what it is counted as."""

    def __init__(self, column: str, value: str, expected: str, kind: str = "value") -> None:
        super().__init__(expected)
        self.column, self.value, self.expected, self.kind = column, value, expected, kind


def item_columns(items: Sequence[Mapping[str, Any]]) -> tuple[SheetColumn, ...]:
    """A column for each scored item, found by its code or its wording."""
    return tuple(
        SheetColumn(str(item["code"]), str(item["text_en"]), str(item["text_zh"]))
        for item in items
        if item.get("values", RATING)
    )


def text_columns(items: Sequence[Mapping[str, Any]]) -> tuple[SheetColumn, ...]:
    """A column for each open question."""
    return tuple(
        SheetColumn(str(item["code"]), str(item["text_en"]), str(item["text_zh"]))
        for item in items
        if not item.get("values", RATING)
    )


def read_scores(cells: Mapping[str, str], items: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The answered items of a row.

    Raises:
        CellDoubt: a value off its scale, an item behind a filter that was answered no, or nothing answered.
    """
    scores: dict[str, int] = {}
    for item in items:
        code = str(item["code"])
        if not item.get("values", RATING) or code not in cells:
            continue
        try:
            score = read_score(cells[code], item)
        except ValueError as error:
            raise CellDoubt(code, cells[code][:80], str(error)) from error
        if score is not None:
            scores[code] = score
    for item in items:
        code, when = str(item["code"]), str(item.get("when") or "")
        if when and code in scores and scores.get(when) == 0:
            raise CellDoubt(code, cells[code][:80], f"expected nothing, as {when} was answered no", "filter")
    if not scores:
        raise CellDoubt("", "", "expected at least one answered item", "empty")
    return scores


def text_of(cells: Mapping[str, str], items: Sequence[Mapping[str, Any]]) -> str:
    """The open answers of a row, as one comment."""
    names = [column.key for column in text_columns(items)] + [COMMENT.key]
    return "\n".join(text for name in names if (text := cells.get(name, "").strip()))


def differing(
    first: Mapping[str, int], second: Mapping[str, int]
) -> list[tuple[str, int | None, int | None]]:
    """Item and both values where two entries of one form do not agree."""
    return [
        (item, first.get(item), second.get(item))
        for item in sorted({*first, *second})
        if first.get(item) != second.get(item)
    ]
