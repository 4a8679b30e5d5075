"""Where do both sides score the service, each by itself, and say whether they go on? (C3)"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from models.engagement import Engagement
from models.review import JointScore
from models.rules.evaluation import EvaluationTerms, terms_of, weights_in_words
from reports.follow_ups import FollowUp, follow_ups_sentence, follow_ups_table
from reports.pack import Column, Section, Table
from reports.sections import both_sides, cell_lines, signature_table
from reports.words import DIFFERENCES, DIMENSIONS, NOTHING, PARTIES, POSTS, VERDICTS, Voice


@dataclass(frozen=True)
class PartyAnswer:
    """What a party answered at the joint evaluation, with its reason."""

    subject: str
    """evaluation or renewal."""
    party: str
    said: str
    """Its verdict; empty: no answer yet."""
    remark: str


@dataclass(frozen=True)
class Difference:
    """A point on which the sides differ, what both said, and how it stands."""

    about: str
    """A dimension or `judgement`."""
    said: tuple[tuple[str, str], ...]
    """What client and custodian said, each with its reason; empty where one has not answered."""
    owner: str
    settle_by: date
    settled_on: date | None
    outcome: str


@dataclass(frozen=True)
class EvaluationOutcome:
    """What both sides said at the joint evaluation."""

    scores: tuple[JointScore, ...] = ()
    answers: tuple[PartyAnswer, ...] = ()
    differences: tuple[Difference, ...] = ()
    terms: EvaluationTerms = field(default_factory=lambda: terms_of({}))
    follow_ups: tuple[FollowUp, ...] = ()


def outcome_section(outcome: EvaluationOutcome, voice: Voice, on: date | None = None) -> Section:
    """How both sides judged the custody and whether they wish to go on; where they differ it says so.

    Args:
        outcome: what both said, and what follows.
        voice: of the report.
        on: the day by which a task may be overdue; without one the tasks are left out.
    """
    wishes = {one.party: one.said for one in outcome.answers if one.subject == "renewal" and one.said}
    if set(PARTIES) <= set(wishes):
        same = len(set(wishes.values())) == 1
        said = (
            voice("Both sides wish the same.", "双方意向一致。")
            if same
            else voice(
                "The two sides wish different things; without another agreement the custody ends with its term.",
                "双方意向不一致；未另行达成一致的，托管到期终止。",
            )
        )
    else:
        said = voice("Not both sides have said whether they wish to go on.", "双方尚未全部表明后续合作意向。")
    given = {(s.party, s.dimension): s for s in outcome.scores}
    return Section(
        voice("Joint evaluation and renewal", "联合评估与后续合作意向"),
        (said, follow_ups_sentence(outcome.follow_ups, voice) if outcome.follow_ups and on else ""),
        tables=(
            *((answers_table(outcome.answers, voice),) if outcome.answers else ()),
            *_differences(given, voice),
            *((differences_table(outcome.differences, voice),) if outcome.differences else ()),
            *((follow_ups_table(outcome.follow_ups, voice, on),) if outcome.follow_ups and on else ()),
        ),
    )


def answers_table(given: Sequence[PartyAnswer], voice: Voice) -> Table:
    """What each party answered about the evaluation and about going on."""
    rows = tuple(
        (
            voice("Evaluation", "联合评估")
            if one.subject == "evaluation"
            else voice("Going on", "后续合作意向"),
            voice.word(PARTIES, one.party),
            voice.word(VERDICTS, one.said) if one.said else voice("no answer", "未答复"),
            one.remark or NOTHING,
        )
        for one in given
    )
    return Table(
        voice("Answers of both sides", "双方答复"),
        (
            Column(voice("About", "事项"), width=1.4),
            Column(voice("Party", "签署方"), width=1),
            Column(voice("Answer", "答复"), width=1.2),
            Column(voice("Remark", "备注"), width=2.4),
        ),
        rows,
    )


def differences_table(differences: Sequence[Difference], voice: Voice) -> Table:
    """The points on which the sides differ: what each said and why, who settles it by when, and what was agreed."""

    def said(one: Difference, place: int) -> str:
        what, why = one.said[place]
        if not what:
            return voice("no answer", "未答复")
        word = voice.word(VERDICTS, what)
        return cell_lines(word, why)

    return Table(
        voice("Differences and how they are settled", "分歧及处理情况"),
        (
            Column(voice("About", "事项"), width=1.3),
            Column(voice("Client and reason", "委托方意见及理由"), width=2.2),
            Column(voice("Custodian and reason", "托管方意见及理由"), width=2.2),
            Column(voice("Settled by whom, until", "负责人与期限"), width=1.5),
            Column(voice("Agreed", "协商结果"), width=2),
        ),
        tuple(
            (
                voice.word(DIFFERENCES, one.about),
                said(one, 0),
                said(one, 1),
                cell_lines(voice.word(POSTS, one.owner), one.settle_by.isoformat()),
                voice("still open", "待协商")
                if one.settled_on is None
                else cell_lines(
                    one.outcome, f"({one.settled_on})" if voice.language == "en" else f"（{one.settled_on}）"
                ),
            )
            for one in differences
        ),
    )


def weights_sentence(terms: EvaluationTerms, voice: Voice) -> str:
    """How the dimensions weigh, and where that was agreed."""
    weights = weights_in_words(replace(terms, yearly=False), voice.language)
    return voice.sentences(
        weights,
        voice(f"Agreed in: {terms.agreed_in}.", f"约定依据：{terms.agreed_in}。")
        if terms.agreed_in
        else voice("Nothing else was agreed, so all weigh the same.", "双方未另行约定，各维度等权。"),
    )


def scoring_section(
    engagement: Engagement, scores: Sequence[JointScore], voice: Voice, terms: EvaluationTerms | None = None
) -> Section:
    """One table for each side to score on, and the differences once both are in."""
    given = {(s.party, s.dimension): s for s in scores}
    tables = [
        Table(
            voice(f"Scores of the {role.lower()}: {name}", f"{role}评分：{name}"),
            (
                Column(voice("Dimension", "评估维度"), width=1.6),
                Column(voice("Score (1 to 5)", "评分（1–5）"), "center", 0.9),
                Column(voice("Reasons", "理由"), width=3.4),
            ),
            tuple(
                (
                    voice.word(DIMENSIONS, dimension),
                    str(given[party, dimension].score) if (party, dimension) in given else "",
                    (given[party, dimension].remark or NOTHING) if (party, dimension) in given else "\n\n",
                )
                for dimension in DIMENSIONS
            ),
        )
        for party, (role, name) in zip(PARTIES, both_sides(engagement, voice), strict=True)
    ]
    tables += _differences(given, voice)
    return Section(
        voice("Scores, each side by itself", "双方独立评分"),
        (
            voice(
                "1 far below what was agreed, 2 below, 3 as agreed, 4 above, 5 far above.",
                "1分：远低于约定；2分：低于约定；3分：符合约定；4分：高于约定；5分：远高于约定。",
            ),
            weights_sentence(terms or terms_of({}), voice),
        ),
        tables=tuple(tables),
    )


def _differences(given: Mapping[tuple[str, str], JointScore], voice: Voice) -> list[Table]:
    """The two scores of each dimension side by side; nothing before both are in."""
    both = [d for d in DIMENSIONS if all((party, d) in given for party in PARTIES)]
    if not both:
        return []
    return [
        Table(
            voice("Where the scores differ", "评分差异"),
            (
                Column(voice("Dimension", "评估维度"), width=2),
                Column(voice("Client", "委托方"), "right"),
                Column(voice("Custodian", "托管方"), "right"),
                Column(voice("Difference", "差异"), "right"),
            ),
            tuple(
                (
                    voice.word(DIMENSIONS, d),
                    str(given["client", d].score),
                    str(given["custodian", d].score),
                    str(abs(given["client", d].score - given["custodian", d].score)),
                )
                for d in both
            ),
        )
    ]


def renewal_section(engagement: Engagement, voice: Voice) -> Section:
    """Room for each side to mark whether it wishes to go on, and to sign."""
    return Section(
        voice("Going on together", "后续合作意向"),
        (
            voice(
                f"The contract ends on {voice.day(engagement.term_end)}. Each side marks its wish. Whatever it is, "
                "property and papers are handed over complete when the custody ends.",
                f"合同于{voice.day(engagement.term_end)}到期，双方各自勾选意向。无论是否续约，托管结束时均应完整移交物业与资料。",
            ),
        ),
        tables=(
            Table(
                voice("Renewal", "续约意向"),
                (
                    Column(voice("Party", "签署方"), width=2.4),
                    Column(voice("Renew", "续约"), "center"),
                    Column(voice("Renew with changes", "调整后续约"), "center"),
                    Column(voice("End", "到期终止"), "center"),
                ),
                tuple((f"{role}\n{name}", "", "", "") for role, name in both_sides(engagement, voice)),
            ),
            signature_table(both_sides(engagement, voice), voice),
        ),
    )


def signing_section(engagement: Engagement, voice: Voice) -> Section:
    """Room to sign, where the custody goes on and nobody is asked about it."""
    return Section(
        voice("Signatures", "签署"), tables=(signature_table(both_sides(engagement, voice), voice),)
    )
