"""Does an emergency, or a meeting's minutes, end the same wherever the process that records it is killed? (B7, B8)"""

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

Install = Callable[[Path], Installation]
MINUTES = """
meeting: {attended: 18, entitled: 40, quorum: "0.5", minutes: Held}
attendance: []
resolutions:
  - {ref: "1", text: Better light, due: 2027-12-01}
  - {ref: "2", text: Mend the gate, for: "9", against: "2"}
"""


def test_an_emergency_killed_after_any_act_is_led_to_the_same_end(
    install: Install, served: Path, tmp_path: Path
) -> None:
    _led(install, served, tmp_path, ("db.after_commit",))


@pytest.mark.sweep
@pytest.mark.timeout(0)
def test_an_emergency_killed_at_any_commit_is_led_to_the_same_end(
    install: Install, served: Path, tmp_path: Path
) -> None:
    _led(install, served, tmp_path, COUNTED)


def _led(install: Install, served: Path, tmp_path: Path, points: tuple[str, ...]) -> None:
    undisturbed = install(tmp_path / "undisturbed")
    copy_installation(served, undisturbed.home)
    commits = undisturbed.act("lead_emergency", fault="db.after_commit:0:kill")["commits"]
    assert commits == 7, "one for each act"
    wanted = business_state(undisturbed)
    for ordinal in range(1, commits + 1):
        for point in points:
            made = install(tmp_path / f"{point}-{ordinal}")
            copy_installation(served, made.home)
            made.killed("lead_emergency", fault=f"{point}:{ordinal}:kill")
            told = {
                row["person_ref"]
                for row in read_rows(made.database, "outboxmail")
                if row["kind"] == "emergency"
            }
            incidents = read_rows(made.database, "incident")
            assert bool(told) == bool(incidents), "an incident and its call-out are one"
            made.act("lead_emergency")
            assert differences(wanted, business_state(made)) == [], f"after a kill at {point} {ordinal}"
            assert broken_chains(made.database) == []


def test_minutes_killed_at_any_commit_are_recorded_and_sent_once(
    install: Install, served: Path, tmp_path: Path
) -> None:
    file = tmp_path / "minutes.yaml"
    file.write_text(MINUTES, encoding="utf-8")
    start = install(tmp_path / "start")
    copy_installation(served, start.home)
    start.act("call_meeting", "2027-Q3", "2027-08-01")
    undisturbed = install(tmp_path / "undisturbed")
    copy_installation(start.home, undisturbed.home)
    commits = undisturbed.act("take_in_minutes", "2027-Q3", str(file), fault="db.after_commit:0:kill")[
        "commits"
    ]
    assert commits == 3, "the record, the pack, the mails"
    wanted = business_state(undisturbed)
    for ordinal in range(1, commits + 1):
        for point in COUNTED:
            made = install(tmp_path / f"{point}-{ordinal}")
            copy_installation(start.home, made.home)
            made.killed("take_in_minutes", "2027-Q3", str(file), fault=f"{point}:{ordinal}:kill")
            actions = [
                r for r in read_rows(made.database, "improvementaction") if r["ref"].startswith("meeting:")
            ]
            resolutions = read_rows(made.database, "meetingresolution")
            assert len(actions) == len(resolutions), "a resolution and its action are one"
            made.act("take_in_minutes", "2027-Q3", str(file))
            assert differences(wanted, business_state(made)) == [], f"after a kill at {point} {ordinal}"
            assert broken_chains(made.database) == []
