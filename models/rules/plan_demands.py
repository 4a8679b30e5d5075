"""Which promises of a plan answer what the client asked for? (A1, A4)"""

import re
from collections.abc import Sequence
from dataclasses import replace

from models.rules.catalogue import Catalogue, DemandTopic
from models.rules.elements import ElementClass
from models.rules.plan_types import AssetFact, CommitmentDraft, DemandAnswer, DemandFact, TargetKind


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
    elements = {asset.tag: asset.element_class for asset in assets}
    answers = []
    sources: dict[str, list[str]] = {}
    for demand in sorted(demands, key=lambda fact: (fact.ref, fact.text)):
        topics = topics_of(demand, catalogue.demand_topics)
        codes = {c.code for topic in topics for c in work if _answers(c, topic, elements)}
        # A topic narrowed to certain work may find none in this property: its subjects still answer.
        codes = codes or {c.code for topic in topics for c in work if c.subject in topic.subjects}
        answers.append(DemandAnswer(demand.ref, demand.text, tuple(sorted(codes))))
        for code in codes:
            sources.setdefault(code, []).append(f"demand {demand.ref}")
    return tuple(answers), tuple(
        _with_source(commitment, sources.get(commitment.code, [])) for commitment in work
    )


def topics_of(demand: DemandFact, known: Sequence[DemandTopic]) -> list[DemandTopic]:
    """What a demand is about: what its words name, else what its weak words name; the narrow before the general."""
    texts = (demand.text, demand.measure)
    named = [topic for topic in known if _named(topic.words, *texts)] or [
        topic for topic in known if _named(topic.weak_words, *texts)
    ]
    narrow = [set(topic.subjects) for topic in named if topic.is_narrow]
    return [
        topic
        for topic in named
        if topic.is_narrow or not any(set(topic.subjects) <= other for other in narrow)
    ]


def _named(words: Sequence[str], *texts: str) -> bool:
    """Whether one of the words begins in the texts: "clean" names cleaning, but "stairs" is not about air."""
    haystack = "\n".join(texts).casefold()
    return any(
        re.search(rf"(?<![a-z]){re.escape(word.casefold())}" if word.isascii() else re.escape(word), haystack)
        for word in words
    )


def _answers(commitment: CommitmentDraft, topic: DemandTopic, elements: dict[str, ElementClass]) -> bool:
    if commitment.subject not in topic.subjects:
        return False
    if not topic.is_narrow:
        return True
    if topic.code_prefixes and commitment.code.startswith(topic.code_prefixes):
        return True
    return any(
        target.kind is TargetKind.ASSET and elements.get(target.code) in topic.elements
        for target in commitment.targets
    )


def _with_source(commitment: CommitmentDraft, more: Sequence[str]) -> CommitmentDraft:
    return replace(commitment, source="; ".join((commitment.source, *more))) if more else commitment
