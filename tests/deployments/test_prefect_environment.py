"""Do clients of our own server start without reading what they do not need? (E2)"""

import ssl
from pathlib import Path

from deployments.prefect_environment import one_certificate


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
