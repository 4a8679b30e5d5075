"""What does the person who receives a mail read, as HTML and as plain text?"""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

import css_inline

from reports.environment import render
from reports.labels import words_for
from reports.mail import MailRefused, plain_line
from reports.pack import Language

_MAX_LINE = 120


class MailBody(NamedTuple):
    """The three texts of a mail; all are filled templates, ready for a `MailDraft`."""

    subject: str
    html: str
    text: str


def notice_mail(
    title: str,
    paragraphs: tuple[str, ...],
    facts: tuple[tuple[str, str], ...],
    greeting_name: str,
    language: Language,
    links: tuple[tuple[str, str], ...] = (),
) -> MailBody:
    """Write a short notice: a survey invitation with its code, a meeting, an emergency, a decision asked for.

    Args:
        title: The subject and the heading.
        paragraphs: What is to be said; line ends inside a paragraph are kept.
        facts: Label and value of what the reader must find again at a glance.
        greeting_name: The reader's name; may be empty.
        language: Of the words around the content.
        links: Label and address (http or https) of each button.

    Raises:
        MailRefused: A link that is not a plain http or https address.
    """
    words = words_for(language)
    values: dict[str, object] = {
        "language": language,
        "words": words,
        "title": _line(title),
        "greeting": _greeting(greeting_name, language),
        "paragraphs": [_lines(paragraph) for paragraph in paragraphs if paragraph.strip()],
        "links": _checked(links),
        "facts": _facts(facts),
        "foot": words.notice_for,
    }
    return MailBody(
        _line(title),
        _inlined(render("mail_notice.html.j2", values)),
        _tidy(render("mail_notice.txt.j2", values)),
    )


def _line(text: str, longest: int = _MAX_LINE) -> str:
    """Return a text on one line, without control characters, cut where it would spoil a header or a table."""
    line = plain_line(text)
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _lines(text: str) -> list[str]:
    """Return the lines of a paragraph, whole."""
    return [plain_line(line) for line in text.strip().splitlines()]


def _greeting(name: str, language: Language) -> str:
    words = words_for(language)
    return words.dear.format(name=_line(name, 60)) if name.strip() else words.dear_reader


def _facts(facts: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    return [(_line(label), _line(value, 400)) for label, value in facts if value.strip()]


def _checked(links: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """Return the links, or refuse one that a mail client would not open as a page."""
    for label, address in links:
        try:
            parts = urlsplit(address)
            plain = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        except ValueError:
            plain = False
        if not plain or not address.isascii() or re.search(r"[\s\x00-\x1f\x7f\"'<>\\`]", address):
            raise MailRefused(f"the link {_line(label, 40)!r} is not a plain http or https address")
    return [(_line(label), address) for label, address in links]


def _inlined(html: str) -> str:
    """Write the style sheet into the elements, since mail clients drop it from the head (not @media)."""
    return css_inline.inline(html, keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False)


def _tidy(text: str) -> str:
    """Leave at most one empty line between two parts of a plain-text mail."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
