"""Who acts at the command line, and at which moment? What every command that records an act shares."""

from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Annotated

import typer

At = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        help="When, in the engagement's time zone; now by default.",
    ),
]
By = Annotated[str, typer.Option("--by", help="Reference of the person, never a name.")]
Day = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; the engagement's today by default.")
]


def acting_here() -> AbstractContextManager[None]:
    """What is recorded inside is recorded as done at the command line, on a database of this version."""
    from models.acting import acting
    from models.migrate import require_current_schema

    require_current_schema()
    return acting("command_line")


def moment_of(code: str, at: datetime | None) -> datetime:
    """The instant that is meant: wall time of the engagement, or now; in a demonstration now is on its own day."""
    from models.db import reading
    from models.migrate import require_current_schema
    from tasks.engagements import find_engagement, instant_meant

    require_current_schema()
    with reading() as session:
        return instant_meant(find_engagement(session, code), at)


def done_at(code: str, at: datetime | None) -> datetime:
    """The same of an act; one that is still to come is refused."""
    from models.migrate import require_current_schema
    from tasks.engagements import instant_done_of

    require_current_schema()
    return instant_done_of(code, at)


def day_of(given: datetime | None) -> date | None:
    """The day of an option, None where it was not given."""
    return None if given is None else given.date()
