"""What does a run show in the Prefect UI? Tables and links, as a view: the records stay in our database."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from prefect.artifacts import (
    create_image_artifact,
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from models.settings import settings
from tasks.packs import IssuedPack
from tasks.steps import step


@step("Show a table")
def show_table(key: str, rows: Sequence[Mapping[str, object]], description: str) -> None:
    """Publish rows of counts, codes and dates; never a name, an address or a free text of a resident."""
    create_table_artifact(table=[dict(row) for row in rows], key=artifact_key(key), description=description)


@step("Show the pack")
def show_pack(key: str, pack: IssuedPack) -> None:
    """Publish links to a pack's files on the pack server."""
    create_link_artifact(
        link=pack_link(pack.sha256, pack.files[0][0]),
        link_text=pack.files[0][0],
        key=artifact_key(f"{key}-pdf"),
        description=pack.title,
    )
    lines = [f"- [{name}]({pack_link(sha256, name)})  `{sha256[:12]}`" for name, _media, sha256 in pack.files]
    create_markdown_artifact(
        markdown=f"### {pack.title}\n\n" + "\n".join(lines), key=artifact_key(key), description=pack.title
    )


@step("Show the pictures")
def show_picture(key: str, pack: IssuedPack) -> None:
    """Publish a picture of a pack, as the pack server shows it."""
    name, _media, sha256 = pack.files[0]
    create_image_artifact(
        image_url=pack_link(sha256, name), key=artifact_key(f"{key}-pictures"), description=pack.title
    )


def pack_link(sha256: str, name: str) -> str:
    """Where the pack server shows a kept file."""
    return f"{settings().public_url}/packs/{sha256}/{quote(name)}"


def artifact_key(text: str) -> str:
    """A key as Prefect wants it: lower-case letters, digits and dashes."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in text.lower())
    return "-".join(part for part in plain.split("-") if part)


class Progress:
    """A progress bar of the current run."""

    def __init__(self, key: str, steps: int, description: str) -> None:
        self._done, self._steps = 0, steps
        self._id = create_progress_artifact(
            progress=0.0, key=artifact_key(f"{key}-progress"), description=description
        )

    def advance(self) -> None:
        """One more step is done."""
        self._done += 1
        update_progress_artifact(artifact_id=self._id, progress=min(100.0, 100 * self._done / self._steps))  # type: ignore[arg-type]
