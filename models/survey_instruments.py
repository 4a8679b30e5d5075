"""What do the shipped codebook and templates of surveys say, and does every released code still say what it said?"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from models.catalogue_files import open_entry
from models.catalogue_reading import CatalogueInvalid, Entry, refuse_repeated
from models.errors import Terminal
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
    changed_codes,
    instrument_faults,
    merged,
)

_MIXED_TITLES = {
    Purpose.OVERALL: ("Satisfaction with the property service", "物业服务满意度调查"),
    Purpose.SPECIAL: ("Special survey of single services", "单项服务专项调查"),
    Purpose.RISK: ("Risks and room for improvement", "潜在风险与改进机会调查"),
}
_CODEBOOK, _TEMPLATES, _RELEASED = "codebook.yaml", "templates.yaml", "released.txt"


@lru_cache(maxsize=1)
def shipped_instruments() -> tuple[dict[str, Question], tuple[Instrument, ...]]:
    """Codebook by code, and templates, read and checked once.

    Raises:
        CatalogueInvalid: a file is wrong, or a released code was changed.
    """
    return read_instruments(resources.files("models.catalogue.surveys"))


def read_instruments(folder: Traversable | Path) -> tuple[dict[str, Question], tuple[Instrument, ...]]:
    """As `shipped_instruments`, of any folder with the same file names.

    Raises:
        CatalogueInvalid: a file is wrong, or a released code was changed.
    """
    codebook = _read_codebook(open_entry(folder, _CODEBOOK))
    changed = changed_codes(released_codes(folder), codebook.values())
    if changed:
        raise CatalogueInvalid(
            _CODEBOOK,
            f"items {', '.join(changed)}",
            "was released with another wording or scale; put it back, and give the new wording a new code",
        )
    top = open_entry(folder, _TEMPLATES)
    templates = tuple(_template(entry, codebook) for entry in top.entries("templates"))
    top.finish()
    refuse_repeated(_TEMPLATES, "template", (template.code for template in templates))
    return codebook, templates


def released_codes(folder: Traversable | Path) -> dict[str, str]:
    """Code to fingerprint of every question that was ever released.

    Raises:
        CatalogueInvalid: a line is not a code and a fingerprint.
    """
    lines = folder.joinpath(_RELEASED).read_text(encoding="utf-8").splitlines()
    released = {}
    for number, line in enumerate(lines, start=1):
        code, _, mark = line.partition(" ")
        if line.startswith("#") or not line:
            continue
        if len(mark) != 16 or code in released:
            raise CatalogueInvalid(
                _RELEASED, f"line {number}", "expected a code and its 16 digits, each code once"
            )
        released[code] = mark
    return released


def instrument_for(purpose: str, property_type: str) -> Instrument:
    """The template for a purpose and a type of property; for a mixed one that of its three types together.

    Raises:
        Terminal: there is none.
    """
    templates = shipped_instruments()[1]
    if property_type == "mixed":
        mine = [template for template in templates if template.purpose.value == purpose]
        if mine:
            both = merged(mine, f"{purpose}-mixed", "mixed")
            en, zh = _MIXED_TITLES[Purpose(purpose)]
            return replace(both, title_en=en, title_zh=zh)
    for template in templates:
        if (template.purpose.value, template.property_type) == (purpose, property_type):
            return template
    raise Terminal(
        f"There is no template for purpose {purpose!r} and type {property_type!r}; expected a purpose of "
        f"{', '.join(Purpose)} and a type of {', '.join(TYPES)}, mixed."
    )


def instrument_named(code: str) -> Instrument:
    """A template by its code, such as overall-residential or risk-mixed.

    Raises:
        Terminal: there is none.
    """
    known = [template.code for template in shipped_instruments()[1]]
    purpose, _, property_type = code.partition("-")
    if code not in (*known, *(f"{purpose}-mixed" for purpose in Purpose)):
        raise Terminal(
            f"There is no instrument {code[:60]!r}; expected one of {', '.join(known)}, or PURPOSE-mixed."
        )
    return instrument_for(purpose, property_type)


def instrument_from_entry(top: Entry) -> Instrument:
    """An instrument with its own questions, as `instrument_record` writes it.

    Raises:
        CatalogueInvalid: a key is missing, wrong or unknown, or the instrument cannot be used.
    """
    scales = {scale.code: scale for scale in (_scale(entry) for entry in top.entries("scales"))}
    parts = []
    for entry in top.entries("parts"):
        asked = []
        for inner in entry.entries("asked"):
            when = inner.text("when", "")
            asked.append(Asked(_question(inner, scales), when))
        parts.append(Part(entry.text("code"), entry.text("en"), entry.text("zh"), tuple(asked)))
        entry.finish()
    return _checked(top, tuple(parts))


def _read_codebook(top: Entry) -> dict[str, Question]:
    scales = {scale.code: scale for scale in (_scale(entry) for entry in top.entries("scales"))}
    questions = [_question(entry, scales) for entry in top.entries("items")]
    top.finish()
    refuse_repeated(_CODEBOOK, "item", (question.code for question in questions))
    return {question.code: question for question in questions}


def _scale(entry: Entry) -> AnswerScale:
    code, kind = entry.text("code"), entry.choice("kind", AnswerKind)
    choices = []
    for inner in entry.entries("choices"):
        choices.append(Choice(inner.whole("value"), inner.text("en"), inner.text("zh")))
        inner.finish()
    entry.finish()
    values = tuple(choice.value for choice in choices)
    wanted = {
        AnswerKind.RATING: (1, 2, 3, 4, 5),
        AnswerKind.RECOMMENDATION: tuple(range(11)),
        AnswerKind.YES_NO: (0, 1),
        AnswerKind.TEXT: (),
    }[kind]
    if values != wanted:
        raise entry.refuse("choices", f"expected the values {wanted} of a {kind}, found {values}")
    return AnswerScale(code, kind, tuple(choices))


def _question(entry: Entry, scales: Mapping[str, AnswerScale]) -> Question:
    name = entry.text("scale")
    if name not in scales:
        raise entry.refuse("scale", f"expected one of {', '.join(scales)}, found {name!r}")
    types = entry.texts("types") or TYPES
    unknown = set(types) - set(TYPES)
    if unknown:
        raise entry.refuse(
            "types", f"expected some of {', '.join(TYPES)}, found {', '.join(sorted(unknown))}"
        )
    question = Question(
        code=entry.text("code"),
        scale=scales[name],
        dimension=entry.text("dimension"),
        post=entry.text("post"),
        en=entry.text("en"),
        zh=entry.text("zh"),
        types=types,
    )
    entry.finish()
    return question


def _template(entry: Entry, codebook: Mapping[str, Question]) -> Instrument:
    parts = []
    for inner in entry.entries("parts"):
        asked = []
        for said in inner.texts("items"):
            code, _, when = said.partition(" if ")
            if code not in codebook:
                raise inner.refuse("items", f"{code!r} is not in {_CODEBOOK}")
            asked.append(Asked(codebook[code], when))
        parts.append(Part(inner.text("code"), inner.text("en"), inner.text("zh"), tuple(asked)))
        inner.finish()
    return _checked(entry, tuple(parts))


def _checked(entry: Entry, parts: tuple[Part, ...]) -> Instrument:
    instrument = Instrument(
        code=entry.text("code"),
        purpose=entry.choice("purpose", Purpose),
        property_type=entry.text("property_type"),
        title_en=entry.text("title_en"),
        title_zh=entry.text("title_zh"),
        intro_en=entry.text("intro_en", ""),
        intro_zh=entry.text("intro_zh", ""),
        parts=parts,
    )
    entry.finish()
    if instrument.property_type not in (*TYPES, "mixed"):
        raise entry.refuse("property_type", f"expected one of {', '.join(TYPES)}, mixed")
    faults = instrument_faults(instrument)
    if faults:
        raise entry.refuse("parts", "; ".join(faults))
    return instrument
