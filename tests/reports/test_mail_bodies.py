"""Does a reader see the words as they are, in two languages, and nothing a hostile text asks for?"""

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError

from reports.environment import environment, render
from reports.mail import MailDraft, MailRefused, build_message
from reports.mail_bodies import notice_mail

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


def test_styles_are_in_the_elements_and_nothing_is_fetched() -> None:
    html = notice_mail("满意度调查", ("第一行",), (("参与码", "K7Q-44P"),), "", "zh", LINKS).html
    assert 'style="' in html and "@media" in html
    assert not Seen(html).tags & {"img", "link", "script", "iframe", "form"}
    assert "url(" not in html


def test_english_notice_is_english_throughout() -> None:
    mail = notice_mail("Survey", ("Please answer.",), (("Code", "K7Q-44P"),), "Ann", "en")
    assert "Dear Ann," in mail.text
    assert not any("\u4e00" <= character <= "\u9fff" for character in mail.text + Seen(mail.html).text)


def test_who_is_not_named_is_greeted_nevertheless() -> None:
    assert "您好：" in notice_mail("满意度调查", ("第一行",), (), "", "zh").text


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
    mail = notice_mail(
        hostile, (hostile,), ((hostile, hostile),), hostile, "en", ((hostile, "https://a.cn/"),)
    )
    seen = Seen(mail.html)
    assert seen.text.count(hostile) >= 5
    assert hostile in mail.text and hostile in mail.subject
    assert seen.links == ["https://a.cn/"]
    assert not seen.tags & {"script", "img"} and not {a for a in seen.attributes if a.startswith("on")}


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=150), st.text(max_size=150))
def test_any_text_gives_a_mail_that_can_be_built(first: str, second: str) -> None:
    mail = notice_mail(first, (second,), ((first, second),), second, "zh")
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
