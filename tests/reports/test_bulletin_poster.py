"""Does a notice fit one sheet, in both languages, and does its square code lead to the desk and to nobody else? (B7)"""

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader

from reports.bulletin_poster import Poster, poster_code, render_poster

POSTER = Poster(
    code="JC-2027",
    ref="water-works",
    issued_on=date(2027, 1, 5),
    property_name="锦程花园",
    custodian="诚安物业",
    title="停水通知",
    text="周一九点至十二点停水。\n请提前储水。\n\n给您带来不便，敬请谅解。",
    facts=(("楼栋", "1、2"),),
    language="zh",
)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_everything_stands_on_one_sheet(language: str) -> None:
    pages = PdfReader(BytesIO(render_poster(replace(POSTER, language=language)))).pages  # type: ignore[arg-type]
    text = pages[0].extract_text()
    assert len(pages) == 1
    for part in (
        "停水通知",
        "锦程花园",
        "诚安物业",
        "请提前储水",
        "敬请谅解",
        "楼栋",
        "JC-2027 · water-works",
    ):
        assert part in text, part
    assert ("发布日期" if language == "zh" else "Issued on") in text


def test_a_long_notice_is_set_smaller_and_still_whole() -> None:
    text = "\n\n".join(f"Paragraph {number}. " + "Words of a notice. " * 8 for number in range(12))
    pages = PdfReader(BytesIO(render_poster(replace(POSTER, text=text, language="en")))).pages
    assert "Paragraph 11." in pages[-1].extract_text()
    assert len(pages) == 1


def test_the_square_code_is_a_mail_to_the_desk_or_a_reference() -> None:
    assert poster_code(POSTER) == "steward:bulletin:JC-2027:water-works"
    assert (
        poster_code(replace(POSTER, desk_address="desk@custodian.example.com"))
        == "mailto:desk@custodian.example.com?subject=JC-2027%20water-works"
    )
