"""Can the end of a term be carried through from the command line? (C4)"""

from pathlib import Path

from tests import factories
from tests.deployments.conftest import Steward

CODE = factories.CODE
RENEW = ("engagement", "renew", CODE, "TG-2028", "--from", "2028-01-01", "--until", "2028-12-31")


def test_an_archive_is_made_proved_and_found_out_when_it_was_touched(
    sqlite_in_service: str, steward: Steward, tmp_path: Path
) -> None:
    out = tmp_path / "archive"
    made = steward("handover", "archive", CODE, "--out", str(out), "--json").json
    proved = steward("handover", "verify-archive", str(out), "--sha256", made["manifest_sha256"][:12])
    assert (proved.code, proved.out.splitlines()[0]) == (
        0,
        f"archive is whole: {made['files']} files, {made['bytes']:,} bytes.",
    )
    assert "--force" in steward("handover", "archive", CODE, "--out", str(out)).err
    (out / "15-audit" / "trail.csv").write_text("nothing happened")
    found = steward("handover", "verify-archive", str(out))
    assert found.code == 1
    assert "15-audit/trail.csv" in found.out
    assert "no SHA-256" in steward("handover", "verify-archive", str(out), "--sha256", "xyz").err
    assert steward("handover", "archive", "NO-SUCH", "--out", str(tmp_path / "b.zip")).code != 0
    assert not (tmp_path / "b.zip").exists()


def test_who_takes_over_is_named_and_shown(sqlite_in_service: str, steward: Steward, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text(
        "ref,role,name,email\nreceiver-1,接收方,Kim Next,kim@next.example.com\n", encoding="utf-8"
    )
    assert steward("people", "import", str(people), "--engagement", CODE).code == 0
    name = ("handover", "receiver", CODE, "--kind", "custodian", "--name", "New Custody Ltd")
    assert "role receiver" in steward(*name, "--contact", "client-1").err
    assert "Expected --kind" in steward("handover", "receiver", CODE, "--name", "New").err
    assert steward(*name, "--contact", "receiver-1").code == 0
    shown = steward("handover", "receiver", CODE, "--json").json
    assert shown[-1] == {
        "party": "receiver",
        "name": "New Custody Ltd",
        "protocol": "not asked yet",
        "on": "",
    }


def test_a_renewal_is_looked_at_first_and_says_what_is_missing(
    sqlite_in_service: str, steward: Steward
) -> None:
    looked = steward(*RENEW, "--dry-run")
    assert "Dry run, nothing written." in looked.out
    assert "has no exit survey yet" in looked.out
    assert "TG-2028" not in steward("engagement", "list").out
    assert steward(*RENEW).code == 0
    assert "TG-2028" in steward("engagement", "list").out
    assert "begins on" in steward(*RENEW[:5], "2027-06-01", *RENEW[6:]).err
