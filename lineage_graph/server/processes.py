"""Finds the process of a server by its command line, which depends on no clock and no file of this package.

A server runs as ``java -Dlineage_graph.… @FOLDER/java.args``; the options name its folder, its version and its ports.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lineage_graph.errors import LocalServerError

PREFIX = "-Dlineage_graph."
_OPTION = re.compile(re.escape(PREFIX) + r"(folder|version|bolt_port|http_port)=([\w.]+)")

# The processes that this one started. They outlive it and are not awaited, which Python would warn of.
_started: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Run:
    """A server that runs or is starting."""

    pid: int
    version: str
    bolt_port: int
    http_port: int


def launch(
    folder: Path,
    *,
    java: Path,
    arguments: Path,
    version: str,
    ports: tuple[int, int],
    cwd: Path,
    env: dict[str, str],
    log: Path,
) -> Run:
    """Start the server of a folder, whose arguments are in a file; it outlives this process."""
    bolt_port, http_port = ports
    options = {"folder": _identity(folder), "version": version, "bolt_port": bolt_port, "http_port": http_port}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [java, *(f"{PREFIX}{name}={value}" for name, value in options.items()), f"@{arguments}"],
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _started[process.pid] = process
    return Run(process.pid, version, bolt_port, http_port)


def find(folder: Path, likely: int | None = None) -> Run | None:
    """The server of a folder, if one runs.

    Parameters
    ----------
    folder : Path
        Its folder.
    likely : int, optional
        A process to look at before all others.
    """
    import psutil

    _reap()
    if likely is not None and (run := _read(likely, folder)):
        return run
    return next((run for pid in psutil.pids() if (run := _read(pid, folder))), None)


def _reap() -> None:
    """Release the children that have ended."""
    for pid, child in list(_started.items()):
        if child.poll() is not None:
            _started.pop(pid, None)


def is_alive(run: Run, folder: Path) -> bool:
    """Whether a server's process still exists."""
    # A child's command line is empty for a moment when it starts, and while its last threads end.
    if child := _started.get(run.pid):
        return child.poll() is None
    return _read(run.pid, folder) is not None


def working_folder(run: Run) -> Path | None:
    """The working folder of a server, that of its jars; None if it has ended, or if it cannot be read."""
    import psutil

    try:
        return Path(psutil.Process(run.pid).cwd())
    except (psutil.Error, OSError):
        return None


def end_of(run: Run) -> int | None:
    """The exit status of a server that has ended, or minus the signal; None if it is unknown."""
    child = _started.get(run.pid)
    return child.poll() if child else None


def _read(pid: int, folder: Path) -> Run | None:
    import psutil

    try:
        words = psutil.Process(pid).cmdline()
    except (psutil.Error, OSError, ValueError):
        return None
    found = {match[1]: match[2] for word in words if (match := _OPTION.fullmatch(word))}
    if found.get("folder") != _identity(folder) or len(found) < 4:
        return None
    return Run(pid, found["version"], int(found["bolt_port"]), int(found["http_port"]))


def _identity(folder: Path) -> str:
    """A folder in a few plain characters, since its path may hold any character and have aliases."""
    return hashlib.sha256(os.fsencode(os.path.realpath(folder))).hexdigest()[:32]


def listens(run: Run) -> bool:
    """Whether this server, and not another program, listens at its port."""
    import psutil

    try:
        connections = psutil.Process(run.pid).net_connections("tcp")
    except psutil.AccessDenied:
        return True  # The answer to the password decides then.
    except psutil.Error:
        return False
    return any(c.status == psutil.CONN_LISTEN and c.laddr.port == run.bolt_port for c in connections)


def stop(run: Run, folder: Path, timeout: float) -> bool:
    """End a server in order or, after the time-out in seconds, at once. Return whether it ended in order.

    Raises
    ------
    LocalServerError
        If it is another user's.
    """
    import psutil

    try:
        process = psutil.Process(run.pid)
        process.terminate()
        if _ends(run, folder, timeout):
            return True
        kill(run)
        _ends(run, folder, 10)
    except psutil.AccessDenied as error:
        raise LocalServerError(
            f"the server runs as process {run.pid} of another user: it is for that user to stop"
        ) from error
    except psutil.NoSuchProcess:
        return True
    return False


def kill(run: Run) -> None:
    """End a server at once, and its child, which may be recording the start-up cache."""
    import psutil

    with contextlib.suppress(psutil.Error):
        process = psutil.Process(run.pid)
        # Stopped first, so that it starts no more children.
        process.suspend()
        for one in [*process.children(recursive=True), process]:
            one.kill()


def _ends(run: Run, folder: Path, timeout: float) -> bool:
    deadline = time.monotonic() + timeout
    while is_alive(run, folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def holder(folder: Path, patience: float = 2.0) -> str | None:
    """A description of the process that holds Neo4j's lock on the data in a folder; None if there is none.

    Parameters
    ----------
    folder : Path
        The server's folder.
    patience : float
        Seconds to wait for a process that is ending.
    """
    lock = folder / "data" / "databases" / "store_lock"
    deadline = time.monotonic() + patience
    while _is_locked(lock):
        if time.monotonic() > deadline:
            return _name_of_holder(lock)
        time.sleep(0.05)
    return None


def _is_locked(lock: Path) -> bool:
    try:
        import fcntl
    except ImportError:
        return False  # On other systems Neo4j itself finds out.
    try:
        file = lock.open("r+b")
    except FileNotFoundError:
        return False
    with file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return True
        except OSError:
            return False  # The file system has no locks.
    return False


def _name_of_holder(lock: Path) -> str:
    import psutil

    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and _has_open(lock, (file.path for file in process.open_files())):
                return f"process {process.pid} ({process.name()})"
        except (psutil.Error, OSError):
            continue
    return "a process that cannot be seen from here (another user's, or in a container)"


def _has_open(lock: Path, paths: Iterable[str]) -> bool:
    return any(Path(path).name == lock.name and lock.samefile(path) for path in paths)
