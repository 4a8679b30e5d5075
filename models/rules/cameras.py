"""Is a camera healthy, and what is wrong with it? (B5)"""

from dataclasses import dataclass
from enum import StrEnum

from models.rules.catalogue import Certainty, words_in
from models.rules.elements import ElementClass


class CameraFault(StrEnum):
    """What can be wrong with a camera."""

    RECORDING = "recording"
    """It does not record."""
    PICTURE = "picture"
    """Its picture is of no use."""
    CLOCK = "clock"
    """Its clock is off by more than is allowed."""
    RETENTION = "retention"
    """Recordings are gone too soon."""


@dataclass(frozen=True)
class CameraLimits:
    """What a healthy camera keeps to, and where that comes from."""

    words: tuple[str, ...]
    retention_days: int
    retention_source: str
    drift_seconds: int
    drift_source: str
    repair_hours: int
    repair_source: str
    certainty: Certainty


@dataclass(frozen=True)
class CameraState:
    """What was found; what nobody looked at is None."""

    recording: bool
    picture: bool
    drift_seconds: int | None = None
    days_retained: int | None = None


def faults_of(state: CameraState, limits: CameraLimits) -> tuple[CameraFault, ...]:
    """What is wrong; the limit itself is still healthy, and so is what nobody looked at."""
    found = []
    if not state.recording:
        found.append(CameraFault.RECORDING)
    if not state.picture:
        found.append(CameraFault.PICTURE)
    if state.drift_seconds is not None and abs(state.drift_seconds) > limits.drift_seconds:
        found.append(CameraFault.CLOCK)
    if state.days_retained is not None and state.days_retained < limits.retention_days:
        found.append(CameraFault.RETENTION)
    return tuple(found)


def is_camera(limits: CameraLimits, element_class: str, *texts: str) -> bool:
    """Whether an asset is a camera, by its class and the words of its name and type."""
    return element_class == ElementClass.SECURITY and words_in(limits.words, *texts)
