"""Which promises of a plan answer what the client asked for? (A1, A4)"""

import re
from collections.abc import Sequence
from dataclasses import replace

from models.rules.catalogue import Catalogue, DemandTopic
from models.rules.plan_types import (
    AssetFact,
    CommitmentDraft,
    CompiledPlan,
    DemandAnswer,
    DemandFact,
    TargetKind,
)


def answer_demands(
    demands: Sequence[DemandFact],
    work: Sequence[CommitmentDraft],
    assets: Sequence[AssetFact],
    catalogue: Catalogue,
) -> tuple[tuple[DemandAnswer, ...], tuple[CommitmentDraft, ...]]:
    """Find for each demand the commitments that answer it, and write it into their source.

    Args:
        demands: what was asked, with how it shall be measured.
        work: the commitments of the plan.
        assets: the register, which says of what class a commitment's targets are.
        catalogue: the topics and their words.

    Returns:
        The answers in the order of the demands' references, and the commitments with their sources.
    """
    register = {asset.tag: asset for asset in assets}
    answers = []
    sources: dict[str, list[str]] = {}
    for demand in sorted(demands, key=lambda fact: (fact.ref, fact.text)):
        topics = topics_of(demand, catalogue.demand_topics)
        # A topic narrowed to certain work may find none in this property: then nothing answers, and it is said so.
        codes = {c.code for topic in topics for c in work if _answers(c, topic, register)}
        answers.append(DemandAnswer(demand.ref, demand.text, tuple(sorted(codes))))
        for code in codes:
            sources.setdefault(code, []).append(f"demand {demand.ref}")
    return tuple(answers), tuple(
        _with_source(commitment, sources.get(commitment.code, [])) for commitment in work
    )


def topics_of(demand: DemandFact, known: Sequence[DemandTopic]) -> list[DemandTopic]:
    """What a demand is about: what its own words name, else what its measure names; the narrow before the general.

    In either, weak words count only where no other word names a topic.
    """
    named: list[DemandTopic] = []
    for text in (demand.text, demand.measure):
        named = (
            named
            or _topics_named(
                known, {topic.code: _places(topic.words, text, topic.adjectives) for topic in known}
            )
            or _topics_named(known, {topic.code: _places(topic.weak_words, text) for topic in known})
        )
    narrow = [set(topic.subjects) for topic in named if topic.is_narrow]
    return [
        topic
        for topic in named
        if topic.is_narrow or not any(set(topic.subjects) <= other for other in narrow)
    ]


def _topics_named(known: Sequence[DemandTopic], places: dict[str, list[range]]) -> list[DemandTopic]:
    """The topics named by a word that is no part of another's longer one: "clean water" is not about cleaning."""

    def stands_alone(place: range, code: str) -> bool:
        return not any(
            set(place) < set(longer) for other in places if other != code for longer in places[other]
        )

    return [topic for topic in known if any(stands_alone(place, topic.code) for place in places[topic.code])]


def _named(words: Sequence[str], text: str) -> bool:
    return bool(_places(words, text))


def _places(words: Sequence[str], text: str, adjectives: Sequence[str] = ()) -> list[range]:
    """Where words begin in the text: "clean" names cleaning, but "stairs" is not about air.

    A word reaches over the adjectives right before and behind it: "clean and tidy lawns", "lawns kept tidy".
    """
    haystack = text.casefold()
    return [
        range(*found.span()) for word in words for found in re.finditer(_pattern(word, adjectives), haystack)
    ]


def _pattern(word: str, adjectives: Sequence[str]) -> str:
    """The word, from its beginning where it has letters, with the adjectives of its own script around it."""
    latin = word.isascii()
    pattern = rf"(?<![a-z]){re.escape(word.casefold())}" if latin else re.escape(word)
    own = "|".join(re.escape(adjective) for adjective in adjectives if adjective.isascii() == latin)
    if not own:
        return pattern
    if latin:
        run = rf"(?<![a-z])(?:{own})(?:(?:,\s*(?:and\s+)?|\s+and\s+|\s+)(?:{own}))*"
        linked = r"(?:are|is|be|stay|kept|look|always)"
        return rf"(?:{run}\s+)?{pattern}(?:[a-z]*\s+(?:{linked}\s+)*{run})?"
    run = rf"(?:{own})(?:[、和且]?(?:{own}))*"
    return rf"(?:{run}的?)?{pattern}(?:[要应须]?(?:保持|经常|始终)?{run})?"


def _answers(commitment: CommitmentDraft, topic: DemandTopic, register: dict[str, AssetFact]) -> bool:
    if commitment.subject not in topic.subjects:
        return False
    if not topic.is_narrow:
        return True
    if topic.code_prefixes and commitment.code.startswith(topic.code_prefixes):
        return True
    assets = [
        register[target.code]
        for target in commitment.targets
        if target.kind is TargetKind.ASSET and target.code in register
    ]
    return any(
        asset.element_class in topic.elements or _named(topic.type_words, f"{asset.type_name}\n{asset.name}")
        for asset in assets
    )


def titles_of_answers(plan: CompiledPlan, language: str) -> dict[str, tuple[str, ...]]:
    """For each demand of a plan, by its reference, the titles of the commitments that answer it."""
    chinese = language.lower().startswith("zh")
    titles = {c.code: c.title_zh if chinese else c.title_en for c in plan.commitments}
    return {
        answer.ref: tuple(titles[code] for code in answer.commitment_codes if code in titles)
        for answer in plan.demand_answers
    }


def _with_source(commitment: CommitmentDraft, more: Sequence[str]) -> CommitmentDraft:
    return replace(commitment, source="; ".join((commitment.source, *more))) if more else commitment
