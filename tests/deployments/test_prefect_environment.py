"""Do clients find our own server, and it alone, and read no more than they need? (E2)"""

import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from deployments.leftovers import MAIN, note_process, processes_file, stop_leftovers
from deployments.prefect_environment import one_certificate
from models.errors import Terminal


def test_clients_of_a_server_without_encryption_read_one_authority_and_not_all(tmp_path: Path) -> None:
    path = one_certificate(tmp_path / "new")
    assert len(ssl.create_default_context(cafile=str(path)).get_ca_certs()) == 1


def test_a_file_that_is_there_is_left_alone_for_others_may_be_reading_it(tmp_path: Path) -> None:
    first = one_certificate(tmp_path).stat()
    second = one_certificate(tmp_path).stat()
    assert (first.st_ino, first.st_mtime_ns) == (second.st_ino, second.st_mtime_ns)
    assert [path.name for path in tmp_path.iterdir()] == ["one-certificate.pem"], (
        "no half-written file is left"
    )


def test_a_second_run_of_the_same_folder_is_refused_and_a_dead_one_is_cleared_away(
    home: Path,
) -> None:
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    part = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        processes_file().parent.mkdir(parents=True, exist_ok=True)
        note_process(MAIN, sleeper.pid)
        note_process("server", part.pid)
        with pytest.raises(Terminal, match=f"as process {sleeper.pid}"):
            stop_leftovers()
        assert part.poll() is None, "parts of a run at work are left alone"
        sleeper.kill()
        sleeper.wait()
        assert stop_leftovers() == [part.pid]
        assert part.wait(30) is not None
    finally:
        sleeper.kill()
        part.kill()
