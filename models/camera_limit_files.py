"""When is a camera healthy? Reads `cctv.yaml` (B5)."""

from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from models.catalogue_files import open_entry
from models.rules.cameras import CameraLimits
from models.rules.catalogue import Certainty


@lru_cache(maxsize=1)
def load_camera_limits() -> CameraLimits:
    """The limits shipped with the product, read once.

    Raises:
        CatalogueInvalid: the file is missing or wrong; the message names the key.
    """
    return read_camera_limits(resources.files("models.catalogue"))


def read_camera_limits(folder: Traversable | Path) -> CameraLimits:
    """Read and check `cctv.yaml` of a catalogue folder.

    Raises:
        CatalogueInvalid: the file is missing or wrong; the message names the key.
    """
    whole = open_entry(folder, "cctv.yaml")
    limits = CameraLimits(
        words=whole.texts("words"),
        retention_days=whole.whole("retention_days", at_least=1),
        retention_source=whole.text("retention_source"),
        drift_seconds=whole.whole("drift_seconds"),
        drift_source=whole.text("drift_source"),
        repair_hours=whole.whole("repair_hours", at_least=1),
        repair_source=whole.text("repair_source"),
        certainty=whole.choice("certainty", Certainty),
    )
    if not limits.words:
        raise whole.refuse("words", "expected at least one word")
    whole.finish()
    return limits
