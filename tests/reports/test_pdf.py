"""Is the PDF readable, repeatable, tagged, and deaf to what hostile texts ask of it?"""

import io
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, StreamObject

from reports.glyphs import drawable, printable
from reports.pack import Bar, BarChart, Column, Pack, Section, Table
from reports.pdf import render_pdf
from reports.pdf_view import pack_view, pieces
from tests.reports.packs import english_pack, rich_pack


def reader(pack: Pack) -> PdfReader:
    return PdfReader(io.BytesIO(render_pdf(pack)))


def pages(pack: Pack) -> list[str]:
    return [page.extract_text() for page in reader(pack).pages]


def squeezed(text: str) -> str:
    """Extracted text without blanks and line ends, which depend on where a line broke."""
    return re.sub(r"\s", "", text)


def test_chinese_text_can_be_searched_and_copied() -> None:
    text = squeezed("".join(pages(rich_pack())))
    for expected in (
        "月度服务评审报告",
        "滨河花园业主委员会",
        "更换水泵房2号泵机械密封",
        "50,200.00",
        "一、总体结论",
    ):
        assert expected in text


def test_same_pack_gives_same_bytes_after_another_pack() -> None:
    first = render_pdf(rich_pack())
    render_pdf(english_pack())
    assert render_pdf(rich_pack()) == first


def test_dates_inside_are_the_day_of_issue() -> None:
    information = reader(rich_pack()).metadata
    assert information is not None and information.creation_date is not None
    assert information.creation_date.date() == rich_pack().issued_on
    assert information.title == "月度服务评审报告"


def test_every_page_says_which_of_how_many_and_header_repeats() -> None:
    texts = [squeezed(page) for page in pages(rich_pack(rows=80))]
    assert len(texts) >= 5
    for number, text in enumerate(texts, start=1):
        assert f"第{number}页/共{len(texts)}页" in text
    table_pages = [text for text in texts if "WO-2026-" in text]
    assert len(table_pages) >= 3
    assert all("工单号" in text and "费用（元）" in text for text in table_pages)
    assert all("ENG-2026-01·月度服务评审报告" in text for text in texts[1:])


def test_contents_page_only_for_more_than_four_sections() -> None:
    long = rich_pack()
    assert "目录" in pages(long)[0]
    assert "目录" not in pages(replace(long, sections=long.sections[:4]))[0]


def test_document_is_tagged_and_states_its_language() -> None:
    document = reader(rich_pack())
    root = document.root_object
    assert cast(DictionaryObject, root["/MarkInfo"])["/Marked"]
    assert str(root["/Lang"]).startswith("zh")
    assert document.xmp_metadata is not None
    assert b"pdfuaid" in cast(StreamObject, root["/Metadata"].get_object()).get_data()


def test_absent_figure_is_said_in_words_and_never_as_zero() -> None:
    chart = BarChart("Satisfaction", "%", (Bar("Owners", None, Decimal(85), "no_data"),))
    text = pages(replace(english_pack(), sections=(Section("Survey", bars=(chart,)),)))[0]
    assert "no data" in text and "85%" in text
    assert not re.search(r"\b0 ?%", text)


def test_empty_table_says_so() -> None:
    assert "本期无记录" in "".join(pages(rich_pack()))


def test_no_sections_and_empty_texts_still_give_a_document() -> None:
    bare = Pack("", "", "", "", "", "", "", rich_pack().issued_on, (), "en")
    assert len(pages(bare)) == 1


@pytest.mark.parametrize(
    "hostile",
    [
        "{{ 7*7 }}",
        '#read("/etc/passwd")',
        "#import sys: inputs",
        "<script>alert(1)</script>",
        '=HYPERLINK("http://evil.example","x")',
        "$x^2$ *bold* _it_ `raw` @ref \\u{41} // comment",
        "= heading",
    ],
)
def test_hostile_text_is_printed_as_it_stands(hostile: str) -> None:
    text = squeezed("".join(pages(english_pack(title=hostile, cell=hostile))))
    assert text.count(squeezed(hostile)) >= 3
    assert "root:" not in text and "49" not in text


def test_word_of_ten_thousand_letters_is_whole_and_stays_on_the_page() -> None:
    word = "Wm" * 5000
    document = reader(english_pack(cell=word))
    assert squeezed("".join(p.extract_text() for p in document.pages)).count("Wm") > 9900
    farthest = 0.0

    def measure(text: str, cm: list[float], tm: list[float], _font: object, _size: object) -> None:
        nonlocal farthest
        if text.strip():
            farthest = max(farthest, tm[4] * cm[0] + cm[4])

    for page in document.pages:
        page.extract_text(visitor_text=measure)
    assert 300 < farthest < 545  # the type area ends 20 mm before the edge of 595 pt


def test_unknown_characters_become_a_box_with_a_note() -> None:
    text = "".join(pages(english_pack(cell="Lift \U0001f600 ok\x00\x07\ufeff\u202etxt")))
    assert "Lift □ oktxt" in text
    assert "stands for a character" in text
    assert "stands for a character" not in "".join(pages(english_pack()))


def test_bars_of_both_signs_share_one_scale() -> None:
    view = pack_view(rich_pack())
    sections = view["sections"]
    assert isinstance(sections, list)
    chart = sections[1]["charts"][0]
    assert chart["zero"] == pytest.approx(0.601, abs=0.001)
    assert [bar["at"] for bar in chart["bars"]] == [0.0, 1.0]


def test_chart_of_nothing_but_absent_figures_is_drawn() -> None:
    chart = BarChart("x", "", (Bar("a", None, None, "no_data"), Bar("b", Decimal(0), Decimal(0), "met")))
    assert "no target" in pages(replace(english_pack(), sections=(Section("s", bars=(chart,)),)))[0]


def test_threads_may_render_at_the_same_time() -> None:
    with ThreadPoolExecutor(4) as pool:
        documents = list(pool.map(render_pdf, [english_pack(), rich_pack()] * 4))
    assert set(documents) == {render_pdf(english_pack()), render_pdf(rich_pack())}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=80), st.text(max_size=40))
def test_any_text_gives_a_document(first: str, second: str) -> None:
    table = Table(
        second, (Column(first), Column(second, "right", 0.2)), ((first, second),), total=(second, first)
    )
    chart = BarChart(first, second, (Bar(second, Decimal(1), None, "met"),))
    section = Section(first, (second, first), (table,), (chart,))
    pack = Pack(
        first,
        second,
        first,
        second,
        first,
        second,
        first,
        rich_pack().issued_on,
        (section,) * 5,
        "zh",
        second,
    )
    assert render_pdf(pack).startswith(b"%PDF")


def test_words_break_by_syllables_and_codes_at_their_joints() -> None:
    assert pieces("Superintendent of EQ-LIFT-000123456789", 8) == [
        {"word": "Superintendent"},
        " of ",
        {"atoms": ["EQ-", "LIFT-", *"000123456789"]},
    ]
    assert pieces("电梯机房 EQ-1", 5) == ["电梯机房 EQ-1"]


@given(st.text(), st.integers(3, 80))
def test_pieces_put_together_are_the_printable_text(text: str, room: int) -> None:
    cut = pieces(text, room)
    parts = [cut] if isinstance(cut, str) else cut
    assert isinstance(parts, list)
    whole = ""
    for part in parts:
        if isinstance(part, dict):
            whole += "\n" if "line" in part else part.get("word") or "".join(part["atoms"])
        else:
            whole += str(part)
    assert whole == printable(text)


@given(st.text())
def test_printable_text_is_stable_and_drawable(text: str) -> None:
    once = printable(text)
    assert printable(once) == once
    assert all(character == "\n" or ord(character) in drawable() for character in once)
