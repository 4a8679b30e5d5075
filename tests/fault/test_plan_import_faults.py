"""Is an edited plan taken in whole or not at all, wherever `steward plan import` or `plan amend` is killed? (A4, A5)"""

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

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

SHORT_LEASE = {"STEWARD_CYCLE_LEASE_SECONDS": "1"}
AMENDED_FROM = "2027-08-01"
Install = Callable[[Path], Installation]


def _whole(installation: Installation) -> dict[int, tuple[int, int, int]]:
    """Each version of the plan with the number of its commitments, posts and questions."""
    tables = {
        name: read_rows(installation.database, name) for name in ("serviceplan", "commitment", "planpost")
    }
    asked = Counter(
        row["reference"]
        for row in read_rows(installation.database, "decisionrequest")
        if row["subject"] == "plan"
    )
    return {
        plan["version"]: (
            sum(row["plan_id"] == plan["id"] for row in tables["commitment"]),
            sum(row["plan_id"] == plan["id"] for row in tables["planpost"]),
            asked[str(plan["version"])],
        )
        for plan in tables["serviceplan"]
    }


SOME = (("db.after_commit", 1), ("db.before_commit", 3), ("db.after_commit", 5))
"""What is tried in `make test`; `make sweep` tries every commit."""


def _killed(install: Install, start: Path, folder: Path, *effective: str, every: bool) -> None:
    workbook = folder / "edited.xlsx"
    undisturbed = install(folder / "undisturbed")
    copy_installation(start, undisturbed.home)
    undisturbed.act("edit_plan", str(workbook))
    told = undisturbed.act("take_in_plan", str(workbook), *effective, fault="db.after_commit:0:kill")
    assert told["state"] == "submitted" and told["commits"] >= 5
    wanted, whole = business_state(undisturbed), _whole(undisturbed)
    commits = range(1, told["commits"] + 1)
    all_kills = [(point, ordinal) for ordinal in commits for point in COUNTED]
    for point, ordinal in all_kills if every else SOME:
        made = install(folder / f"{point}-{ordinal}")
        copy_installation(start, made.home)
        command = ("take_in_plan", str(workbook), *effective)
        made.killed(*command, fault=f"{point}:{ordinal}:kill", **SHORT_LEASE)
        for version, (commitments, posts, asked) in _whole(made).items():
            assert (commitments, posts) == whole[version][:2], f"{point} {ordinal}: version {version} is torn"
            assert asked in (0, 2), f"{point} {ordinal}: only one side was asked"
        time.sleep(1.1)  # until the dead run's lease is over
        assert made.act(*command)["state"] in ("submitted", "known")
        assert differences(wanted, business_state(made)) == [], f"after a kill at {point} {ordinal}"
        assert broken_chains(made.database) == []


def test_a_plan_import_killed_at_a_sampled_commit_ends_the_same(install: Install, tmp_path: Path) -> None:
    start = install(tmp_path / "start")
    start.act("propose", str(tmp_path))
    _killed(install, start.home, tmp_path, every=False)


@pytest.mark.sweep
@pytest.mark.timeout(0)
def test_a_plan_import_killed_at_any_commit_ends_the_same(install: Install, tmp_path: Path) -> None:
    start = install(tmp_path / "start")
    start.act("propose", str(tmp_path))
    _killed(install, start.home, tmp_path, every=True)


@pytest.mark.sweep
@pytest.mark.timeout(0)
def test_an_amendment_killed_at_any_commit_ends_the_same(
    install: Install, served: Path, tmp_path: Path
) -> None:
    _killed(install, served, tmp_path, AMENDED_FROM, every=True)
