"""Does a kill at any commit at all change anything? Every one is tried, day by day.

The undisturbed story leaves a copy of its installation at the end of each of its days. For every commit of a day the
story is taken up from the copy of the evening before, killed at that commit, resumed, and compared on the evening of
the day. What follows from equal states is equal; one kill in ten is followed to the handover nevertheless, and so is
every one after which the evening differs.
"""

import json
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from deployments.mail_sink import start_mail_sink
from tests.fault.harness import (
    COUNTED,
    SIGKILLED,
    Forge,
    Installation,
    broken_invariants,
    business_state,
    copy_installation,
    differences,
    free_port,
    mail_contents,
    wrong_mails,
)

pytestmark = [pytest.mark.fault, pytest.mark.sweep, pytest.mark.timeout(0)]

FOLLOWED_TO_THE_END = 10
"""One kill in so many is followed to the end of the story."""
NEVER = f"{COUNTED[0]}:0:kill"
"""Counts the commits and kills nobody."""
TRIED = "SWEEP_TRIED"
"""Environment variable: how many kills of a point to leave out, for a sweep that was broken off goes on with it."""


@dataclass
class Evening:
    """How an undisturbed installation stands at the end of a day of the story."""

    day: str
    commits: int
    """How many there were since the story began."""
    installation: Installation

    @cached_property
    def state(self) -> dict[str, Counter[str]]:
        return business_state(self.installation)

    @cached_property
    def mails(self) -> dict[str, list[str]]:
        return mail_contents(self.installation)

    @cached_property
    def broken(self) -> list[str]:
        return broken_invariants(self.installation)


@dataclass(frozen=True)
class Kill:
    """One commit of a day, and the evenings before and after it."""

    point: str
    number: int
    """Which commit of the whole story it is."""
    since: int
    """Which one it is after the evening before."""
    before: Evening | None
    after: Evening


@dataclass
class Story:
    """The undisturbed story, and what takes it up from any of its evenings."""

    forge: Forge
    migrated: Path
    workbook: Path
    folder: Path
    evenings: list[Evening] = field(default_factory=list)

    def play(self) -> None:
        """Play the story once, and keep its evenings."""
        copies = self.folder / "evenings"
        with self.installation("undisturbed", None) as undisturbed:
            days = self.days(undisturbed, "day", "the last", str(copies), fault=NEVER)
        for told in days:
            installation = Installation(copies / told["day"], self.forge)
            self.evenings.append(Evening(told["day"], told["commits"], installation))

    @contextmanager
    def installation(self, name: str, evening: Evening | None) -> Iterator[Installation]:
        """An installation that stands where an evening left it, or at the very beginning."""
        home = self.folder / name
        home.mkdir()
        if evening is None:
            shutil.copyfile(self.migrated, home / "steward.db")
        else:
            copy_installation(evening.installation.home, home)
            shutil.copytree(evening.installation.mail, home / "mail")
        sink = start_mail_sink(home / "mail", free_port())
        made = Installation(home, self.forge, smtp_port=sink.port)
        yield made
        made.stop()
        sink.stop()

    def days(self, made: Installation, *how: str, fault: str = "") -> list[dict[str, Any]]:
        """Play an installation up to a day; returns how many commits there were at the end of each."""
        code = made.play(self.workbook, *how, fault=fault)
        assert code == 0, f"{made.home.name} ended with {code}: {made.log_tail()}"
        told: list[dict[str, Any]] = json.loads(made.result.read_text())
        return told

    def kills(self, point: str) -> list[Kill]:
        """Every passing of a point, in such an order that a sweep broken off early has looked everywhere."""
        first = self.evenings[0]
        kills = [Kill(point, k, k, None, first) for k in range(1, first.commits + 1)]
        for before, after in pairwise(self.evenings):
            again = self._taken_up_again(point, before, after)
            kills += [
                Kill(point, number, again + number - before.commits, before, after)
                for number in range(before.commits + 1, after.commits + 1)
            ]
        golden = (5**0.5 - 1) / 2
        return sorted(kills, key=lambda kill: kill.number * golden % 1)

    def _taken_up_again(self, point: str, before: Evening, after: Evening) -> int:
        """How many commits it takes to take the story up again, before the new day begins."""
        with self.installation(f"count-{point}-{after.day}", before) as made:
            evenings = self.days(made, "day", after.day, fault=f"{point}:0:kill")
            assert [evening["day"] for evening in evenings] == [before.day, after.day]
            assert self.wrong(made, after) == []
        shutil.rmtree(made.home)
        again, end = (int(evening["commits"]) for evening in evenings)
        assert end - again == after.commits - before.commits, f"other commits on {after.day}"
        return again

    def wrong_after(self, kill: Kill) -> list[str]:
        """Kill the story at one commit, resume it, and say what is different on the evening of that day."""
        followed = kill.number % FOLLOWED_TO_THE_END == 0
        evening = self.evenings[-1] if followed else kill.after
        with self.installation(f"{kill.point}-{kill.number}", kill.before) as made:
            code = made.play(self.workbook, "day", kill.after.day, fault=f"{kill.point}:{kill.since}:kill")
            assert code == SIGKILLED, f"was to be killed, but ended with {code}: {made.log_tail()}"
            try:
                self.days(made, "day-again", evening.day)
                wrong = self.wrong(made, evening)
                if wrong and not followed:
                    # People may have done today what they would have done tomorrow; what counts is the end.
                    self.days(made, "day-again", self.evenings[-1].day)
                    wrong = self.wrong(made, self.evenings[-1])
            except AssertionError as hung:
                return [f"the resumed story did not come to its end: {hung}"]
        if not wrong:
            shutil.rmtree(made.home)
        return wrong

    def wrong(self, made: Installation, evening: Evening) -> list[str]:
        """What is different from an undisturbed installation."""
        wrong = [told for told in broken_invariants(made) if told not in evening.broken]
        wrong += differences(evening.state, business_state(made))
        return wrong + wrong_mails(evening.mails, made)


@pytest.fixture(scope="module")
def story(
    forge: Forge, migrated: Path, small_register: Path, tmp_path_factory: pytest.TempPathFactory
) -> Story:
    made = Story(forge, migrated, small_register, tmp_path_factory.mktemp("sweep"))
    made.play()
    return made


@pytest.mark.parametrize("point", COUNTED)
def test_a_kill_at_every_commit_changes_nothing_in_the_end(story: Story, point: str) -> None:
    assert story.evenings[-1].broken == []
    kills, begun = story.kills(point)[int(os.environ.get(TRIED, "0")) :], time.monotonic()
    failed: dict[int, list[str]] = {}
    with ThreadPoolExecutor(
        1 + (os.cpu_count() or 1)
    ) as pool:  # a resumed story waits for leases now and then
        tried = pool.map(story.wrong_after, kills)
        for done, (kill, wrong) in enumerate(zip(kills, tried, strict=True), start=1):
            if wrong:
                failed[kill.number] = wrong
            _tell(
                f"{point} {kill.number} on {kill.after.day}: {'; '.join(wrong)[:300] or 'the same'}; "
                f"{done} of {len(kills)} tried, {len(failed)} failed, {time.monotonic() - begun:.0f} s"
            )
    assert failed == {}


def _tell(line: str) -> None:
    """Show how far a long sweep has come, past pytest's capturing."""
    if sys.__stderr__ is not None:
        sys.__stderr__.write(f"{line}\n")
        sys.__stderr__.flush()
