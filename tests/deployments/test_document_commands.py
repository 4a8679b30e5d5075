"""Can papers and past maintenance be handled from the command line, and does nothing end in a traceback? (A3)"""

import json
from pathlib import Path

from tests.deployments.conftest import Steward


def test_papers_go_through_form_receipt_and_reminder(
    sqlite_surveyed: str, tmp_path: Path, steward: Steward
) -> None:
    code = sqlite_surveyed
    assert steward("document", "form", code, "--out", str(tmp_path / "f.xlsx"))[0] == 0
    assert "--force" in steward("document", "form", code, "--out", str(tmp_path / "f.xlsx"))[2]
    assert (
        json.loads(steward("document", "import", code, str(tmp_path / "f.xlsx"), "--json")[1])["changed"]
        == []
    )
    words = (
        "document",
        "receive",
        code,
        "keys",
        "--from",
        "client",
        "--pages",
        "3",
        "--condition",
        "damaged",
    )
    assert "keys of TG-2027: received" in steward(*words)[1]
    assert "recorded so before" in steward(*words)[1]
    listed = {row["ref"]: row for row in json.loads(steward("document", "list", code, "--json")[1])}
    assert (listed["keys"]["state"], listed["keys"]["condition"], listed["keys"]["pages"]) == (
        "received",
        "damaged",
        3,
    )
    assert listed["accounts"]["next_reminder_on"] is not None
    assert steward("document", "receipt", code, "--out", str(tmp_path / "out"))[0] == 0
    assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [".pdf", ".xlsx"]
    remind = ("document", "remind", code, "--dry-run", "--as-of", "2026-12-01", "--json")
    dry = json.loads(steward(*remind)[1])
    assert dry["recipients"] == ["client-1", "custodian-1"]
    assert dry["queued"] == 0
    failed = steward("document", "receive", code, "keys", "--from", "Mr Somebody Else")
    assert failed[0] == 1
    assert "neither a role" in failed[2]
    assert "Somebody" not in failed[2]


def test_a_history_is_tried_taken_in_and_shown(
    sqlite_surveyed: str, tmp_path: Path, steward: Steward
) -> None:
    file = tmp_path / "h.csv"
    file.write_text(
        "asset_tag;date;kind\nLIFT-1;2024-01-02;repair\n[red]X;2024-01-02;repair\n", encoding="utf-8"
    )
    dry = steward("history", "import", sqlite_surveyed, str(file), "--dry-run")
    assert dry[0] == 0
    assert "nothing written" in dry[1]
    assert "[red]X" in dry[1]
    done = steward("history", "import", sqlite_surveyed, str(file), "--json")
    assert json.loads(done[1])["recorded"] == 1
    shown = json.loads(steward("history", "show", sqlite_surveyed, "--json")[1])
    assert [figure["subject"] for figure in shown["assets"]] == ["LIFT-1"]
    missing = steward("history", "import", sqlite_surveyed, str(tmp_path / "no.csv"))
    assert missing[0] == 1
    assert "no such file" in missing[2]
