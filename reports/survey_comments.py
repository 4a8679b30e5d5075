"""What did people write, by theme, where enough wrote for it to be shown? (D5)"""

from models.rules.survey_comments import OTHER, CommentFigures
from reports.pack import Column, Section, Table
from reports.survey_numbers import percent
from reports.words import NOTHING, Voice


def comments_section(found: CommentFigures | None, minimum: int, voice: Voice) -> Section | None:
    """Comments by theme, where enough people wrote; None where nobody was asked.

    Args:
        found: the comments.
        minimum: fewest comments that are shown together.
        voice: the language.
    """
    if found is None:
        return None
    heading = voice("Comments", "意见")
    if found.comments == 0:
        return Section(heading, (voice("Nobody left a comment.", "未收到书面意见。"),))
    if found.comments is None:
        return Section(
            heading,
            (
                voice(
                    f"Not shown: fewer than {minimum} people wrote, and a comment could point to one of them.",
                    f"意见不足{minimum}条，为避免识别个人，不予显示。",
                ),
            ),
        )

    def called(theme: str) -> str:
        return voice("others", "其他") if theme == OTHER else theme

    count = Table(
        voice("Comments by theme", "按主题归类"),
        (
            Column(voice("Theme", "主题"), width=2),
            Column(voice("Comments", "条数"), "right"),
            Column(voice("Share", "占比"), "right"),
        ),
        tuple(
            (called(t.theme), NOTHING if t.comments is None else f"{t.comments:,}", percent(t.share))
            for t in found.themes
            if t.comments != 0
        ),
    )
    texts = Table(
        voice(
            "In the respondents' words, numbers taken out, in no order",
            "意见原文（已隐去号码，排序与先后无关）",
        ),
        (Column(voice("Theme", "主题")), Column(voice("Comment", "意见"), width=4)),
        tuple((called(t.theme), text) for t in found.themes for text in t.texts),
    )
    said = voice(
        f"{found.comments:,} comments, grouped by the words in them; a comment may belong to several themes. Themes of fewer "
        f"than {minimum} comments are counted among the others.",
        f"共{found.comments:,}条意见，按所含词语归类，一条可属多个主题；不足{minimum}条的主题并入“其他”。",
    )
    return Section(heading, (said,), (count, texts) if texts.rows else (count,))
