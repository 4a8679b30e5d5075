"""Does every file from the field end the same wherever its import is killed, its bad rows named once? (B1-B5)"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fault.field_files import FIELD_FILES
from tests.fault.harness import (
    COUNTED,
    Installation,
    broken_chains,
    business_state,
    copy_installation,
    differences,
    read_rows,
)

pytestmark = pytest.mark.fault

Install = Callable[[Path], Installation]
DOUBTS = ("importrowdoubt",)
WITHOUT_DOUBTS = ("stock", "corrected roster")


@pytest.fixture(scope="module")
def field(install: Install, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a small engagement in its first month of service, to be copied."""
    folder = tmp_path_factory.mktemp("field")
    made = install(folder / "home")
    made.act("serve_the_field", str(folder))
    return made.home


@pytest.mark.parametrize("kind", FIELD_FILES)
def test_a_field_file_killed_at_any_commit_ends_the_same_with_its_doubts_once(
    install: Install, field: Path, tmp_path: Path, kind: str
) -> None:
    undisturbed = install(tmp_path / "undisturbed")
    copy_installation(field, undisturbed.home)
    file = undisturbed.act("write_field_file", kind, str(tmp_path / f"{kind}.csv"))
    commits = undisturbed.act("take_in_field_file", kind, file, fault="db.after_commit:0:kill")["commits"]
    doubts = sum(len(read_rows(undisturbed.database, table)) for table in DOUBTS)
    assert doubts == (0 if kind in WITHOUT_DOUBTS else 1)
    wanted = business_state(undisturbed)
    for ordinal in range(1, commits + 1):
        for point in COUNTED:
            made = install(tmp_path / f"{point}-{ordinal}")
            copy_installation(field, made.home)
            made.killed("take_in_field_file", kind, file, fault=f"{point}:{ordinal}:kill")
            made.act("take_in_field_file", kind, file)
            assert differences(wanted, business_state(made)) == [], f"after a kill at {point} {ordinal}"
            assert broken_chains(made.database) == []
