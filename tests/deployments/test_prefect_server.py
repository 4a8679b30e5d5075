"""The local server's garbage: still collected, but never in the thread that happens to make an object."""

import subprocess
import sys

PROGRAM = """
import gc, threading, time, weakref
from deployments.prefect_server import collect_in_own_thread

class Knot:
    def __init__(self):
        self.itself = self

collectors = set()
gc.callbacks.append(lambda phase, info: collectors.add(threading.current_thread().name))
collect_in_own_thread(every_seconds=0.05)
first = weakref.ref(Knot())
many = [[[]] for _ in range(200_000)]  # would start a collection here, in this thread
deadline = time.monotonic() + 20
while first() is not None and time.monotonic() < deadline:
    time.sleep(0.01)
print(first() is None, sorted(collectors))
"""


def test_garbage_is_collected_in_a_thread_of_its_own_only() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True
    )
    assert answer.stdout.strip() == "True ['collector']"
