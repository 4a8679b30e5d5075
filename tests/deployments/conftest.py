"""The command line as its users have it."""

import io
import json
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from deployments.cli import main


class Answer(NamedTuple):
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The output as a program reads it."""
        return json.loads(self.out)


Steward = Callable[..., Answer]


@pytest.fixture
def steward(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Steward:
    """The command line in this process."""
    monkeypatch.setenv("COLUMNS", "240")

    def run(*arguments: str, typed: str = "") -> Answer:
        monkeypatch.setattr(sys, "argv", ["steward", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        capsys.readouterr()
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        else:
            code = 0
        written = capsys.readouterr()
        return Answer(code, written.out, written.err)

    return run
