"""How does a link in the Prefect UI open a pack? A read-only server of kept packs on the loopback address."""

import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import groupby
from threading import Thread
from urllib.parse import quote

from sqlmodel import col, select

from models.db import reading
from models.engagement import Engagement
from models.review import Pack
from reports.environment import render
from tasks.files import read_file

_PATH = re.compile(r"/packs/(?P<sha256>[0-9a-f]{64})(?:/[^/]*)?")
_HTML = "text/html; charset=utf-8"


class PackHandler(BaseHTTPRequestHandler):
    """Shows packs by their hash, and a list of them; nothing else in the file store can be reached."""

    server_version = "steward"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer with the pack's bytes or the list, or say that there is no such pack."""
        found = _PATH.fullmatch(self.path)
        kept = _find(found["sha256"]) if found else None
        if self.path == "/":
            self._answer(200, _HTML, pack_index().encode(), "")
        elif kept is None:
            self._answer(404, "text/plain; charset=utf-8", b"There is no such pack.\n", "")
        else:
            name, media_type, content = kept
            self._answer(200, media_type, content, name)

    def _answer(self, code: int, media_type: str, content: bytes, name: str) -> None:
        self.send_response(code)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "private, no-store")
        if name:
            self.send_header("Content-Disposition", f"inline; filename*=UTF-8''{quote(name)}")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: hashes in a log are no use to anybody."""


def pack_index() -> str:
    """The page that lists every pack by engagement, the newest first."""
    with reading() as session:
        rows = session.exec(
            select(Engagement.code, Pack)
            .join(Pack, col(Pack.engagement_id) == col(Engagement.id))
            .order_by(Engagement.code, col(Pack.issued_on).desc(), Pack.title, Pack.media_type)
        ).all()
    engagements = [
        (
            code,
            [
                {
                    "issued_on": str(pack.issued_on),
                    "title": pack.title,
                    "period": pack.period,
                    "kind": pack.file_name.rpartition(".")[2].upper(),
                    "path": f"/packs/{pack.sha256}/{quote(pack.file_name)}",
                }
                for _code, pack in group
            ],
        )
        for code, group in groupby(rows, key=lambda row: row[0])
    ]
    return render("pack_index.html.j2", {"engagements": engagements})


def _find(sha256: str) -> tuple[str, str, bytes] | None:
    with reading() as session:
        pack = session.exec(select(Pack).where(Pack.sha256 == sha256)).first()
    return None if pack is None else (pack.file_name, pack.media_type, read_file(sha256))


def start_pack_server(port: int) -> ThreadingHTTPServer:
    """Start the server on the loopback address; `port` 0 takes a free one. Stop it with `.shutdown()`."""
    server = ThreadingHTTPServer(("127.0.0.1", port), PackHandler)
    Thread(target=server.serve_forever, name="pack-server", daemon=True).start()
    return server
