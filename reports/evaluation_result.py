"""What came of the joint evaluation: marks, differences, answers, and what follows? (C3)"""

from collections.abc import Sequence
from datetime import date

from models.engagement import Engagement
from models.review import JointScore, Review
from models.rules.evaluation import DIMENSIONS, EvaluationTerms, weighted_mark
from reports.evaluation_scores import EvaluationOutcome, answers_table, differences_table, weights_sentence
from reports.follow_ups import follow_ups_section
from reports.pack import Column, Pack, Section, Table
from reports.sections import pack_of
from reports.words import DIMENSIONS as DIMENSION_WORDS
from reports.words import NOTHING, PARTIES, Voice, voice_of


def evaluation_result(
    engagement: Engagement,
    *,
    review: Review,
    outcome: EvaluationOutcome,
    on: date,
    settled: bool = False,
) -> Pack:
    """The outcome page of the dossier once both sides have marked, and once more when all is settled.

    Args:
        engagement: whose custody it is.
        review: the joint evaluation.
        outcome: marks, answers and differences, and what follows.
        on: the day it is issued.
        settled: everything is answered and every difference settled.
    """
    voice = voice_of(engagement)
    return pack_of(
        engagement,
        title=voice("Final result of the joint evaluation", "联合评估最终结果")
        if settled
        else voice("Result of the joint evaluation", "联合评估结果"),
        subtitle=voice(f"Evaluation of {voice.day(review.held_on)}", f"{voice.day(review.held_on)}联合评估"),
        period=f"{engagement.term_start.isoformat()} – {engagement.term_end.isoformat()}",
        on=on,
        sections=(
            _conclusion(outcome, voice),
            Section(
                voice("Marks and reasons", "评分与理由"),
                (weights_sentence(outcome.terms, voice),),
                tables=(_marks(outcome.scores, outcome.terms, voice),),
            ),
            _differences(outcome, voice),
            Section(
                voice("Answers of both sides", "双方答复"),
                () if outcome.answers else (voice("Nobody was asked yet.", "尚未征询。"),),
                tables=(answers_table(outcome.answers, voice),) if outcome.answers else (),
            ),
            follow_ups_section(outcome.follow_ups, voice, on) if outcome.follow_ups else None,
        ),
    )


def _conclusion(outcome: EvaluationOutcome, voice: Voice) -> Section:
    said = []
    both = []
    for party in PARTIES:
        marks = {row.dimension: row.score for row in outcome.scores if row.party == party}
        weighted = weighted_mark(marks, outcome.terms.weights)
        if weighted is None:
            continue
        both.append(weighted)
        name = voice.word(PARTIES, party)
        said.append(voice(f"{name}: {weighted} of 5.", f"{name}：{weighted}分（满分5分）。"))
    if len(both) == len(PARTIES):
        mean = sum(both) / len(both)
        said.append(voice(f"Together: {mean:.2f} of 5.", f"双方平均：{mean:.2f}分。"))
    open_ = sum(one.settled_on is None for one in outcome.differences)
    differ = len(outcome.differences)
    if not differ:
        said.append(
            voice("On no point do the sides differ by two marks or more.", "双方各维度评分相差均不足2分。")
        )
    else:
        said.append(
            voice(
                f"The sides differ on {voice.counted(differ, 'point', 'points', '')}, of which {open_} "
                f"{'is' if open_ == 1 else 'are'} still to be settled.",
                f"双方有{differ}项分歧，其中{open_}项待解决。",
            )
        )
    return Section(voice("Weighted marks", "加权得分"), (voice.sentences(*said),))


def _marks(scores: Sequence[JointScore], terms: EvaluationTerms, voice: Voice) -> Table:
    given = {(row.party, row.dimension): row for row in scores}

    def mark(party: str, dimension: str) -> tuple[str, str]:
        row = given.get((party, dimension))
        return (NOTHING, NOTHING) if row is None else (str(row.score), row.remark or NOTHING)

    rows = []
    for dimension in DIMENSIONS:
        client, custodian = mark("client", dimension), mark("custodian", dimension)
        rows.append(
            (
                voice.word(DIMENSION_WORDS, dimension),
                f"{terms.weights[dimension]}%",
                client[0],
                client[1],
                custodian[0],
                custodian[1],
            )
        )
    return Table(
        voice("Marks of both sides, 1 to 5", "双方评分（1–5分）"),
        (
            Column(voice("Dimension", "评估维度"), width=1.4),
            Column(voice("Weight", "权重"), "right", 0.7),
            Column(voice("Client", "委托方"), "right", 0.7),
            Column(voice("Client's reason", "委托方理由"), width=2.4),
            Column(voice("Custodian", "托管方"), "right", 0.9),
            Column(voice("Custodian's reason", "托管方理由"), width=2.4),
        ),
        tuple(rows),
    )


def _differences(outcome: EvaluationOutcome, voice: Voice) -> Section:
    return Section(
        voice("Where the sides differ", "双方分歧"),
        (
            voice(
                "Marks that differ by two or more, and a rejected evaluation, are talked over by the day named. The marks "
                "stay as they were given; what is agreed stands beside them.",
                "评分相差2分及以上，或一方不同意评估结论的，应在所列日期前协商。原评分保留，协商结果另行记录。",
            ),
        )
        if outcome.differences
        else (voice("There is none.", "无。"),),
        tables=(differences_table(outcome.differences, voice),) if outcome.differences else (),
    )
