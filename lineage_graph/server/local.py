"""The managed local server: a real Neo4j of one's own, started and stopped with one call.

A server's folder holds its data, its configuration, its log, and two files of ours: ``password``, which only
the owner can read, and ``server.json``, which says how it was started last.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from lineage_graph.errors import (
    ConfigurationError,
    LocalServerError,
    MissingExtra,
    ServerNotRunning,
    ServerStartError,
)
from lineage_graph.server import jars
from lineage_graph.server.java import Java, find_java

DEFAULT_VERSION = "2026.08.1"
USERNAME = "neo4j"
HOST = "127.0.0.1"
BOLT_PORT = 7687
HTTP_PORT = 7474
STOP_TIMEOUT = 60.0

# Modest memory for a server that shares its machine with its user's work; both are limits, not reservations.
HEAP = "1g"
PAGE_CACHE = "256m"

# The processes that this one started: they outlive it, so nobody waits for them, and Python would warn of that.
_started: dict[int, subprocess.Popen[bytes]] = {}

JAVA_OPTIONS = (
    f"-Xmx{HEAP}",
    "-XX:+UseSerialGC",
    "-XX:+ExitOnOutOfMemoryError",
    "-Dfile.encoding=UTF-8",
    "-Djava.awt.headless=true",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
)


@dataclass(frozen=True)
class ServerInfo:
    """A running server: how to reach it, and as whom. The password shows in no repr."""

    bolt_url: str
    browser_url: str
    username: str
    password: SecretStr
    version: str
    pid: int
    folder: Path


@dataclass(frozen=True)
class ServerStatus:
    """Whether the server of a folder runs, and how to reach it if it does."""

    running: bool
    folder: Path
    info: ServerInfo | None = None


@dataclass(frozen=True)
class _State:
    """How a server was started last: what ``server.json`` holds."""

    pid: int
    created: float
    bolt_port: int
    http_port: int
    version: str
    # What this run writes when it stops: see `_start_up_cache`.
    recording: str | None = None
    answered: bool = False


def folder_from_url(url: str) -> Path | None:
    """The folder that ``local:`` (None: the default one) or ``local:///some/folder`` names.

    Raises
    ------
    ConfigurationError
        If the URL is neither.
    """
    parts = urlsplit(url)
    if parts.scheme != "local" or parts.netloc or parts.query or parts.fragment:
        raise ConfigurationError("the local server's URL is local: or local:///some/folder")
    if not parts.path.strip("/"):
        return None
    if not parts.path.startswith("/"):
        raise ConfigurationError("the local server's folder is given in full: local:///some/folder")
    path = unquote(parts.path)
    return Path(path[1:] if os.name == "nt" else path)


def default_folder() -> Path:
    """The folder of ``local:``: LINEAGE_GRAPH_HOME, or the user's data folder."""
    if home := os.environ.get("LINEAGE_GRAPH_HOME"):
        return Path(home).expanduser().resolve() / "neo4j"
    try:
        import platformdirs
    except ImportError as error:
        raise MissingExtra("local", "The managed local server") from error
    return platformdirs.user_data_path("lineage-graph") / "neo4j"


class LocalServer:
    """Neo4j Community on this machine, on loopback only, with its data in a folder.

    Parameters
    ----------
    folder : Path, optional
        Where its data is; `default_folder` when left out.
    version : str, optional
        The version of Neo4j: LINEAGE_GRAPH_NEO4J_VERSION, or the newest we run on.

    Raises
    ------
    MissingExtra
        If the extra ``local`` is not installed.
    """

    def __init__(self, folder: Path | None = None, *, version: str | None = None) -> None:
        self.folder = (folder or default_folder()).expanduser().absolute()
        self.version = version or os.environ.get("LINEAGE_GRAPH_NEO4J_VERSION") or DEFAULT_VERSION
        self.log_path = self.folder / "logs" / "server.log"

    def start(self, *, progress: bool = True, timeout: float = 120.0) -> ServerInfo:
        """Start the server, unless it runs, and wait until it answers queries.

        The first start fetches Neo4j (some 170 MB) into the user's cache.

        Parameters
        ----------
        progress : bool
            Show a progress bar on stderr while something is fetched.
        timeout : float
            Seconds to wait for the first answer, the fetching aside.

        Raises
        ------
        DownloadError, UnsupportedPlatform, ServerStartError
        """
        jars.jars_of(self.version)  # refuses a version that there is no list for
        if info := self._running():
            return info
        with self._locked():
            if info := self._running() or self._coming_up(timeout):
                return info
            self._check_folder_version()
            _keep_recording(self._state())
            java = find_java(self.version)
            classpath = _classpath(_fetch(self.version, progress), self.version)
            try:
                return self._start(java, classpath, timeout)
            except ServerStartError:
                # What was damaged since it was checked shows here; with all in order the error stands.
                _, cache, _ = _start_up_cache(java, self.version, classpath)
                if cache:
                    cache.unlink(missing_ok=True)
                if not jars.verify(self.version) and not cache:
                    raise
                _fetch(self.version, progress)
                return self._start(java, classpath, timeout)

    def _start(self, java: Java, classpath: str, timeout: float) -> ServerInfo:
        password = self._password() or self._set_password(java, classpath)
        state = self._launch(java, classpath, fresh_ports=False)
        try:
            self._await(state, password, timeout)
        except _PortTaken:
            state = self._launch(java, classpath, fresh_ports=True)
            self._await(state, password, timeout)
        return self._info(state, password)

    def _coming_up(self, timeout: float) -> ServerInfo | None:
        """The server that an interrupted start left behind, once it answers."""
        state, password = self._state(), self._password()
        if state is None or password is None or _process(state) is None:
            return None
        try:
            self._await(state, password, timeout)
        except ServerStartError:
            if _process(state) is not None:
                raise
            return None
        return self._info(state, password)

    def stop(self, timeout: float = STOP_TIMEOUT) -> None:
        """Stop the server in order; after the time-out, end it (its next start recovers all that was committed).

        The first stop takes some seconds longer: it records what makes later starts fast.

        Raises
        ------
        ServerNotRunning
            If it does not run.
        """
        import psutil

        with self._locked():
            state = self._state()
            process = _process(state) if state else None
            if state is None or process is None:
                raise ServerNotRunning(f"no server runs in {self.folder}")
            process.terminate()
            try:
                process.wait(timeout)
            except psutil.TimeoutExpired:
                process.kill()
                process.wait(10)
            else:
                _keep_recording(state)
            if child := _started.pop(state.pid, None):
                child.wait(10)

    def status(self) -> ServerStatus:
        """Whether the server runs, and how to reach it."""
        info = self._running()
        return ServerStatus(info is not None, self.folder, info)

    def info(self) -> ServerInfo:
        """How to reach the running server.

        Raises
        ------
        ServerNotRunning
        """
        if info := self._running():
            return info
        raise ServerNotRunning(f"no server runs in {self.folder}: start it with `lineage-graph server start`")

    def logs(self, lines: int = 100) -> str:
        """The last lines of the server's log; empty when it was never started."""
        if not self.log_path.is_file():
            return ""
        return "".join(self.log_path.read_text(encoding="utf-8", errors="replace").splitlines(True)[-lines:])

    @property
    def password_path(self) -> Path:
        """The file that holds the password."""
        return self.folder / "password"

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One start or stop at a time, also between processes."""
        try:
            import filelock
        except ImportError as error:
            raise MissingExtra("local", "The managed local server") from error
        try:
            # Lineage holds source code, so it is its owner's to read.
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with filelock.FileLock(self.folder / "lock", timeout=300):
                yield
        except filelock.Timeout as error:
            raise ServerStartError(
                f"another process has been starting or stopping {self.folder} for minutes"
            ) from error
        except OSError as error:
            raise LocalServerError(
                f"the folder {error.filename or self.folder} cannot be used: {error.strerror}"
            ) from error

    def _running(self) -> ServerInfo | None:
        state = self._state()
        password = self._password()
        if state is None or password is None or not state.answered or _process(state) is None:
            return None
        return self._info(state, password) if _listens(state.bolt_port) else None

    def _info(self, state: _State, password: str) -> ServerInfo:
        return ServerInfo(
            bolt_url=f"bolt://{HOST}:{state.bolt_port}",
            browser_url=f"http://{HOST}:{state.http_port}/browser/",
            username=USERNAME,
            password=SecretStr(password),
            version=state.version,
            pid=state.pid,
            folder=self.folder,
        )

    def _state(self) -> _State | None:
        try:
            return _State(**json.loads((self.folder / "server.json").read_text(encoding="utf-8")))
        except (FileNotFoundError, NotADirectoryError, ValueError, TypeError):
            return None

    def _password(self) -> str | None:
        try:
            return self.password_path.read_text(encoding="ascii").strip() or None
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _check_folder_version(self) -> None:
        state = self._state()
        if state and _numbers(state.version) > _numbers(self.version):
            raise ServerStartError(
                f"the data in {self.folder} was last used by Neo4j {state.version}, which is newer than "
                f"{self.version}: start that version, or use another folder"
            )

    def _set_password(self, java: Java, classpath: str) -> str:
        """Make the password before the server first runs, so that no other one is ever valid."""
        password = secrets.token_urlsafe(24)
        self._write_configuration(BOLT_PORT, HTTP_PORT)
        arguments = self.folder / "password.args"
        speed_up, used, _ = _start_up_cache(java, self.version, classpath)
        # In a file of the owner's, since everyone can read a command line.
        _write_private(
            arguments,
            _java_arguments(
                *JAVA_OPTIONS,
                *(speed_up if used else ()),
                "-cp",
                classpath,
                "org.neo4j.cli.AdminTool",
                "dbms",
                "set-initial-password",
                password,
            ),
        )
        try:
            done = subprocess.run(
                [java.program, f"@{arguments}"],
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
        finally:
            arguments.unlink()
        if done.returncode:
            raise ServerStartError(f"the server's password could not be set: {_first_line(done.stderr)}")
        _write_private(self.password_path, password + "\n")
        return password

    def _environment(self) -> dict[str, str]:
        """The server's environment: what a program needs, and nothing that would change Neo4j's settings."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("NEO4J_", "LINEAGE_"))}
        # Java reads the names of files in the locale's encoding, which is not always one that knows them.
        return kept | {"NEO4J_HOME": str(self.folder), "NEO4J_CONF": str(self.folder / "conf"), "LC_ALL": "C.UTF-8"}

    def _write_configuration(self, bolt_port: int, http_port: int) -> None:
        conf = self.folder / "conf"
        conf.mkdir(exist_ok=True)
        settings = {
            "server.default_listen_address": HOST,
            "server.default_advertised_address": HOST,
            "server.bolt.listen_address": f"{HOST}:{bolt_port}",
            "server.bolt.advertised_address": f"{HOST}:{bolt_port}",
            "server.http.listen_address": f"{HOST}:{http_port}",
            "server.http.advertised_address": f"{HOST}:{http_port}",
            "server.https.enabled": "false",
            "server.memory.pagecache.size": PAGE_CACHE,
            "dbms.usage_report.enabled": "false",
            "db.tx_log.rotation.retention_policy": "2 days 500M",
            # Not every version knows all of these.
            "server.config.strict_validation.enabled": "false",
            # Nobody but us is connected when the server stops, so there is nothing to wait for.
            "internal.dbms.bolt.netty_server_shutdown_quiet_period_duration": "0s",
            "internal.server.bolt.connection_shutdown_wait_time": "1s",
            "internal.server.bolt.thread_pool_shutdown_wait_time": "1s",
        }
        text = "".join(f"{name}={value}\n" for name, value in settings.items())
        (conf / "neo4j.conf").write_text(text, encoding="utf-8")

    def _write_state(self, state: _State) -> None:
        _write_private(self.folder / "server.json", json.dumps(asdict(state)))

    def _launch(self, java: Java, classpath: str, *, fresh_ports: bool) -> _State:
        import psutil

        before = None if fresh_ports else self._state()
        bolt_port = _free_port(before.bolt_port if before else BOLT_PORT, fresh=fresh_ports)
        http_port = _free_port(before.http_port if before else HTTP_PORT, fresh=fresh_ports)
        self._write_configuration(bolt_port, http_port)
        self.log_path.parent.mkdir(exist_ok=True)
        speed_up, _, recording = _start_up_cache(java, self.version, classpath)
        arguments = self.folder / "java.args"
        arguments.write_text(
            _java_arguments(
                *JAVA_OPTIONS,
                *speed_up,
                "-cp",
                classpath,
                _main_class(self.version),
                f"--home-dir={self.folder}",
                f"--config-dir={self.folder / 'conf'}",
                "--console-mode",
            ),
            encoding="utf-8",
        )
        with self.log_path.open("wb") as log:
            process = subprocess.Popen(
                [java.program, f"@{arguments}"],
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        _started[process.pid] = process
        state = _State(
            pid=process.pid,
            created=psutil.Process(process.pid).create_time(),
            bolt_port=bolt_port,
            http_port=http_port,
            version=self.version,
            recording=str(recording) if recording else None,
        )
        self._write_state(state)
        return state

    def _await(self, state: _State, password: str, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while not _listens(state.bolt_port):
            self._check_alive(state)
            if time.monotonic() > deadline:
                if process := _process(state):
                    process.kill()
                raise ServerStartError(f"Neo4j did not come up within {timeout:.0f} s; its log is {self.log_path}")
            time.sleep(0.02)
        _await_answer(state.bolt_port, password, deadline, lambda: self._check_alive(state), self.log_path)
        self._write_state(replace(state, answered=True))

    def _check_alive(self, state: _State) -> None:
        if _process(state) is not None:
            return
        log = self.logs(200)
        if "Address already in use" in log or "BindException" in log:
            raise _PortTaken(f"the ports of the server in {self.folder} were taken while it started")
        reasons = [line for line in log.splitlines() if "ERROR" in line or "Caused by" in line]
        raise ServerStartError(
            f"Neo4j ended while it started ({(reasons or ['no reason in its log'])[-1].strip()[:300]}); "
            f"its log is {self.log_path}"
        )


class _PortTaken(ServerStartError):
    pass


def _fetch(version: str, progress: bool) -> Path:
    if not progress or not sys.stderr.isatty():
        return jars.fetch(version)
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    with Progress(
        TextColumn(f"Neo4j {version}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("", total=None, visible=False)

        def on_bytes(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, visible=True)

        return jars.fetch(version, on_bytes)


def _classpath(lib: Path, version: str) -> str:
    return os.pathsep.join(str(lib / jar.file_name) for jar in jars.jars_of(version))


def _main_class(version: str) -> str:
    line = "CommunityEntryPoint" if version.startswith("5.") else "Neo4jCommunity"
    return f"org.neo4j.server.{line}"


def _java_arguments(*arguments: str) -> str:
    """The text of a Java argument file: one quoted argument a line (JDK tool specification, "java")."""
    quoted = (argument.replace("\\", "\\\\").replace('"', '\\"') for argument in arguments)
    return "".join(f'"{argument}"\n' for argument in quoted)


def _start_up_cache(java: Java, version: str, classpath: str) -> tuple[list[str], Path | None, Path | None]:
    """The Java options that make starts fast, the file that this run uses and the one that it records, if any.

    JDK 25 loads and links the server's classes from a cache that an earlier run recorded (JEP 514, "Ahead-of-
    Time Command-Line Ergonomics"). With the class archives of earlier Java, starts were not faster.
    """
    if java.major < 25:
        return [], None, None
    changed = max(Path(jar).stat().st_mtime_ns for jar in classpath.split(os.pathsep))
    key = repr((version, str(java.program), java.version, classpath, changed, JAVA_OPTIONS))
    name = f"start-{version}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    folder = jars.cache_folder()
    cache = folder / f"{name}.aot"
    if cache.is_file():
        # "on" ends Java when the cache does not suit; `start` then drops it, and records it anew.
        return [f"-XX:AOTCache={cache}", "-XX:AOTMode=on", "-Xlog:aot=off", "-Xlog:cds=off"], cache, None
    if not os.access(folder, os.W_OK):
        return [], None, None
    recording = folder / f"{name}.{secrets.token_hex(4)}.recording"
    return [f"-XX:AOTCacheOutput={recording}", "-Xlog:aot=off", "-Xlog:cds=off"], None, recording


def _keep_recording(state: _State | None) -> None:
    """Give what a run recorded the name that later starts look for; one that was cut short is removed."""
    if state is None or state.recording is None:
        return
    recording = Path(state.recording)
    # What Java notes on the way, and removes unless it is killed.
    Path(f"{recording}.config").unlink(missing_ok=True)
    if not recording.is_file():
        return
    with recording.open("rb") as file:
        # Java writes the header last.
        whole = any(file.read(16))
    if whole:
        name = recording.name.removesuffix(".recording").rpartition(".")[0]
        recording.replace(recording.with_name(f"{name}.aot"))
    else:
        recording.unlink()


def _await_answer(port: int, password: str, deadline: float, check_alive: Any, log_path: Path) -> None:
    import neo4j
    from neo4j.exceptions import AuthError, DriverError, Neo4jError

    last: Exception | None = None
    with neo4j.GraphDatabase.driver(
        f"bolt://{HOST}:{port}", auth=(USERNAME, password), connection_timeout=5, max_transaction_retry_time=0
    ) as driver:
        while time.monotonic() < deadline:
            check_alive()
            try:
                driver.execute_query("RETURN 1", database_="neo4j")
            except AuthError as error:
                raise ServerStartError(
                    "the server does not take the password in its folder: was it changed? "
                    "Write the new one to the file `password` there"
                ) from error
            except (DriverError, Neo4jError) as error:
                last = error
                time.sleep(0.05)
            else:
                return
    raise ServerStartError(f"Neo4j came up but answers no query ({last}); its log is {log_path}") from last


def _process(state: _State) -> Any:
    """The process that a state names, if it still is that one: numbers are used again."""
    try:
        import psutil
    except ImportError as error:
        raise MissingExtra("local", "The managed local server") from error
    child = _started.get(state.pid)
    if child and child.poll() is not None:
        _started.pop(state.pid, None)
        child = None
    try:
        process = psutil.Process(state.pid)
        if abs(process.create_time() - state.created) >= 0.1:
            return None
        # A process shows as a zombie while its last threads end; of a child we know whether it has ended.
        return None if child is None and process.status() == psutil.STATUS_ZOMBIE else process
    except psutil.NoSuchProcess:
        return None


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def _free_port(wanted: int, *, fresh: bool) -> int:
    for port in (0,) if fresh else (wanted, 0):
        with contextlib.suppress(OSError), socket.socket() as probe:
            if os.name != "nt":
                # As the server does: a port that was closed a moment ago is free.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            return int(probe.getsockname()[1])
    raise ServerStartError("no port is free on this machine")


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "it gave no reason")


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]


def _write_private(path: Path, text: str) -> None:
    """Write a file that only the owner can read, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    shutil.move(temporary, path)
