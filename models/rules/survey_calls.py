"""Which columns has a sheet of calls, when is somebody called next, and who is called no more? (D4)"""

from collections.abc import Sequence

from models.rules.file_values import plain_text
from models.rules.handover_sheet import SheetColumn
from models.rules.survey_outcomes import OUTCOME
from models.rules.survey_paper import CellDoubt

CALL_COLUMNS = (
    SheetColumn("case", "Case", "个案编号", ("case reference",)),
    SheetColumn("at", "Called at", "通话时间", ("called", "time", "date", "拨打时间")),
    SheetColumn("outcome", "Outcome", "结果代码", ("result", "code", "通话结果")),
    SheetColumn("again", "Call again at", "约定回访时间", ("call back at", "again at")),
)
CALL_REQUIRED = ("case", "at", "outcome")
_ALSO = {
    **{"complete": "answered", "partial": "answered", "refusal": "refused", "break-off": "break_off"},
    **{
        "breakoff": "break_off",
        "non-contact": "no_answer",
        "no answer": "no_answer",
        "callback": "call_back",
    },
    **{
        "call back": "call_back",
        "not eligible": "moved",
        "ineligible": "moved",
        "wrong number": "wrong_number",
    },
}
_WINDOWS = (
    "18:30-20:30",
    "10:00-12:00",
    "14:00-17:00",
    "19:00-20:30",
    "weekend 10:00-12:00",
    "weekend 15:00-18:00",
)
"""Of the first call, the second ...: other days and times, never early or late. An assumption; AAPOR sets none."""


def outcome_of(text: str) -> str:
    """The code of an outcome.

    Raises:
        CellDoubt: there is no such outcome.
    """
    said = plain_text(text).casefold()
    code = _ALSO.get(said, said.replace(" ", "_"))
    if code in OUTCOME:
        return code
    for outcome in OUTCOME.values():
        if said in (outcome.zh.casefold(), outcome.en.casefold()):
            return outcome.code
    raise CellDoubt("outcome", text[:40], f"expected one of {', '.join(OUTCOME)}", "outcome")


def call_window(attempts: int) -> str:
    """When the next call is made, after so many."""
    return _WINDOWS[attempts % len(_WINDOWS)]


def leaves_list(outcomes: Sequence[str], most: int) -> bool:
    """Whether nobody calls again: a final outcome, or the limit of attempts is reached."""
    return len(outcomes) >= most or any(OUTCOME[code].final for code in outcomes)
