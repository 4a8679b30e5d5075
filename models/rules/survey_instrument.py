"""Which questions does an instrument ask, of whom, in which order, and may it be used? (D1, D2)"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

LONGEST_ONLINE, LONGEST_TOLD = 20, 15
"""Questions one respondent can be asked online, and on paper or by telephone: a rule of thumb, an assumption."""
TYPES = ("residential", "commercial", "office")


class Purpose(StrEnum):
    """Why a survey is held (D1)."""

    OVERALL = "overall"
    SPECIAL = "special"
    RISK = "risk"


class AnswerKind(StrEnum):
    """What is answered."""

    RATING = "rating"
    """1 to 5, 5 best."""
    RECOMMENDATION = "recommendation"
    """0 to 10."""
    YES_NO = "yes_no"
    """1 yes, 0 no."""
    TEXT = "text"


@dataclass(frozen=True)
class Choice:
    """One answer to choose."""

    value: int
    en: str
    zh: str


@dataclass(frozen=True)
class AnswerScale:
    """The answers of a kind of question."""

    code: str
    kind: AnswerKind
    choices: tuple[Choice, ...]

    @property
    def values(self) -> tuple[int, ...]:
        """The numbers that may be recorded."""
        return tuple(choice.value for choice in self.choices)


@dataclass(frozen=True)
class Question:
    """One code: one wording and one scale for ever."""

    code: str
    scale: AnswerScale
    dimension: str
    post: str
    en: str
    zh: str
    types: tuple[str, ...] = TYPES
    """Whose users are asked."""


@dataclass(frozen=True)
class Asked:
    """A question in its place."""

    question: Question
    when: str = ""
    """Asked only of who answered yes to this code; of everybody where empty."""


@dataclass(frozen=True)
class Part:
    """Questions under one heading."""

    code: str
    en: str
    zh: str
    asked: tuple[Asked, ...]


@dataclass(frozen=True)
class Instrument:
    """A questionnaire for one purpose and one type of property."""

    code: str
    purpose: Purpose
    property_type: str
    title_en: str
    title_zh: str
    intro_en: str
    intro_zh: str
    parts: tuple[Part, ...]

    @property
    def asked(self) -> tuple[Asked, ...]:
        """All questions in their order."""
        return tuple(entry for part in self.parts for entry in part.asked)

    @property
    def scales(self) -> tuple[AnswerScale, ...]:
        """The scales in use, each once."""
        return tuple({entry.question.scale.code: entry.question.scale for entry in self.asked}.values())


def fingerprint(question: Question) -> str:
    """What must stay the same under one code: both wordings and every answer with its words (16 hex digits)."""
    said = [question.code, question.scale.kind.value, question.en, question.zh]
    said += [f"{choice.value}|{choice.en}|{choice.zh}" for choice in question.scale.choices]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]


def changed_codes(released: Mapping[str, str], questions: Iterable[Question]) -> tuple[str, ...]:
    """The released codes that are gone or no longer say what they said."""
    now = {question.code: fingerprint(question) for question in questions}
    return tuple(code for code, mark in released.items() if now.get(code) != mark)


def merged(instruments: Iterable[Instrument], code: str, property_type: str) -> Instrument:
    """The questions of several instruments in one, each once, under the headings where they stand first."""
    first, *others = list(instruments)
    parts = {part.code: part for part in first.parts}
    seen = {entry.question.code for entry in first.asked}
    for other in others:
        for part in other.parts:
            new = tuple(entry for entry in part.asked if entry.question.code not in seen)
            seen |= {entry.question.code for entry in new}
            known = parts.get(part.code)
            parts[part.code] = (
                replace(part, asked=new) if known is None else replace(known, asked=(*known.asked, *new))
            )
    return replace(
        first,
        code=code,
        property_type=property_type,
        parts=tuple(part for part in parts.values() if part.asked),
    )


def instrument_faults(instrument: Instrument) -> tuple[str, ...]:
    """Why an instrument cannot be used; one sentence each, none where it can."""
    faults = []
    seen: dict[str, AnswerKind] = {}
    for entry in instrument.asked:
        code = entry.question.code
        if code in seen:
            faults.append(f"question {code} is asked twice")
        if entry.when and seen.get(entry.when) is not AnswerKind.YES_NO:
            faults.append(
                f"question {code} depends on {entry.when}, which is no yes-or-no question asked before it"
            )
        seen[code] = entry.question.scale.kind
    if not any(kind is AnswerKind.RATING for kind in seen.values()):
        faults.append("no question is a rating, so that no share satisfied could be shown")
    if "OV1" not in seen:
        faults.append(
            "OV1, the service as a whole, is not asked; every survey compares single questions with it"
        )
    for ptype in sorted({t for entry in instrument.asked for t in entry.question.types}):
        if instrument.property_type in (ptype, "mixed"):
            count = len(asked_of_type(instrument, ptype))
            if count > LONGEST_ONLINE:
                faults.append(f"{count} questions for {ptype}; at most {LONGEST_ONLINE} are answered")
    return tuple(faults)


def instrument_advice(instrument: Instrument) -> tuple[str, ...]:
    """What may be better, though it can be used."""
    most = max((len(asked_of_type(instrument, ptype)) for ptype in TYPES), default=0)
    if most > LONGEST_TOLD:
        return (f"{most} questions: more than {LONGEST_TOLD} are long on paper and by telephone",)
    return ()


def asked_of_type(instrument: Instrument, property_type: str) -> tuple[Asked, ...]:
    """The questions for users of one type of space; all where the type is unknown or mixed."""
    if property_type not in TYPES:
        return instrument.asked
    return tuple(entry for entry in instrument.asked if property_type in entry.question.types)


def instrument_record(instrument: Instrument) -> dict[str, Any]:
    """Plain values for a file or a column; `instrument_from_record` reads them."""
    return {
        "code": instrument.code,
        "purpose": instrument.purpose.value,
        "property_type": instrument.property_type,
        "title_en": instrument.title_en,
        "title_zh": instrument.title_zh,
        "intro_en": instrument.intro_en,
        "intro_zh": instrument.intro_zh,
        "scales": [
            {
                "code": scale.code,
                "kind": scale.kind.value,
                "choices": [{"value": c.value, "en": c.en, "zh": c.zh} for c in scale.choices],
            }
            for scale in instrument.scales
        ],
        "parts": [
            {
                "code": part.code,
                "en": part.en,
                "zh": part.zh,
                "asked": [
                    {
                        "code": entry.question.code,
                        "scale": entry.question.scale.code,
                        "dimension": entry.question.dimension,
                        "post": entry.question.post,
                        "en": entry.question.en,
                        "zh": entry.question.zh,
                        "types": list(entry.question.types),
                        "when": entry.when,
                    }
                    for entry in part.asked
                ],
            }
            for part in instrument.parts
        ],
    }


def wave_items(instrument: Instrument) -> list[dict[str, Any]]:
    """The questions as a wave keeps them."""
    return [
        {
            "code": entry.question.code,
            "text_en": entry.question.en,
            "text_zh": entry.question.zh,
            "kind": entry.question.scale.kind.value,
            "values": list(entry.question.scale.values),
            "strata": list(entry.question.types),
            "post": entry.question.post,
            "when": entry.when,
        }
        for entry in instrument.asked
    ]
