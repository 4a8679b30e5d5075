"""Does the engagement end the same wherever its process is killed? Kills it at a commit, resumes, compares."""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fault.harness import (
    COUNTED,
    SIGKILLED,
    Installation,
    broken_invariants,
    business_state,
    differences,
    mail_contents,
    wrong_mails,
)

pytestmark = pytest.mark.fault

SAMPLED = (("db.after_commit", 3), ("db.before_commit", 1))
"""How many of the kill points are tried in `make test`, spread over the whole run."""


@dataclass(frozen=True)
class Undisturbed:
    """How the story ends when nobody kills it."""

    commits: int
    state: dict[str, Counter[str]]
    mails: dict[str, list[str]]


class Sweep:
    """Plays the story, with or without a kill, each time in a folder of its own."""

    def __init__(self, install: Callable[[Path], Installation], workbook: Path, folder: Path) -> None:
        self._install, self._workbook, self._folder = install, workbook, folder
        self.undisturbed = self._without_kill()

    def _without_kill(self) -> Undisturbed:
        played = self._install(self._folder / "undisturbed")
        assert played.play(self._workbook, "afresh", fault=f"{COUNTED[0]}:0:kill") == 0, played.log_tail()
        told = json.loads(played.result.read_text())
        assert told["stage"] == "closed"
        assert broken_invariants(played) == []
        return Undisturbed(told["passings"][COUNTED[0]], business_state(played), mail_contents(played))

    def wrong_after_kill(self, point: str, ordinal: int) -> list[str]:
        """Kill the story at the k-th passing of a point, resume it, and say what is different at the end."""
        played = self._install(self._folder / f"{point}-{ordinal}")
        code = played.play(self._workbook, "afresh", fault=f"{point}:{ordinal}:kill")
        assert code == SIGKILLED, f"the process was to be killed, but ended with {code}: {played.log_tail()}"
        code = played.play(self._workbook, "again")
        if code != 0:
            return [f"the resumed story ended with {code}: {played.log_tail()}"]
        wrong = broken_invariants(played) + differences(self.undisturbed.state, business_state(played))
        wrong += wrong_mails(self.undisturbed.mails, played)
        if not wrong:
            shutil.rmtree(played.home)
        return wrong


@pytest.fixture(scope="module")
def sweep(
    install: Callable[[Path], Installation], small_register: Path, tmp_path_factory: pytest.TempPathFactory
) -> Sweep:
    return Sweep(install, small_register, tmp_path_factory.mktemp("sweep"))


def _sample() -> Iterator[tuple[str, float]]:
    """One kill point out of each stretch of the run, always the same ones."""
    for point, count in SAMPLED:
        for stretch in range(count):
            within = hashlib.sha256(f"{point} {stretch}".encode()).digest()[0] / 256
            yield point, (stretch + within) / count


def test_the_short_story_leads_to_handover_with_every_mail_once(sweep: Sweep) -> None:
    assert sweep.undisturbed.commits > 300
    assert {len(copies) for copies in sweep.undisturbed.mails.values()} == {1}
    kinds = {row.split("kind='")[1].split("'")[0] for row in sweep.undisturbed.state["cycle"]}
    assert len(kinds) == 15


@pytest.mark.parametrize(
    ("point", "share"), [pytest.param(*one, id=f"{one[0]}-{one[1]:.0%}") for one in _sample()]
)
def test_a_kill_at_a_sampled_commit_changes_nothing_in_the_end(
    sweep: Sweep, point: str, share: float
) -> None:
    ordinal = 1 + int(share * sweep.undisturbed.commits)
    assert sweep.wrong_after_kill(point, ordinal) == [], f"after a kill at {point} {ordinal}"
