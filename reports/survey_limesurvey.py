"""How does an instrument become a survey of LimeSurvey? Its structure as tab-separated values (D4).

One row for each setting, group, question and answer, the base language first and then the same rows in the other one; what
belongs together is told by its order. Sources: the manual of LimeSurvey, "Tab Separated Value survey structure", and what its
importer does with each column (`TSVImportSurvey` in its import_helper.php, read, not copied). It was not taken in by a running
LimeSurvey here.
"""

import csv
import html
import io
from collections.abc import Iterator

from models.rules.survey_instrument import TYPES, AnswerKind, Asked, Choice, Instrument
from reports.cells import safe_csv_cell
from reports.pack import Language
from reports.words import PROPERTY_TYPES

COLUMNS = (
    *("id", "related_id", "class", "type/scale", "name", "relevance", "text", "help", "language"),
    *("validation", "mandatory", "encrypted", "other", "default", "same_default"),
)
LANGUAGES: tuple[tuple[Language, str], ...] = (("zh", "zh-Hans"), ("en", "en"))
"""Ours and how LimeSurvey calls it; the first is the base language."""
LIST, LONG_TEXT = "L", "T"
SPACE = "SpaceType"
"""The first question of a mixed property; codes there hold letters and digits alone."""
_SETTINGS = {
    # The importer guesses the encoding from the first 1,000 bytes, which may end within a Chinese character: the settings,
    # plain letters all, come first and are longer than that.
    "language": LANGUAGES[0][1],
    "additional_languages": LANGUAGES[1][1],
    # Codes are parted from answers when responses are taken in here; without them no response could be taken at all.
    "anonymized": "N",
    "format": "G",
    "datestamp": "Y",
    "alloweditaftercompletion": "N",
    "tokenlength": "13",
    "usecookie": "N",
    "ipaddr": "N",
    "refurl": "N",
    # Nobody but who was invited answers, and nobody sees what others answered.
    "listpublic": "N",
    "allowregister": "N",
    "publicstatistics": "N",
    "publicgraphs": "N",
    "printanswers": "N",
    "savetimings": "N",
    "allowsave": "N",
    "sendconfirmation": "N",
    "assessments": "N",
    "showwelcome": "Y",
    "showprogress": "Y",
    "allowprev": "Y",
    "nokeyboard": "N",
    "showxquestions": "N",
    "showgroupinfo": "N",
    "showqnumcode": "N",
    "questionindex": "0",
    "navigationdelay": "0",
    "usecaptcha": "N",
    "htmlemail": "Y",
}
Row = dict[str, str]


def render_limesurvey(instrument: Instrument) -> bytes:
    """The structure as a .txt file: UTF-8 with a byte order mark; question codes are item codes, answers A0, A1, ..."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, delimiter="\t", lineterminator="\n", restval="")
    writer.writeheader()
    for name, value in _SETTINGS.items():
        writer.writerow({"class": "S", "name": name, "text": value})
    for language, _ in LANGUAGES:
        writer.writerows(_titles(instrument, language))
    for language, _ in LANGUAGES:
        writer.writerows(_questions(instrument, language))
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def answer_code(value: int) -> str:
    """What LimeSurvey keeps of a chosen answer; `survey limesurvey responses` reads it as the value."""
    return f"A{value}"


def _titles(instrument: Instrument, language: Language) -> Iterator[Row]:
    zh = language == "zh"
    yield _row("SL", language, name="surveyls_title", text=instrument.title_zh if zh else instrument.title_en)
    yield _row(
        "SL", language, name="surveyls_welcometext", text=instrument.intro_zh if zh else instrument.intro_en
    )


def _questions(instrument: Instrument, language: Language) -> Iterator[Row]:
    zh = language == "zh"
    number = 0
    if instrument.property_type == "mixed":
        yield _row("G", language, number=1, name="您使用的房屋" if zh else "Your space", type_scale="1")
        number = 1
        asked = "您在此使用的是哪类房屋？" if zh else "Which kind of space do you use here?"
        yield _row("Q", language, number=1, type_scale=LIST, name=SPACE, text=asked, mandatory="Y")
        for place, ptype in enumerate(TYPES, start=1):
            yield _answer(1, place, PROPERTY_TYPES[ptype][1 if zh else 0], language)
    groups = 1 if number else 0
    for part in instrument.parts:
        groups += 1
        yield _row("G", language, number=groups, name=part.zh if zh else part.en, type_scale=str(groups))
        for entry in part.asked:
            number += 1
            question = entry.question
            yield _row(
                "Q",
                language,
                number=number,
                type_scale=LONG_TEXT if question.scale.kind is AnswerKind.TEXT else LIST,
                name=question.code,
                relevance=_relevance(entry, instrument.property_type),
                text=question.zh if zh else question.en,
                mandatory="N",
            )
            for choice in question.scale.choices:
                yield _answer(number, choice.value, _said(choice, zh), language)


def _answer(question: int, value: int, text: str, language: Language) -> Row:
    return _row("A", language, number=question, name=answer_code(value), text=text, type_scale="0")


def _said(choice: Choice, zh: bool) -> str:
    return choice.zh if zh else choice.en


def _relevance(entry: Asked, property_type: str) -> str:
    """When a question is asked, as an expression; 1 stands for always."""
    conditions = [f'{entry.when}.NAOK == "{answer_code(1)}"'] if entry.when else []
    types = entry.question.types
    if property_type == "mixed" and types != TYPES:
        spaces = [f'{SPACE}.NAOK == "{answer_code(TYPES.index(ptype) + 1)}"' for ptype in types]
        conditions.append(f"({' or '.join(spaces)})")
    return " and ".join(conditions) or "1"


def _row(
    kind: str,
    language: Language,
    *,
    name: str,
    text: str = "",
    number: int | None = None,
    type_scale: str = "",
    relevance: str = "",
    mandatory: str = "",
) -> Row:
    called = plain(name) if kind == "G" else name
    return {
        "id": "" if number is None else str(number),
        "class": kind,
        "type/scale": type_scale,
        "name": called,
        "relevance": relevance,
        "text": plain(text),
        "language": dict(LANGUAGES)[language],
        "mandatory": mandatory,
        "other": "N" if kind == "Q" else "",
        "same_default": "0" if kind == "Q" else "",
    }


def plain(text: str) -> str:
    """A text that is neither markup nor an expression there, nor a formula in a spreadsheet."""
    flat = html.escape(" ".join(text.split()), quote=False)
    return safe_csv_cell(flat.replace("{", "&#123;").replace("}", "&#125;"))
