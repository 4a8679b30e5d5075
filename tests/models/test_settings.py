"""Is a setting that cannot be named in a sentence, without what it holds?"""

import pytest

from models.errors import SettingRefused
from models.settings import settings
from tests.databases import environment


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("STEWARD_SMTP_PORT", "s3cret", "STEWARD_SMTP_PORT: Input should be a valid integer"),
        ("STEWARD_MAILBOXES", "s3cret", "STEWARD_MAILBOXES: expected JSON"),
        ("STEWARD_MAILBOXES", '[{"hots": "s3cret"}]', "STEWARD_MAILBOXES, at 0.hots: Extra inputs"),
        ("STEWARD_MAILBOXES", '[{"password": {"x": "s3cret"}}]', "STEWARD_MAILBOXES, at 0.password: "),
    ],
)
def test_a_wrong_setting_is_named_without_its_value(name: str, value: str, said: str) -> None:
    with environment(**{name: value}), pytest.raises(SettingRefused) as refused:
        settings()
    assert said in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_the_mailbox_of_the_single_variables_comes_first_and_needs_no_list() -> None:
    more = '[{"engagement": "B-1", "host": "b.example.com", "user": "desk"}]'
    with environment(
        STEWARD_IMAP_HOST="a.example.com", STEWARD_IMAP_ENGAGEMENT="A-1", STEWARD_MAILBOXES=more
    ):
        first, second = settings().all_mailboxes
    assert (first.engagement, first.said_in("user")) == ("A-1", "STEWARD_IMAP_USER")
    assert (second.engagement, second.said_in("user")) == ("B-1", "'user' of mailbox 1 in STEWARD_MAILBOXES")
    with environment(STEWARD_IMAP_HOST="", STEWARD_MAILBOXES="[]"):
        assert settings().all_mailboxes == ()
