"""Where do both sides score the service, each by itself, and say whether they go on? (C3)"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.engagement import Engagement
from models.review import JointScore
from reports.pack import Column, Section, Table
from reports.sections import both_sides, signature_table
from reports.words import DIMENSIONS, NOTHING, PARTIES, VERDICTS, Voice


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
class EvaluationOutcome:
    """What both sides said at the joint evaluation."""

    scores: tuple[JointScore, ...] = ()
    answers: tuple[PartyAnswer, ...] = ()


def outcome_section(outcome: EvaluationOutcome, voice: Voice) -> Section:
    """How both sides judged the custody and whether they wish to go on; where they differ it says so."""
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
    rows = tuple(
        (
            voice("Evaluation", "联合评估")
            if one.subject == "evaluation"
            else voice("Going on", "后续合作意向"),
            voice.word(PARTIES, one.party),
            voice.word(VERDICTS, one.said) if one.said else voice("no answer", "未答复"),
            one.remark or NOTHING,
        )
        for one in outcome.answers
    )
    answers = Table(
        voice("Answers of both sides", "双方答复"),
        (
            Column(voice("About", "事项"), width=1.4),
            Column(voice("Party", "签署方"), width=1),
            Column(voice("Answer", "答复"), width=1.2),
            Column(voice("Remark", "备注"), width=2.4),
        ),
        rows,
    )
    given = {(s.party, s.dimension): s for s in outcome.scores}
    return Section(
        voice("Joint evaluation and renewal", "联合评估与后续合作意向"),
        (said,),
        tables=(*((answers,) if rows else ()), *_differences(given, voice)),
    )


def scoring_section(engagement: Engagement, scores: Sequence[JointScore], voice: Voice) -> Section:
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
