"""Where may a test kill, stop or break this process? Named points that do nothing in production."""

import os
import signal
import time
from pathlib import Path

SWITCH = "STEWARD_FAULT"
MARKER = "STEWARD_FAULT_MARKER"

_seen: dict[str, int] = {}


class InjectedFault(Exception):
    """Raised by a fault point that was told to raise."""


def fault_point(name: str) -> None:
    """Do what the test asked for at the k-th passing of `name`; in production return at once.

    The variable holds `name:k:action[:seconds]` with action kill, raise or sleep. It counts only when the
    marker file exists too, so that a variable left behind cannot harm a production process.
    """
    if SWITCH not in os.environ:
        return
    marker = os.environ.get(MARKER, "")
    if not marker or not Path(marker).exists():
        return
    wanted, ordinal, action, *rest = os.environ[SWITCH].split(":")
    if wanted != name:
        return
    _seen[name] = _seen.get(name, 0) + 1
    if _seen[name] != int(ordinal):
        return
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif action == "sleep":
        time.sleep(float(rest[0]))
    else:
        raise InjectedFault(name)


def passings(name: str) -> int:
    """How often this process has passed the point while faults were switched on."""
    return _seen.get(name, 0)
