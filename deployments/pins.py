"""Are the libraries installed those with which schedules really fire? See docs/decisions/0002-pins.md."""

from collections.abc import Callable
from importlib.metadata import version

from packaging.version import Version

from models.errors import Terminal

PINS: tuple[tuple[str, str, Callable[[Version], bool]], ...] = (
    ("prefect", "3.8.8", lambda found: found == Version("3.8.8")),
    ("sqlalchemy", "below 2.1", lambda found: found < Version("2.1")),
    ("fastapi", "below 0.151", lambda found: found < Version("0.151")),
)
"""Package, what is wanted, and whether a version is; with others cron schedules silently never fire."""

REMEDY = "Install from requirements.lock: make install"


class WrongVersions(Terminal):
    """A library is installed in a version with which the product does not work as it seems to."""


def wrong_versions(installed: Callable[[str], str] = version) -> list[str]:
    """A sentence for each library that is installed in a wrong version."""
    return [
        f"{name} {installed(name)} is installed, {wanted} is needed"
        for name, wanted, fits in PINS
        if not fits(Version(installed(name)))
    ]


def require_pins(installed: Callable[[str], str] = version) -> None:
    """Refuse to start with the wrong libraries.

    Raises:
        WrongVersions: naming each, and how to mend it.
    """
    wrong = wrong_versions(installed)
    if wrong:
        raise WrongVersions(f"{'; '.join(wrong)}. {REMEDY}.")
