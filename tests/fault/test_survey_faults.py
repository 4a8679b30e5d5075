"""Does a survey go on to the same end, with each mail once, wherever the process at work on it is killed? (D4)"""

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

Install = Callable[[Path], Installation]


def test_reminders_killed_at_any_commit_are_queued_once(
    install: Install, served: Path, tmp_path: Path
) -> None:
    start = install(tmp_path / "start")
    copy_installation(served, start.home)
    start.act("open_survey", "2027-Q3", "2027-09-16")
    undisturbed = install(tmp_path / "undisturbed")
    copy_installation(start.home, undisturbed.home)
    commits = undisturbed.act("remind_of_survey", "2027-09-20", fault="db.after_commit:0:kill")["commits"]
    assert commits == 1, "all reminders of a day are one act"
    wanted = business_state(undisturbed)
    for point in COUNTED:
        made = install(tmp_path / point)
        copy_installation(start.home, made.home)
        made.killed("remind_of_survey", "2027-09-20", fault=f"{point}:1:kill")
        made.act("remind_of_survey", "2027-09-20")
        assert made.act("remind_of_survey", "2027-09-20")["told"] == []
        assert differences(wanted, business_state(made)) == [], f"after a kill at {point}"
        assert broken_chains(made.database) == []
        mails = Counter(
            row["person_ref"]
            for row in read_rows(made.database, "outboxmail")
            if row["kind"] == "survey-reminder"
        )
        assert mails
        assert set(mails.values()) == {1}


def test_a_digest_of_single_answers_killed_at_any_commit_is_mailed_once_and_opens_one_action(
    install: Install, served: Path, tmp_path: Path
) -> None:
    start = install(tmp_path / "start")
    copy_installation(served, start.home)
    wave, morning = "special:incident-E-1", "2027-09-17T02:00:00+00:00"
    start.act("open_survey", wave, "2027-09-16")
    start.act("answer_survey", wave, "2027-09-16")
    undisturbed = install(tmp_path / "undisturbed")
    copy_installation(start.home, undisturbed.home)
    assert undisturbed.act("tell_alarms", morning, fault="db.after_commit:0:kill") == {
        "told": 2,
        "commits": 1,
    }
    wanted = business_state(undisturbed)
    for point in COUNTED:
        made = install(tmp_path / point)
        copy_installation(start.home, made.home)
        made.killed("tell_alarms", morning, fault=f"{point}:1:kill")
        made.act("tell_alarms", morning)
        assert made.act("tell_alarms", morning)["told"] == 0
        assert differences(wanted, business_state(made)) == [], f"after a kill at {point}"
        assert broken_chains(made.database) == []
        mails = [row for row in read_rows(made.database, "outboxmail") if row["kind"] == "survey-alarm"]
        actions = [row["ref"] for row in read_rows(made.database, "improvementaction")]
        assert len({row["person_ref"] for row in mails}) == len(mails) > 0
        assert actions.count(f"survey:{wave}:SA0") == 1


def test_responses_killed_at_any_commit_become_answers_once(
    install: Install, served: Path, tmp_path: Path
) -> None:
    start = install(tmp_path / "start")
    copy_installation(served, start.home)
    start.act("open_survey", "2027-Q3", "2027-09-16")
    file = start.act("write_responses", "2027-Q3", "2027-09-18", str(tmp_path / "responses.csv"))
    take = ("take_responses", "2027-Q3", file, "2027-09-20")
    undisturbed = install(tmp_path / "undisturbed")
    copy_installation(start.home, undisturbed.home)
    found = undisturbed.act(*take, fault="db.after_commit:0:kill")
    assert found["taken"] > 1
    assert (found["not_taken"], found["commits"]) == (1, 1), "answers, counts and quarantine are one act"
    wanted = business_state(undisturbed)
    for point, taken_after in zip(COUNTED, (0, found["taken"]), strict=True):
        made = install(tmp_path / point)
        copy_installation(start.home, made.home)
        made.killed(*take, fault=f"{point}:1:kill")
        assert made.act(*take)["taken"] == taken_after
        assert len(read_rows(made.database, "surveyresponse")) == found["taken"]
        assert broken_chains(made.database) == []
        assert differences(wanted, business_state(made)) == [], f"after a kill at {point}"
