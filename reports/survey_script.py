"""What does an interviewer read aloud, and what is written down? The telephone script of an instrument (D4)."""

from models.rules.survey_instrument import AnswerKind, Asked, Instrument, asked_of_type
from models.rules.survey_outcomes import OUTCOMES
from reports.pack import Language


def telephone_script(instrument: Instrument, language: Language, stratum: str = "") -> str:
    """The script as Markdown: greeting, each question with its answers, leave, and the outcomes of a call.

    Args:
        instrument: what is asked.
        language: of the script.
        stratum: only the questions for users of this type of space; all where empty.
    """
    zh = language == "zh"
    lines = [f"# {instrument.title_zh if zh else instrument.title_en}", ""]
    lines += _GREETING_ZH if zh else _GREETING_EN
    shown = {entry.question.code for entry in asked_of_type(instrument, stratum)}
    for part in instrument.parts:
        asked = [entry for entry in part.asked if entry.question.code in shown]
        if asked:
            lines += [f"## {part.zh if zh else part.en}", ""]
        for entry in asked:
            lines += _question(entry, instrument.property_type, zh)
    lines += ["## " + ("通话结果代码" if zh else "Outcome of the call"), ""]
    lines += ["| " + ("代码 | 含义" if zh else "code | meaning") + " |", "| --- | --- |"]
    lines += [f"| {outcome.code} | {outcome.zh if zh else outcome.en} |" for outcome in OUTCOMES]
    return "\n".join(lines) + "\n"


_GREETING_ZH = (
    "您好，我代表本项目物业托管方进行满意度调查，约需五分钟。参加自愿，您可以跳过任何题目或随时结束。",
    "",
    "- 不记名调查的名单含已作答者：先问是否已作答；已作答的致谢并记 says_answered。",
    "- 不记名调查请说明：“答案不记名，不与您的姓名和电话一并保存。”保密调查请说明：“答案予以保密，分开保存，仅用于本调查及您要求的回访。”",
    "- 请按原文读题，不解释、不引导、不评论答案。",
    "- 不主动读出“不适用”；对方表示不适用或不知道时留空。",
    "- 不记录姓名；按名单录入答题码。",
    "",
)
_GREETING_EN = (
    "Good day. I am calling on behalf of the property's custodian with a short survey of about five minutes. "
    "Taking part is voluntary; you may leave out any question or stop at any time.",
    "",
    "- The list of an anonymous survey holds those too who have answered: ask first, thank them, and enter says_answered.",
    "- Anonymous survey, say: “Your answers are kept without your name and number.” Confidential survey, say: “Your answers "
    "are confidential, kept apart from your name, and used for this survey and a call back that you ask for.”",
    "- Read each question as it stands. Do not explain, lead or comment.",
    "- Do not offer “does not apply”; leave the answer empty when the person says so or does not know.",
    "- Write down no name; enter the code of the call list.",
    "",
)


def _question(entry: Asked, property_type: str, zh: bool) -> list[str]:
    question = entry.question
    lines = [f"**{question.code}.** {question.zh if zh else question.en}", ""]
    notes = []
    if entry.when:
        notes.append(f"仅当 {entry.when} 答“是”时提问" if zh else f"Only if {entry.when} was answered yes")
    if property_type == "mixed" and len(question.types) < 3:
        notes.append(("仅问：" if zh else "Only of users of: ") + ", ".join(question.types))
    if notes:
        lines += [f"*{'; '.join(notes)}*", ""]
    if question.scale.kind is AnswerKind.TEXT:
        lines += [
            ("逐字记录，不写姓名、房号、电话。" if zh else "Word for word, without names, flats or numbers."),
            "",
        ]
    elif question.scale.kind is AnswerKind.RECOMMENDATION:
        first, last = question.scale.choices[0], question.scale.choices[-1]
        ends = (first.zh, last.zh) if zh else (first.en, last.en)
        lines += ["0 1 2 3 4 5 6 7 8 9 10 (" + " … ".join(ends) + ")", ""]
    else:
        lines += [f"- {choice.value} {choice.zh if zh else choice.en}" for choice in question.scale.choices]
        lines.append("")
    return lines
