"""Is a work sheet taken in whole or not at all, wherever the command is killed, and once when it is repeated? (B2-B5)"""

import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from models.audit import verify_chain
from models.db import reading
from models.work import WorkPhoto, WorkRecord
from tasks.engagements import find_engagement, set_simulated_date
from tasks.work_sheets import import_work
from tests import factories
from tests.conftest import ROOT
from tests.reports.test_photographs import jpeg
from tests.tasks.test_work_sheets import blank, filled

pytestmark = pytest.mark.fault


@pytest.mark.parametrize("point", ["db.before_commit", "db.after_commit"])
def test_a_killed_import_leaves_all_or_nothing_and_the_next_one_completes_it(
    sqlite_in_service: str, tmp_path: Path, point: str
) -> None:
    code = sqlite_in_service
    factories.open_the_month(code)
    set_simulated_date(code, date(2027, 1, 20))
    (tmp_path / "a.jpg").write_bytes(jpeg())
    rows = [
        row | {"result": "done", "by": "custodian-1", "done": row["due"], "photos": "a.jpg"}
        for row in blank(code, tmp_path)
        if row["due"] <= "2027-01-20"
    ]
    sheet, marker = filled(tmp_path, rows), tmp_path / "marker"
    marker.touch()
    command = ["work", "import", code, str(sheet), "--photos", str(tmp_path)]
    ended = subprocess.run(
        [sys.executable, "-c", "from deployments.cli import main; main()", *command],
        cwd=ROOT,
        env={**os.environ, "STEWARD_FAULT": f"{point}:1:kill", "STEWARD_FAULT_MARKER": str(marker)},
        capture_output=True,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    assert _records() == ((0, 0) if point == "db.before_commit" else (len(rows), len(rows)))
    again = import_work(code, sheet, tmp_path)
    assert again.recorded + again.as_before == len(rows)
    assert _records() == (len(rows), len(rows))
    with reading() as session:
        assert verify_chain(session, find_engagement(session, code).id or 0) is None


def _records() -> tuple[int, int]:
    with reading() as session:
        records = session.exec(
            select(func.count()).select_from(WorkRecord).where(col(WorkRecord.source) != "")
        ).one()
        return records, session.exec(select(func.count()).select_from(WorkPhoto)).one()
