"""Who is acting, and from which run? Read by the audit trail, set at the edge of each task or command."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """Who acts: a role or a reference, never a name; `run` is the Prefect run's id or empty."""

    who: str
    run: str = ""


_SYSTEM = Actor("system")
_current: ContextVar[Actor | None] = ContextVar("actor", default=None)


def current_actor() -> Actor:
    """The actor of the current context."""
    return _current.get() or _SYSTEM


@contextmanager
def acting(who: str, run: str = "") -> Iterator[None]:
    """Everything recorded inside the block is recorded as done by `who`."""
    token = _current.set(Actor(who, run))
    try:
        yield
    finally:
        _current.reset(token)
