"""Runs a command until it ends, or until the process that wanted it is gone: `supervise.py PID FOLDER COMMAND…`."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time

STOP_SECONDS = 10.0


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def main() -> None:
    wanted_by, folder, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    if os.fork():
        os._exit(0)  # who started this need not wait for it
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with open(os.path.join(folder, "log"), "wb") as log:  # the process below keeps it open
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    try:
        while child.poll() is None and alive(wanted_by):
            time.sleep(0.5)
        if child.poll() is not None and alive(wanted_by):
            open(os.path.join(folder, "ended"), "wb").close()  # the folder stays, for its log
            return
    finally:
        stop(child)
    shutil.rmtree(folder, ignore_errors=True)
    for kind in ("url", "lock", "failed"):
        with contextlib.suppress(FileNotFoundError):
            os.remove(f"{folder}.{kind}")


def stop(child: "subprocess.Popen[bytes]") -> None:
    """The whole group: the launcher and the server that it started."""
    for number, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, STOP_SECONDS)):
        try:
            os.killpg(child.pid, number)
        except ProcessLookupError:
            return
        end = time.monotonic() + seconds
        while time.monotonic() < end and group_alive(child):
            time.sleep(0.1)


def group_alive(child: "subprocess.Popen[bytes]") -> bool:
    child.poll()
    try:
        os.killpg(child.pid, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    main()
