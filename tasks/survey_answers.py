"""Which answers of a file count, and why do the others not? Streamed and judged; received = accepted + rejected."""

import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.rules.survey_plan import SurveyPlan
from models.rules.survey_rows import Doubt, RowJudge
from models.rules.survey_table import AnswerStore, AnswerTable
from reports.cells import safe_csv_cell
from tasks.exported_files import whole_file
from tasks.survey_lines import AnswersRefused, answer_rows

SHOWN = 20
"""Rejected rows that are named on the screen and in JSON; all of them stand in the quarantine file."""


@dataclass(frozen=True)
class RejectedRow:
    """A row that was not taken."""

    row: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class AnswersRead:
    """What became of a file."""

    file: str
    received: int
    accepted: int
    rejected: int
    reasons: dict[str, int]
    """Count of rejected rows by reason in one word."""
    shown: tuple[RejectedRow, ...]
    table: AnswerTable


def read_answers(path: Path, plan: SurveyPlan, quarantine: Path | None = None) -> AnswersRead:
    """Read a CSV or XLSX file of answers, one row for each.

    Args:
        path: the file.
        plan: says which columns it has and what they may hold.
        quarantine: where to write the rejected rows as CSV, with row, column, value and reason.

    Raises:
        AnswersRefused: the file as a whole cannot be read; see `answer_rows`.
    """
    judge, store = RowJudge(plan), AnswerStore(plan)
    received = 0
    reasons: Counter[str] = Counter()
    shown: list[RejectedRow] = []
    with quarantine_file(quarantine) as writer:

        def reject(number: int, doubt: Doubt) -> None:
            reasons[doubt.kind] += 1
            if len(shown) < SHOWN:
                shown.append(RejectedRow(number, doubt.column, doubt.value, doubt.reason))
            if writer is not None:
                writer.writerow(
                    [number, *(safe_csv_cell(text) for text in (doubt.column, doubt.value, doubt.reason))]
                )

        for number, row in answer_rows(path, needed_columns(plan)):
            received += 1
            found = judge.judge(row)
            if isinstance(found, Doubt):
                reject(number, found)
                continue
            store.add(number, found)
            if received % 10_000 == 0:
                _refuse_crowd(path, store)
        _refuse_crowd(path, store)
        table, repeats = store.finish()
        for number, other in repeats:
            # Without the code itself: beside an answer it would tell whose it is.
            reject(
                number,
                Doubt(
                    plan.columns.token,
                    "",
                    f"the same code as row {other}, whose answer counts ({plan.duplicates.value})",
                    "duplicate",
                ),
            )
    return AnswersRead(
        path.name,
        received,
        len(table),
        received - len(table),
        dict(sorted(reasons.items())),
        tuple(shown),
        table,
    )


def needed_columns(plan: SurveyPlan) -> tuple[str, ...]:
    """The columns of the file that the plan speaks of."""
    columns = plan.columns
    named = (
        *(item.column for item in plan.items),
        *(columns.token, columns.answered_at, columns.mode, columns.wave, columns.stratum),
        *(columns.cluster, columns.weight, columns.comment),
        *plan.grouping_columns,
    )
    return tuple(dict.fromkeys(name for name in named if name))


def _refuse_crowd(path: Path, store: AnswerStore) -> None:
    column = store.crowded_column()
    if column is not None:
        raise AnswersRefused(
            f"{path.name}, column {column}: holds thousands of different values; expected groups, not persons."
        )


@contextmanager
def quarantine_file(path: Path | None) -> Iterator[Any]:
    """A CSV writer whose file stands under its own name only when it is whole; None without a path."""
    if path is None:
        yield None
        return
    with whole_file(path) as partial, partial.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["row", "column", "value", "reason"])
        yield writer
