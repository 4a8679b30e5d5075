"""Does every mail arrive once, or is it said that nobody knows? Senders killed and servers that misbehave."""

import os
import signal
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from models.outbox import OutboxMail
from tests.fault.harness import (
    Installation,
    MoodyMailbox,
    copy_installation,
    finish,
    mails_in,
    opened,
    read_rows,
    wait_until_stopped,
)

pytestmark = pytest.mark.fault

STATEMENT, REMINDER = ("statement", "once"), ("reminder", "may-repeat")
LONG = {"STEWARD_MAIL_LEASE_SECONDS": "600"}


@pytest.fixture
def installation(install: Callable[[Path], Installation], engaged: Path, tmp_path: Path) -> Installation:
    made = install(tmp_path / "home")
    copy_installation(engaged, made.home)
    return made


def states(installation: Installation) -> dict[str, str]:
    return {mail["person_ref"]: mail["state"] for mail in read_rows(installation.database, "outboxmail")}


def attempts(installation: Installation) -> list[tuple[int, str, str]]:
    return [
        (attempt["attempt"], attempt["phase"], attempt["code"])
        for attempt in read_rows(installation.database, "deliveryattempt")
    ]


def copies(installation: Installation) -> list[int]:
    """How often each Message-ID arrived."""
    return sorted(Counter(message_id for message_id, _content in mails_in(installation.mail)).values())


def let_time_pass(installation: Installation) -> None:
    """Every lease has run out and every back-off is over."""
    long_ago = datetime.now(UTC) - timedelta(days=1)
    with opened(installation.database) as engine, engine.begin() as connection:
        mail = OutboxMail.__table__  # type: ignore[attr-defined]
        connection.execute(sa.update(mail).values(not_before=long_ago))
        connection.execute(
            sa.update(mail).where(mail.c.lease_until.is_not(None)).values(lease_until=long_ago)
        )


def test_f01_a_mail_queued_before_the_kill_is_sent_once_on_restart(installation: Installation) -> None:
    installation.killed("queue", *STATEMENT, "resident-001", fault="db.after_commit:1:kill")
    assert states(installation) == {"resident-001": "queued"}
    assert mails_in(installation.mail) == []
    assert installation.act("drain")["sent"] == 1
    assert installation.act("drain")["sent"] == 0
    assert copies(installation) == [1]


def test_f01_a_mail_not_yet_committed_is_not_sent(installation: Installation) -> None:
    installation.killed("queue", *STATEMENT, "resident-001", fault="db.before_commit:1:kill")
    assert installation.act("drain")["sent"] == 0
    assert (states(installation), copies(installation)) == ({}, [])


def test_f02_a_mail_claimed_by_a_sender_that_died_before_it_connected_is_sent_by_the_next(
    installation: Installation,
) -> None:
    installation.act("queue", *STATEMENT, "resident-001")
    installation.killed("drain", fault="mail.before_connect:1:kill", **LONG)
    assert installation.act("drain")["sent"] == 0, "the claim of the dead sender still stands"
    let_time_pass(installation)
    assert installation.act("drain")["sent"] == 1
    assert copies(installation) == [1]
    assert attempts(installation) == [(1, "claimed", ""), (2, "finished", "250")]


def test_f03_a_statement_whose_sender_died_after_the_server_took_it_is_uncertain_and_not_sent_again(
    installation: Installation,
) -> None:
    installation.act("queue", *STATEMENT, "resident-001", "resident-002")
    installation.killed("drain", fault="mail.after_accept:1:kill", **LONG)
    let_time_pass(installation)
    assert installation.act("drain")["sent"] == 1, "the other one leaves"
    assert Counter(states(installation).values()) == {"uncertain": 1, "sent": 1}
    let_time_pass(installation)
    assert installation.act("drain")["sent"] == 0
    assert copies(installation) == [1, 1]


def test_f03_a_statement_whose_line_was_cut_after_the_server_took_it_is_uncertain_and_not_sent_again(
    installation: Installation, moody: MoodyMailbox
) -> None:
    moody.cut_after_keeping = True
    installation.act("queue", *STATEMENT, "resident-001")
    assert installation.act("drain")["uncertain"] == 1
    moody.cut_after_keeping = False
    let_time_pass(installation)
    assert installation.act("drain")["sent"] == 0
    assert states(installation) == {"resident-001": "uncertain"}
    assert copies(installation) == [1]


def test_f03_a_reminder_whose_sender_died_is_sent_once_more_under_the_same_message_id(
    installation: Installation,
) -> None:
    installation.act("queue", *REMINDER, "resident-001")
    for _ in range(2):
        installation.killed("drain", fault="mail.after_accept:1:kill", **LONG)
        let_time_pass(installation)
    assert installation.act("drain")["sent"] == 0, "twice uncertain is left to a person"
    assert states(installation) == {"resident-001": "uncertain"}
    assert copies(installation) == [2]
    assert len({content for _message_id, content in mails_in(installation.mail)}) == 1


def test_f03_a_reminder_whose_line_was_cut_is_sent_once_more_under_the_same_message_id(
    installation: Installation, moody: MoodyMailbox
) -> None:
    moody.cut_after_keeping = True
    installation.act("queue", *REMINDER, "resident-001")
    installation.act("drain")
    moody.cut_after_keeping = False
    let_time_pass(installation)
    assert installation.act("drain")["sent"] == 1
    assert installation.act("drain")["sent"] == 0
    assert states(installation) == {"resident-001": "sent"}
    assert copies(installation) == [2]


def test_f04_a_server_that_is_busy_is_asked_again_and_the_others_are_not_held_up(
    installation: Installation, moody: MoodyMailbox
) -> None:
    moody.refuse_next = ["451 Try again later"]
    installation.act("queue", *STATEMENT, "resident-001", "resident-002", "resident-003")
    assert installation.act("drain") == {"sent": 2, "deferred": 1, "failed": 0, "uncertain": 0}
    assert installation.act("drain")["sent"] == 0, "not at once"
    let_time_pass(installation)
    assert installation.act("drain")["sent"] == 1
    assert copies(installation) == [1, 1, 1]


def test_f05_f07_of_three_recipients_only_the_refused_ones_go_without_and_nobody_gets_two(
    installation: Installation, moody: MoodyMailbox
) -> None:
    moody.refuse_recipient = {
        "resident-001@residents.example.com": "550 No such user",
        "resident-002@residents.example.com": "451 Greylisted",
    }
    installation.act("queue", *STATEMENT, "resident-001", "resident-002", "resident-003")
    assert installation.act("drain") == {"sent": 1, "deferred": 1, "failed": 1, "uncertain": 0}
    del moody.refuse_recipient["resident-002@residents.example.com"]
    let_time_pass(installation)
    assert installation.act("drain")["sent"] == 1
    assert states(installation) == {
        "resident-001": "failed",
        "resident-002": "sent",
        "resident-003": "sent",
    }
    assert copies(installation) == [1, 1]


def test_f06_a_server_that_falls_silent_after_the_message_leaves_it_uncertain(
    installation: Installation, moody: MoodyMailbox
) -> None:
    moody.silent_seconds = 8
    installation.act("queue", *STATEMENT, "resident-001")
    assert installation.act("drain", STEWARD_SMTP_TIMEOUT_SECONDS="1")["uncertain"] == 1
    moody.silent_seconds = 0
    assert installation.act("drain")["sent"] == 0
    assert copies(installation) == [1]


def test_f18_a_sender_that_stood_still_past_its_claim_does_not_send_what_another_has_sent(
    installation: Installation,
) -> None:
    installation.act("queue", *STATEMENT, "resident-001")
    sender = installation.begin("drain", fault="mail.before_connect:1:stop", **LONG)
    wait_until_stopped(sender.child)
    let_time_pass(installation)
    assert installation.act("drain")["sent"] == 1
    os.kill(sender.child.pid, signal.SIGCONT)
    assert finish(sender.child) == 0, installation.log_tail()
    assert states(installation) == {"resident-001": "sent"}
    assert copies(installation) == [1]


def test_two_senders_at_once_send_each_mail_once(installation: Installation) -> None:
    residents = [f"resident-{number:03d}" for number in range(1, 13)]
    installation.act("queue", *STATEMENT, *residents)
    counts = installation.at_once(("drain",), ("drain",), ("drain",), **LONG)
    assert sum(count["sent"] for count in counts) == len(residents)
    assert copies(installation) == [1] * len(residents)
