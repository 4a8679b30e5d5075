"""With the wrong libraries schedules silently never fire, so nothing starts with them."""

import pytest

from deployments.pins import WrongVersions, require_pins


def test_the_installed_libraries_are_those_of_the_lock() -> None:
    require_pins()


@pytest.mark.parametrize(
    ("name", "found"),
    [("sqlalchemy", "2.1.9"), ("fastapi", "0.151.0"), ("prefect", "3.8.9")],
    ids=["sqlalchemy-2.1", "fastapi-0.151", "another-prefect"],
)
def test_a_wrong_version_is_refused_with_the_command_that_mends_it(name: str, found: str) -> None:
    right = {"prefect": "3.8.8", "sqlalchemy": "2.0.58", "fastapi": "0.150.0"}
    with pytest.raises(WrongVersions, match=rf"{name} {found} is installed.*make install"):
        require_pins(lambda asked: {**right, name: found}[asked])
