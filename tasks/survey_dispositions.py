"""What became of each invitation? Counted from a list with one line for each."""

from collections import Counter
from pathlib import Path

from models.errors import Terminal
from models.rules.survey_rates import DISPOSITIONS
from tasks.survey_lines import answer_rows

_WORDS = {
    **{code: code for code in DISPOSITIONS},
    **{"COMPLETE": "I", "PARTIAL": "P", "REFUSED": "R", "OPTED OUT": "R", "NO REPLY": "NC", "OPENED": "NC"},
    **{"BOUNCED": "UO", "VACANT": "NE", "INELIGIBLE": "NE", "OTHER": "O"},
}
"""A bounced mail is of unknown eligibility; who opened and did not begin was not reached; vacant is not eligible."""


class DispositionsRefused(Terminal):
    """The list of dispositions cannot be counted; the message says where and why."""


def read_dispositions(path: Path, column: str) -> dict[str, int]:
    """Count the dispositions of a CSV or XLSX file.

    Raises:
        DispositionsRefused: a value that is no disposition; others as `answer_rows`.
    """
    counts: Counter[str] = Counter()
    for number, row in answer_rows(path, (column,)):
        code = _WORDS.get(row[column].strip().upper())
        if code is None:
            raise DispositionsRefused(
                f"{path.name}, row {number}, column {column}: found {row[column]!r}, expected one of "
                f"{', '.join(_WORDS)}."
            )
        counts[code] += 1
    return dict(counts)
