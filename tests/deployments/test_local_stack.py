"""Is the server we talk to our own, whoever else is on this machine? (E2)"""

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.fault.harness import clean_environment

LATE = """
import prefect
from deployments.prefect_environment import use_own_server
from prefect.settings import get_current_settings

port = use_own_server()
known = get_current_settings()
print(known.api.url == f"http://127.0.0.1:{port}/api", known.server.ephemeral.enabled)
"""
TAKEN = """
import json, sys
from pathlib import Path
from urllib.request import urlopen
from deployments.local_stack import LocalStack
from deployments.prefect_environment import use_own_server

use_own_server()
taken = int(sys.argv[1])
stack = LocalStack(taken, Path(sys.argv[2]))
try:
    stack.start_server()
    with urlopen(f"http://127.0.0.1:{stack.port}/api/admin/version") as answer:
        print(json.dumps([stack.port == taken, json.load(answer)]))
finally:
    stack.stop()
"""


class Stranger(BaseHTTPRequestHandler):
    """Another server, which says to everything that it is ready."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"true")

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def test_prefect_loaded_before_learns_which_server_is_ours_and_starts_none_of_its_own(tmp_path: Path) -> None:
    assert _run(LATE, tmp_path) == "True False"


def test_a_port_that_another_server_took_meanwhile_is_left_to_it(tmp_path: Path) -> None:
    stranger = ThreadingHTTPServer(("127.0.0.1", 0), Stranger)
    threading.Thread(target=stranger.serve_forever, daemon=True).start()
    try:
        told = _run(TAKEN, tmp_path, str(stranger.server_address[1]), str(tmp_path / "mail"))
    finally:
        stranger.shutdown()
        stranger.server_close()
    same, version = json.loads(told.splitlines()[-1])
    assert not same
    assert version.startswith("3."), "what answers at the new port is a Prefect server"


def _run(program: str, home: Path, *arguments: str) -> str:
    answer = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=clean_environment(STEWARD_HOME=str(home)),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()
