"""Named places at which a test lets the process kill itself, to prove that what follows a crash is right."""

import os
import signal
import threading

_wanted, _, _after = os.environ.get("ONETAP_FAULTPOINT", "").partition("@")
_left = int(_after or 1)
_lock = threading.Lock()


def crash_point(name: str) -> None:
    """Nothing, unless ONETAP_FAULTPOINT says NAME or NAME@N: then the N-th passage ends the process by SIGKILL."""
    if name != _wanted:
        return
    global _left
    with _lock:
        _left -= 1
        if _left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
