"""How does the custodian look back on a period, and how do both sides settle what they differ on? The people's part."""

from datetime import date

from sqlmodel import col, select

from models.db import reading
from models.review import Review, ReviewProblem
from models.rules.periods import contract_quarters
from tasks.engagements import engagement_id, find_engagement
from tasks.evaluation import issue_results
from tasks.evaluation_differences import listed_differences, settle_difference
from tasks.follow_ups import complete_follow_up, listed_follow_ups
from tasks.packs import issued_pack
from tasks.review_problems import answer_problem, write_words

WHO = "custodian-1"
_LESSON = (
    "演练与处置中的不足纳入班组复训，并更新预案",
    "Train the teams on the lesson and bring the plan up to date",
)
_REASON = (
    "已在次月补做，未造成后果，不另列措施",
    "Made up for in the month after, without consequences: no action of its own",
)
_WORDS = (
    "本季度各班组人员稳定，报修集中在周末晚间，已调整客服与维修值班。",
    "The teams were stable this quarter; repairs came in on weekend evenings, so desk and technicians changed their hours.",
)
_SETTLED = (
    "双方查看满意度明细后同意按4分看待，下期增加回访",
    "After looking at the survey together both take it as 4; next term calls back after each repair",
)


def look_back(code: str, today: date) -> None:
    """Answer the problems the reviews noted, and write the custodian's word on quarters that are over."""
    with reading() as session:
        engagement = find_engagement(session, code)
        key, language = engagement_id(engagement), 0 if engagement.language == "zh" else 1
        owed = session.exec(
            select(ReviewProblem)
            .join(
                Review,
                (col(Review.engagement_id) == col(ReviewProblem.engagement_id))
                & (col(Review.period) == col(ReviewProblem.period)),
            )
            .where(
                ReviewProblem.engagement_id == key,
                ReviewProblem.action_ref == "",
                ReviewProblem.reason == "",
                Review.held_on
                < today,  # people read a report after its day, also where a killed run is resumed
            )
            .order_by(col(ReviewProblem.id))
        ).all()
        quarters = contract_quarters(engagement.term_start, engagement.term_end)
    for one in owed:
        if one.ref.startswith("incident:"):
            answer_problem(code, one.period, one.ref, WHO, action=_LESSON[language])
        else:
            answer_problem(code, one.period, one.ref, WHO, reason=_REASON[language])
    for quarter in quarters:
        if quarter.last < today and issued_pack(key, "quarter", quarter.label) is None:
            write_words(code, quarter.label, _WORDS[language], WHO)


def settle_and_follow(code: str, today: date) -> None:
    """After the day of the evaluation both sides settle what they differ on, and the custodian says what it did."""
    with reading() as session:
        engagement = find_engagement(session, code)
        language = 0 if engagement.language == "zh" else 1
        held = session.exec(
            select(col(Review.held_on)).where(
                Review.engagement_id == engagement_id(engagement), Review.kind == "joint"
            )
        ).all()
    if not held or max(held) >= today:
        return
    tasks = [one["task"] for one in listed_follow_ups(code) if one["state"] == "open"]
    if not tasks:  # the wishes are asked with the evaluation: without them there is nothing to settle yet
        return
    for one in listed_differences(code):
        if one["state"] != "settled":
            settle_difference(code, one["about"], _SETTLED[language], WHO)
    if "people_told" in tasks:
        complete_follow_up(code, "people_told", WHO)
    issue_results(code)
