"""What would a gateway of text messages answer? A real HTTP server that keeps what it is posted."""

import json
import socket
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class TextGateway:
    """Answers 202 with an id, unless a test says otherwise for a number; "cut" takes the message and hangs up."""

    answers: dict[str, list[int | str]] = field(default_factory=dict)
    """Of each number, what is answered in turn; the last one again and again."""
    messages: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def start(self) -> None:
        """Listen on a free port of the loopback address."""
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                gateway.messages.append(body)
                gateway.headers.append(dict(self.headers))
                answers = gateway.answers.get(body["to"], [202])
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                if answer == "cut":
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                content = json.dumps({"id": f"gw-{len(gateway.messages)}"}).encode()
                self.send_response(int(answer))
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it is posted to."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/messages"

    def stop(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()
