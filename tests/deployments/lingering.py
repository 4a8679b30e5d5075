"""A flow that stays until it is stopped, for tests of the worker."""

import os
import time
from pathlib import Path

from prefect import flow, get_run_logger


@flow(name="linger")
def linger(note: str, seconds: float) -> None:
    """Write down our process and the one we come from, and stay so many seconds."""
    get_run_logger().info("I stay %s seconds.", seconds)
    partial = Path(f"{note}.part")
    partial.write_text(f"{os.getpid()} {os.getppid()}")
    partial.rename(note)
    time.sleep(seconds)
