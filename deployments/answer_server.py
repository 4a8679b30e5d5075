"""How does who was called say by a link that they have answered? One page on the loopback address, behind a proxy (B8).

Looking at the page records nothing: scanners of mails open every link. Only its button does. It says the same of tokens that
are unknown, used or over, and shows nothing of the incident.
"""

import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from models.acting import acting
from models.clock import utc_now
from models.errors import StewardError, Terminal
from reports.environment import render
from tasks.answers import Verdict, answer_by_token

_PATH = re.compile(r"/a/(?P<token>ACK-[0-9A-HJKMNP-TV-Z]{26})")
_MOST = 4096
_CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
_ASK = (
    "应急呼叫 / Call-out",
    ("请确认您已收到呼叫并将参与处置。", "Please confirm that you have been reached and will act."),
    "我已收到 / I have been reached",
)
_DONE = (
    "已记录 / Recorded",
    ("谢谢。您的确认已写入应急日志。", "Thank you. Your answer stands in the log."),
    "",
)
_NOT = (
    "链接无效 / Not valid",
    (
        "该链接未知、已使用或已过期；如已确认过，无需再操作，否则请致电值班室。",
        "This link is unknown, was used, or its time is over. If you have answered before, nothing more is to be done; "
        "else telephone.",
    ),
    "",
)
_BUSY = (
    "请稍后再试 / Try again",
    ("请稍后再试，或致电值班室。", "Please try again in a minute, or telephone."),
    "",
)


class AnswerHandler(BaseHTTPRequestHandler):
    """Shows the question, and records the answer."""

    server_version = "steward"
    sys_version = ""
    timeout = 20
    """Seconds a slow caller may hold a line."""

    def do_GET(self) -> None:
        """The question, whatever the token: looking changes nothing and tells nothing."""
        if _PATH.fullmatch(self.path):
            self._page(200, *_ASK)
        else:
            self._page(404, *_NOT)

    def do_POST(self) -> None:
        """Record the answer, once."""
        found = _PATH.fullmatch(self.path)
        length = self.headers.get("Content-Length", "")
        body = (
            self.rfile.read(int(length))
            if re.fullmatch(r"[0-9]{1,4}", length) and int(length) <= _MOST
            else b""
        )
        if found is None or body != b"answer=yes":
            self._page(404, *_NOT)
            return
        try:
            with acting("link"):
                answer = answer_by_token(found["token"], utc_now(), "link")
        except StewardError:
            self._page(503, *_BUSY)
            return
        if answer.verdict is Verdict.RECORDED:
            self._page(200, *_DONE)
        else:
            self._page(404, *_NOT)

    def _page(self, code: int, title: str, lines: tuple[str, ...], button: str) -> None:
        words: dict[str, object] = {"language": "zh", "title": title, "lines": lines, "button": button}
        content = render("answer_page.html.j2", words).encode()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", _CONTENT_POLICY)
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the path holds the token."""


def start_answer_server(port: int) -> ThreadingHTTPServer:
    """Start the page on the loopback address; `port` 0 takes a free one. Stop it with `.shutdown()`.

    Raises:
        Terminal: another program listens there: the proxy in front of it expects this very port.
    """
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), AnswerHandler)
    except OSError as error:
        raise Terminal(
            f"Port {port} for the answer page is taken by another program: set STEWARD_ANSWER_PORT to another one, here and "
            "in the proxy."
        ) from error
    Thread(target=server.serve_forever, name="answer-server", daemon=True).start()
    return server
