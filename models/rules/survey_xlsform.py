"""What stands in which cell of an XLSForm, and which instrument do its rows mean? (D1, D4)

XLSForm is the sheet that ODK and Kobo collect with (sheets survey, choices, settings). Columns of our own begin with
`x_`; other tools leave them alone. It has no scales, so a list of choices 1 to 5 is a rating and 0 to 10 a recommendation.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.rules.survey_instrument import (
    TYPES,
    AnswerKind,
    AnswerScale,
    Asked,
    Choice,
    Instrument,
    Part,
    Purpose,
    Question,
    fingerprint,
    instrument_faults,
)

EN, ZH = "label::English (en)", "label::中文 (zh)"
SURVEY = ("type", "name", EN, ZH, "required", "relevant", "appearance", "x_dimension", "x_post", "x_types")
CHOICES = ("list_name", "name", EN, ZH)
SETTINGS = (
    *("form_title", "form_id", "version", "default_language"),
    *("x_purpose", "x_property_type", "x_title_zh", "x_intro_en", "x_intro_zh"),
)
SPACE = "space_type"
"""Asked first on a mixed property: which questions are put depends on it."""
_SPACE_WORDS = {
    "residential": ("Home", "住宅"),
    "commercial": ("Shop", "商业"),
    "office": ("Office", "写字楼"),
}
_IGNORED = frozenset({"note", "start", "end", "today", "deviceid", "calculate", "username", "hidden"})
_IF = re.compile(r"\$\{(\w+)\}\s*=\s*['\"]?(\w+)['\"]?")
_CODE = re.compile(r"[A-Z]{2}\d{1,2}")
_KINDS = {
    (1, 2, 3, 4, 5): AnswerKind.RATING,
    tuple(range(11)): AnswerKind.RECOMMENDATION,
    (0, 1): AnswerKind.YES_NO,
}
Rows = Sequence[Mapping[str, str]]
Numbered = tuple[int, Mapping[str, str]]


@dataclass(frozen=True)
class FormDoubt:
    """What cannot be taken: sheet, row as a spreadsheet shows it, column, value and what was expected."""

    sheet: str
    row: int
    column: str
    value: str
    expected: str


def xlsform_rows(instrument: Instrument, version: str) -> dict[str, list[dict[str, str]]]:
    """The three sheets of an instrument; `version` is the day of issue."""
    survey: list[dict[str, str]] = [
        {"type": "note", "name": "intro", EN: instrument.intro_en or "-", ZH: instrument.intro_zh or "-"}
    ]
    mixed = instrument.property_type == "mixed"
    if mixed:
        survey.append(
            {
                "type": f"select_one {SPACE}",
                "name": SPACE,
                EN: "Which kind of space do you use here?",
                ZH: "您在此使用的是哪类房屋？",
                "required": "yes",
            }
        )
    for part in instrument.parts:
        survey.append({"type": "begin_group", "name": f"g_{part.code}", EN: part.en, ZH: part.zh})
        survey += [_question_row(entry, mixed) for entry in part.asked]
        survey.append({"type": "end_group", "name": f"g_{part.code}"})
    choices = [
        {"list_name": scale.code, "name": str(choice.value), EN: choice.en, ZH: choice.zh}
        for scale in instrument.scales
        for choice in scale.choices
    ]
    if mixed:
        choices += [
            {"list_name": SPACE, "name": code, EN: en, ZH: zh} for code, (en, zh) in _SPACE_WORDS.items()
        ]
    settings = {
        "form_title": instrument.title_en,
        "form_id": instrument.code,
        "version": version,
        "default_language": "English (en)",
        "x_purpose": instrument.purpose.value,
        "x_property_type": instrument.property_type,
        "x_title_zh": instrument.title_zh,
        "x_intro_en": instrument.intro_en,
        "x_intro_zh": instrument.intro_zh,
    }
    return {"survey": survey, "choices": choices, "settings": [settings]}


def _question_row(entry: Asked, mixed: bool) -> dict[str, str]:
    question = entry.question
    conditions = [f"${{{entry.when}}} = '1'"] if entry.when else []
    if mixed and question.types != TYPES:
        spaces = " or ".join(f"${{{SPACE}}} = '{ptype}'" for ptype in question.types)
        conditions.append(f"({spaces})" if conditions and len(question.types) > 1 else spaces)
    is_text = question.scale.kind is AnswerKind.TEXT
    return {
        "type": "text" if is_text else f"select_one {question.scale.code}",
        "name": question.code,
        EN: question.en,
        ZH: question.zh,
        "relevant": " and ".join(conditions),
        "appearance": "multiline" if is_text else "",
        "x_dimension": question.dimension,
        "x_post": question.post,
        "x_types": " ".join(question.types) if question.types != TYPES else "",
    }


def read_xlsform(
    sheets: Mapping[str, Sequence[Numbered]], codebook: Mapping[str, Question], posts: Sequence[str]
) -> tuple[Instrument | None, tuple[FormDoubt, ...]]:
    """The instrument of three sheets, or every reason why they mean none.

    Args:
        sheets: sheet name to (row number, cells by heading).
        codebook: a code that is in it must have its wording and scale.
        posts: known posts; a weak answer goes to one of them.
    """
    reader = _Reader(codebook, posts)
    reader.scales(sheets.get("choices", ()))
    reader.questions(sheets.get("survey", ()))
    found = reader.instrument(sheets.get("settings", ()))
    return (None if reader.doubts else found), tuple(reader.doubts)


class _Reader:
    def __init__(self, codebook: Mapping[str, Question], posts: Sequence[str]) -> None:
        self.doubts: list[FormDoubt] = []
        self._codebook, self._posts = codebook, posts
        self._scales: dict[str, AnswerScale] = {"text": AnswerScale("text", AnswerKind.TEXT, ())}
        self._parts: list[Part] = []
        self._asked: list[Asked] = []
        self._open: tuple[str, str, str] | None = None

    def _doubt(self, sheet: str, row: int, column: str, value: str, expected: str) -> None:
        self.doubts.append(FormDoubt(sheet, row, column, value[:80], expected))

    def scales(self, rows: Sequence[Numbered]) -> None:
        found: dict[str, list[Choice]] = {}
        first: dict[str, int] = {}
        for number, row in rows:
            name, value = row.get("list_name", "") or row.get("list name", ""), row.get("name", "")
            if name == SPACE:
                continue
            first.setdefault(name, number)
            if not value.isdecimal() or len(value) > 2:
                self._doubt("choices", number, "name", value, "a number, so that answers can be counted")
                continue
            self._labels("choices", number, row)
            found.setdefault(name, []).append(Choice(int(value), row.get(EN, ""), row.get(ZH, "")))
        for name, choices in found.items():
            values = tuple(choice.value for choice in choices)
            kind = _KINDS.get(values)
            if kind is None:
                said = " ".join(map(str, values))
                self._doubt(
                    "choices",
                    first[name],
                    "name",
                    said,
                    f"list {name}: the numbers 1 to 5, 0 to 10, or 0 and 1, in order",
                )
                continue
            self._scales[name] = AnswerScale(name, kind, tuple(choices))

    def questions(self, rows: Sequence[Numbered]) -> None:
        for number, row in rows:
            kind = " ".join(row.get("type", "").split()).replace("begin group", "begin_group")
            kind = kind.replace("end group", "end_group")
            if kind == "begin_group":
                self._close()
                name = row.get("name", "").removeprefix("g_")
                self._labels("survey", number, row)
                self._open = (name, row.get(EN, ""), row.get(ZH, ""))
            elif kind == "end_group":
                self._close()
            elif kind.split(" ")[0] not in _IGNORED and row.get("name", "") != SPACE:
                self._question(number, row, kind)
        self._close()

    def _close(self) -> None:
        if self._asked:
            code, en, zh = self._open or ("questions", "Questions", "问题")
            self._parts.append(Part(code, en, zh, tuple(self._asked)))
        self._asked, self._open = [], None

    def _labels(self, sheet: str, number: int, row: Mapping[str, str]) -> None:
        for column in (EN, ZH):
            if not row.get(column, "").strip():
                self._doubt(sheet, number, column, "", "the wording in this language; both are needed")

    def _question(self, number: int, row: Mapping[str, str], kind: str) -> None:
        before = len(self.doubts)
        code = row.get("name", "")
        if not _CODE.fullmatch(code):
            self._doubt("survey", number, "name", code, "two capital letters and a number, such as RE2")
        word, _, list_name = kind.partition(" ")
        scale = self._scales.get("text" if kind == "text" else list_name)
        if kind != "text" and word != "select_one":
            self._doubt(
                "survey", number, "type", kind, "select_one LIST, text, note, begin_group or end_group"
            )
        elif scale is None:
            self._doubt(
                "survey", number, "type", kind, "a list of sheet choices with numbers that are understood"
            )
        self._labels("survey", number, row)
        when = self._condition(number, row.get("relevant", ""))
        types = tuple(row.get("x_types", "").replace(",", " ").split()) or TYPES
        if not set(types) <= set(TYPES):
            self._doubt("survey", number, "x_types", " ".join(types), f"some of {' '.join(TYPES)}")
        post = row.get("x_post", "") or "manager"
        if post not in self._posts:
            self._doubt("survey", number, "x_post", post, f"one of {', '.join(self._posts)}")
        if len(self.doubts) > before or scale is None:
            return
        question = Question(
            code, scale, row.get("x_dimension", "") or "other", post, row[EN].strip(), row[ZH].strip(), types
        )
        known = self._codebook.get(code)
        if known is not None and fingerprint(known) != fingerprint(question):
            self._doubt(
                "survey",
                number,
                "name",
                code,
                f"the wording and scale that {code} was released with ({known.en}); a new wording is a new code",
            )
            return
        self._asked.append(Asked(known or question, when))

    def _condition(self, number: int, text: str) -> str:
        """The yes-or-no question a row depends on; the type of space stands in x_types."""
        if not text.strip():
            return ""
        pairs = [(name, value) for name, value in _IF.findall(text) if name != SPACE]
        rest = _IF.sub("", text).replace("and", "").replace("or", "").strip("() \t\n")
        if rest.strip("() ") or len(pairs) > 1 or any(value not in ("1", "yes") for _, value in pairs):
            self._doubt("survey", number, "relevant", text, "empty, or one condition such as ${RE0} = '1'")
        return pairs[0][0] if pairs else ""

    def instrument(self, rows: Sequence[Numbered]) -> Instrument | None:
        number, row = next(iter(rows), (2, {}))
        purpose, ptype = row.get("x_purpose", ""), row.get("x_property_type", "")
        if purpose not in list(Purpose):
            self._doubt("settings", number, "x_purpose", purpose, f"one of {', '.join(Purpose)}")
        if ptype not in (*TYPES, "mixed"):
            self._doubt("settings", number, "x_property_type", ptype, f"one of {', '.join(TYPES)}, mixed")
        code, title = row.get("form_id", ""), row.get("form_title", "")
        for column, value in (("form_id", code), ("form_title", title)):
            if not value:
                self._doubt("settings", number, column, "", "a text")
        if self.doubts:
            return None
        found = Instrument(
            code,
            Purpose(purpose),
            ptype,
            title,
            row.get("x_title_zh", "") or title,
            row.get("x_intro_en", ""),
            row.get("x_intro_zh", ""),
            tuple(self._parts),
        )
        for fault in instrument_faults(found):
            self._doubt("survey", 1, "", "", fault)
        return found
