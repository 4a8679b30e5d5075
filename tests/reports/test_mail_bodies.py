"""Does a reader see the pack's own words, in two languages, and nothing a hostile text asks for?"""

from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError

from reports.environment import environment, render
from reports.mail import MailDraft, MailRefused, build_message
from reports.mail_bodies import notice_mail, pack_mail
from tests.reports.packs import english_pack, rich_pack

LINKS = (("查看并确认", "https://portal.example.cn/t/abc?x=1&y=2"),)


class Seen(HTMLParser):
    """Collects what a mail client would show and follow."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.links: list[str | None] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self._hidden = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _value in attrs}
        self._hidden = tag == "style"
        if tag == "a":
            self.links.append(dict(attrs)["href"])

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.text += data


def test_chinese_pack_mail_says_what_is_asked_and_shows_key_figures() -> None:
    mail = pack_mail(rich_pack(), "王丽", "请于7月10日前确认。", LINKS)
    seen = Seen(mail.html)
    assert mail.subject == "[ENG-2026-01] 月度服务评审报告 · 滨河花园二期 · 2026年6月"
    assert seen.links == ["https://portal.example.cn/t/abc?x=1&y=2"]
    for expected in (
        "王丽，您好",
        "请于7月10日前确认。",
        "计划性维护完成率",
        "88.0%",
        "98%",
        "未达标",
        "无数据",
        "未设目标",
    ):
        assert expected in seen.text
        assert expected in mail.text
    assert "https://portal.example.cn/t/abc?x=1&y=2" in mail.text


def test_english_pack_mail_is_english_throughout() -> None:
    mail = pack_mail(english_pack(), "Ann", "", ())
    assert "Dear Ann," in mail.text and "Key figures" in mail.text and "no data" in mail.text
    assert "What we ask" not in mail.text
    assert (mail.text + Seen(mail.html).text).isascii() is False  # the quotes and the dot
    assert not any("\u4e00" <= character <= "\u9fff" for character in mail.text + Seen(mail.html).text)


def test_styles_are_in_the_elements_and_nothing_is_fetched() -> None:
    html = pack_mail(rich_pack(), "", "", LINKS).html
    assert 'style="' in html and "@media" in html
    assert not Seen(html).tags & {"img", "link", "script", "iframe", "form"}
    assert "url(" not in html


def test_pack_without_figures_has_no_empty_table() -> None:
    mail = pack_mail(replace(rich_pack(), sections=()), "", "", ())
    assert "关键指标" not in mail.html + mail.text
    assert "您好：" in mail.text


def test_notice_carries_its_facts_and_lines() -> None:
    mail = notice_mail("满意度调查", ("第一行\n第二行",), (("参与码", "K7Q-44P"),), "王丽", "zh", LINKS)
    assert mail.subject == "满意度调查"
    assert "参与码: K7Q-44P" in mail.text and "第一行\n第二行" in mail.text
    assert "K7Q-44P" in Seen(mail.html).text and Seen(mail.html).links == [LINKS[0][1]]


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "https://",
        "ftp://a.cn",
        "https://u:p@a.cn",
        "https://a.cn/ x",
        'https://a.cn/"x',
        "https://a.cn\r\n",
        "//a.cn",
        "https://[::1",
    ],
)
def test_link_that_is_no_plain_page_is_refused(address: str) -> None:
    with pytest.raises(MailRefused, match="not a plain http"):
        notice_mail("t", (), (), "", "en", (("open", address),))


@pytest.mark.parametrize(
    "hostile",
    [
        "{{ 7*7 }}",
        "{% include 'x' %}",
        "{title.__class__}",
        "<script>alert(1)</script>",
        "<img src=x onerror=y>",
        '"><a href=z>',
        "&lt;",
    ],
)
def test_hostile_text_is_shown_as_it_stands(hostile: str) -> None:
    pack = replace(
        english_pack(title=hostile), custodian=hostile, client=hostile, subtitle=hostile, footer_note=hostile
    )
    notice = notice_mail(
        hostile, (hostile,), ((hostile, hostile),), hostile, "en", ((hostile, "https://a.cn/"),)
    )
    for mail in (pack_mail(pack, hostile, hostile, ((hostile, "https://a.cn/"),)), notice):
        seen = Seen(mail.html)
        assert seen.text.count(hostile) >= 5
        assert hostile in mail.text and hostile in mail.subject
        assert seen.links == ["https://a.cn/"]
        assert not seen.tags & {"script", "img"} and not {a for a in seen.attributes if a.startswith("on")}


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=150), st.text(max_size=150))
def test_any_text_gives_a_mail_that_can_be_built(first: str, second: str) -> None:
    pack = replace(english_pack(title=first), property_name=second, engagement_code=second, footer_note=first)
    notice = notice_mail(first, (second,), ((first, second),), second, "zh")
    for mail in (pack_mail(pack, first, second, ()), notice):
        draft = MailDraft(
            mail.subject,
            "",
            "a@b.cn",
            mail.html,
            mail.text,
            (),
            "<1@b.cn>",
            datetime(2026, 7, 3, tzinfo=UTC),
            "",
            "c@b.cn",
        )
        assert build_message(draft)


def test_misspelled_name_in_a_template_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("mail_notice.txt.j2", {})
    assert environment() is environment()
