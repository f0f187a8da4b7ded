"""The managed local server: a real Neo4j on this machine, started and stopped with one call.

A server's folder holds its data, its configuration, its log, and two files of ours: ``password``, which only the owner
can read, and ``server.json``, which describes its last start. Its process tells whether and where it runs
(`lineage_graph.server.processes`).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import filelock
from pydantic import BaseModel, SecretStr

from lineage_graph.errors import (
    ConfigurationError,
    LocalServerError,
    ServerNotRunning,
    ServerStartError,
    UnsupportedPlatform,
)
from lineage_graph.server import jars, processes, start_up_cache
from lineage_graph.server.folders import checked, default_folder, require_extra, usable, write_private
from lineage_graph.server.java import Java, environment, find_java
from lineage_graph.server.processes import Run
from lineage_graph.server.start_up_cache import StartUpCache
from lineage_graph.settings import ServerSettings

DEFAULT_VERSION = "2026.08.1"
"""The version of Neo4j that runs unless another one is asked for."""
USERNAME = "neo4j"
HOST = "127.0.0.1"
BOLT_PORT = 7687
HTTP_PORT = 7474
# The first stop records a cache that makes later starts fast, which takes long on a busy machine.
STOP_TIMEOUT = 120.0

# Seconds for an answer; and those that a start gives a server which has answered before, and does not now.
ANSWER_TIMEOUT = 5.0
SILENCE = 10.0

# Attempts of a start to find free ports that no other program takes first.
PORT_ATTEMPTS = 5

# Limits of memory, not reservations, for a server that shares the machine with its user's work.
HEAP = "1g"
PAGE_CACHE = "256m"

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
# For a program that ends within a second: Java's slower compiler is not worth its time there.
QUICK = "-XX:TieredStopAtLevel=1"


@dataclass(frozen=True)
class ServerInfo:
    """A running server: its addresses and credentials. No repr shows the password."""

    bolt_url: str
    browser_url: str
    username: str
    password: SecretStr
    version: str
    pid: int
    folder: Path


@dataclass(frozen=True)
class ServerStatus:
    """Whether the server of a folder runs and answers, and its addresses and credentials if it does.

    Attributes
    ----------
    running : bool
        Whether it answers.
    folder : Path
        The folder of its data.
    info : ServerInfo or None
        Its addresses and credentials, if it answers.
    pid : int or None
        Its process, which may be there and not answer: while it starts, or when its database has failed.
    """

    running: bool
    folder: Path
    info: ServerInfo | None = None
    pid: int | None = None

    @property
    def problem(self) -> str:
        """Why it cannot be used, and what to do; empty if it answers."""
        if self.running:
            return ""
        if self.pid is None:
            return f"no server runs in {self.folder}: start it with `lineage-graph server start`"
        return (
            f"the server in {self.folder} runs as process {self.pid} and does not answer: wait until it has started, "
            "or end it with `lineage-graph server stop` and start it again; what was committed is kept"
        )


class _LastStart(BaseModel):
    """The last start of a server: the contents of ``server.json``, kept for ports, version and recording."""

    pid: int
    version: str
    bolt_port: int
    http_port: int
    has_answered: bool = False


class _Answer(Enum):
    YES = "answers queries"
    REFUSAL = "refuses the password"
    NONE = "does not answer"


class LocalServer:
    """Neo4j Community on this machine, on loopback only, with its data in a folder.

    Parameters
    ----------
    folder : Path, optional
        The folder of its data; `default_folder` when left out.
    version : str, optional
        The version of Neo4j. When left out: LINEAGE_GRAPH_NEO4J_VERSION, or else `DEFAULT_VERSION`.

    Raises
    ------
    MissingExtra
        If the extra ``local`` is not installed.
    ConfigurationError
        If Java cannot open a folder of this name, or there is no folder for this user.
    """

    def __init__(self, folder: Path | None = None, *, version: str | None = None) -> None:
        require_extra()
        folder = folder or default_folder()
        try:
            folder = folder.expanduser()
        except RuntimeError as error:
            raise ConfigurationError(f"the folder {folder} begins at a home folder that does not exist") from error
        self.folder = checked("the server's folder (LINEAGE_GRAPH_HOME, or local:///folder)", folder.absolute())
        self.version = version or ServerSettings().neo4j_version or DEFAULT_VERSION
        self.log_path = self.folder / "logs" / "server.log"
        self._debug_log = self.folder / "logs" / "debug.log"

    def start(self, *, progress: bool = True, timeout: float = 120.0) -> ServerInfo:
        """Start the server unless it is running, and wait until it answers queries.

        The first start fetches Neo4j (some 170 MB) into the user's cache.

        Parameters
        ----------
        progress : bool
            Whether to show a progress bar on stderr during a fetch.
        timeout : float
            Seconds to wait for the first answer, without the time of a fetch.

        Raises
        ------
        DownloadError, UnsupportedPlatform, ServerStartError
        LocalServerError
            If the folder cannot be used.
        """
        jars.jars_of(self.version)  # refuses a version without a list
        if info := self._answering():
            return info
        with self._locked():
            if info := self._answering() or self._coming_up(timeout):
                return info
            self._check_folder_version()
            if holder := processes.holder(self.folder):
                raise ServerStartError(
                    f"the data in {self.folder} is in use by {holder}, which was not started here: stop that first"
                )
            java = find_java(self.version)
            lib = _fetch(self.version, progress)
            start_up_cache.keep_recordings(lib, self.folder, has_answered=self._has_answered())
            cache = self._start_up_cache(java, lib)
            try:
                return self._start(java, lib, cache, timeout)
            except _Ended as error:
                start_up_cache.keep_recordings(lib, self.folder, has_answered=False)
                # This finds damage since the last check; if there is none, the error is raised.
                is_cache_suspect = cache.used is not None and not error.has_reason
                if not jars.verify(self.version) and not is_cache_suspect:
                    raise
                _fetch(self.version, progress)
                is_dropped = not is_cache_suspect or cache.drop()
                cache = self._start_up_cache(java, lib) if is_dropped else StartUpCache([])
                return self._start(java, lib, cache, timeout)

    def _start(self, java: Java, lib: Path, cache: StartUpCache, timeout: float) -> ServerInfo:
        password = self._password() or self._set_password(java, lib, cache, timeout)
        for attempt in range(PORT_ATTEMPTS):
            logged = len(self._read(self._debug_log) or b"")
            run = self._launch(java, lib, cache, self._ports(fresh=attempt > 0))
            try:
                self._await(run, password, timeout, logged)
            except _PortTaken:
                start_up_cache.keep_recordings(lib, self.folder, has_answered=False)
                continue
            self._note_start(run, has_answered=True)
            return self._info(run, password)
        raise ServerStartError(
            f"the ports of the server in {self.folder} were taken while it started, {PORT_ATTEMPTS} times: try again"
        )

    def _coming_up(self, timeout: float) -> ServerInfo | None:
        """The server that an interrupted start has left, once it answers."""
        run, password = self._find(), self._password()
        if run is None:
            return None
        if password is None:
            raise ServerStartError(
                f"a server runs in {self.folder} as process {run.pid}, and the file {self.password_path} with its "
                "password is gone: write the password there, or end that process"
            )
        last = self._last_start()
        if last is not None and last.pid == run.pid and last.has_answered:
            return self._answering_again(run)
        try:
            self._await(run, password, timeout, len(self._read(self._debug_log) or b""))
        except (_Ended, _PortTaken):
            return None
        self._note_start(run, has_answered=True)
        return self._info(run, password)

    def _answering_again(self, run: Run) -> ServerInfo | None:
        """A server that was up and fell silent, once it answers; None if it ends."""
        deadline = time.monotonic() + SILENCE
        while processes.is_alive(run, self.folder):
            if info := self._answering():
                return info
            if time.monotonic() > deadline:
                problem = ServerStatus(False, self.folder, pid=run.pid).problem
                raise ServerStartError(f"{problem}. Its log is {self._debug_log}")
            time.sleep(0.1)
        return None

    def stop(self, timeout: float = STOP_TIMEOUT) -> None:
        """Stop the server in order. After the time-out (seconds), end it; its next start recovers everything committed.

        The first stop takes some seconds longer, since it records a cache that makes later starts fast.

        Raises
        ------
        ServerNotRunning
            If it does not run.
        LocalServerError
            If it is another user's.
        """
        if self._find() is None:
            raise ServerNotRunning(f"no server runs in {self.folder}")
        with self._locked():
            run = self._find()
            if run is None:
                raise ServerNotRunning(f"no server runs in {self.folder}")
            lib = processes.working_folder(run)
            try:
                processes.stop(run, self.folder, timeout)
            finally:
                if lib is not None and not processes.is_alive(run, self.folder):
                    start_up_cache.keep_recordings(lib, self.folder, has_answered=self._has_answered())

    def status(self) -> ServerStatus:
        """Whether the server runs and answers, and its addresses and credentials.

        Raises
        ------
        LocalServerError
            If the folder cannot be read.
        """
        run, password = self._find(), self._password()
        if run is None:
            return ServerStatus(False, self.folder)
        # It is up, whether or not it takes the password.
        if password is None or _ask(run, password) is _Answer.NONE:
            return ServerStatus(False, self.folder, pid=run.pid)
        return ServerStatus(True, self.folder, self._info(run, password), run.pid)

    def info(self) -> ServerInfo:
        """The addresses and credentials of the running server.

        Raises
        ------
        ServerNotRunning
        """
        state = self.status()
        if state.info is None:
            raise ServerNotRunning(state.problem)
        return state.info

    def logs(self, lines: int = 100) -> str:
        """The last lines of the server's log; empty if it was never started."""
        return "".join(self._log().splitlines(True)[-lines:])

    @property
    def password_path(self) -> Path:
        """The file with the password, which only the owner can read."""
        return self.folder / "password"

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Allow one start or stop at a time, among processes too."""
        try:
            with usable(self.folder):
                # Lineage holds source code, so only its owner may read it.
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                with filelock.FileLock(self.folder / "lock", timeout=300):
                    yield
        except filelock.Timeout as error:
            raise ServerStartError(
                f"another process has been starting or stopping {self.folder} for minutes"
            ) from error

    def _find(self) -> Run | None:
        last = self._last_start()
        return processes.find(self.folder, last.pid if last else None)

    def _answering(self) -> ServerInfo | None:
        """The server, if it is up and takes the password."""
        run, password = self._find(), self._password()
        if run is None or password is None:
            return None
        answer = _ask(run, password)
        if answer is _Answer.REFUSAL:
            raise self._refusal()
        return self._info(run, password) if answer is _Answer.YES else None

    def _refusal(self) -> ServerStartError:
        return ServerStartError(
            f"the server in {self.folder} runs, and refuses the password in its folder: was it changed? "
            f"Write the new one to {self.password_path}"
        )

    def _info(self, run: Run, password: str) -> ServerInfo:
        return ServerInfo(
            bolt_url=f"bolt://{HOST}:{run.bolt_port}",
            browser_url=f"http://{HOST}:{run.http_port}/browser/",
            username=USERNAME,
            password=SecretStr(password),
            version=run.version,
            pid=run.pid,
            folder=self.folder,
        )

    def _read(self, path: Path) -> bytes | None:
        with usable(self.folder):
            try:
                return path.read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def _last_start(self) -> _LastStart | None:
        try:
            return _LastStart.model_validate_json(self._read(self.folder / "server.json") or b"")
        except ValueError:
            return None

    def _password(self) -> str | None:
        try:
            return (self._read(self.password_path) or b"").decode("utf-8").strip() or None
        except UnicodeDecodeError as error:
            raise LocalServerError(f"{self.password_path} holds no text: write the server's password there") from error

    def _check_folder_version(self) -> None:
        last = self._last_start()
        if last and _numbers(last.version) > _numbers(self.version):
            raise ServerStartError(
                f"the data in {self.folder} was last used by Neo4j {last.version}, which is newer than "
                f"{self.version}: start that version, or use another folder"
            )

    def _set_password(self, java: Java, lib: Path, cache: StartUpCache, timeout: float) -> str:
        """Set the password before the server first runs, so that the default one is never valid."""
        if (self.folder / "data" / "databases").is_dir():
            raise ServerStartError(
                f"{self.folder} holds data, and the file {self.password_path} with its password is missing or empty: "
                "write the password there"
            )
        password = secrets.token_urlsafe(24)
        self._write_configuration(BOLT_PORT, HTTP_PORT)
        arguments = self.folder / "password.args"
        # In a file that only the owner can read, since all users can read command lines; after "--", since it may begin
        # with -.
        write_private(
            arguments,
            _java_arguments(
                *_java_options(),
                *(cache.options if cache.used else ()),
                QUICK,
                "-cp",
                _class_path(self.version, lib),
                "org.neo4j.cli.AdminTool",
                "dbms",
                "set-initial-password",
                "--",
                password,
            ),
        )
        try:
            done = subprocess.run(
                [java.program, f"@{arguments}"],
                cwd=lib,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ServerStartError(f"the server's password could not be set within {timeout:.0f} s") from error
        except OSError as error:
            raise _unusable(java, error) from error
        finally:
            arguments.unlink()
        if done.returncode:
            reason = _reason(done.stdout.decode("utf-8", errors="replace"), done.returncode)
            raise _Ended(f"the server's password could not be set: {reason.replace(password, '***')}")
        write_private(self.password_path, password + "\n")
        return password

    def _environment(self) -> dict[str, str]:
        return environment() | {"NEO4J_HOME": str(self.folder), "NEO4J_CONF": str(self.folder / "conf")}

    def _start_up_cache(self, java: Java, lib: Path) -> StartUpCache:
        names = [jar.file_name for jar in jars.jars_of(self.version)]
        return start_up_cache.choose(java, self.version, lib, names, _java_options(), self.folder)

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
            # Some versions do not know all of these.
            "server.config.strict_validation.enabled": "false",
            # No other client is connected when the server stops, so there is nothing to wait for.
            "internal.dbms.bolt.netty_server_shutdown_quiet_period_duration": "0s",
            "internal.server.bolt.connection_shutdown_wait_time": "1s",
            "internal.server.bolt.thread_pool_shutdown_wait_time": "1s",
        }
        text = "".join(f"{name}={value}\n" for name, value in settings.items())
        (conf / "neo4j.conf").write_text(text, encoding="utf-8")

    def _ports(self, *, fresh: bool) -> tuple[int, int]:
        """Two free ports: those of the last start if they are free, or else the usual ones, or else any."""
        last = self._last_start()
        wanted = (last.bolt_port, last.http_port) if last else (BOLT_PORT, HTTP_PORT)
        with contextlib.ExitStack() as held:
            # Both are held open, so that they differ.
            bolt_port, http_port = (_free_port(port, held, fresh=fresh) for port in wanted)
            return bolt_port, http_port

    def _launch(self, java: Java, lib: Path, cache: StartUpCache, ports: tuple[int, int]) -> Run:
        self._write_configuration(*ports)
        self.log_path.parent.mkdir(exist_ok=True)
        arguments = self.folder / "java.args"
        write_private(
            arguments,
            _java_arguments(
                *_java_options(),
                *cache.options,
                "-cp",
                _class_path(self.version, lib),
                _main_class(self.version),
                f"--home-dir={self.folder}",
                f"--config-dir={self.folder / 'conf'}",
                "--console-mode",
            ),
        )
        try:
            run = processes.launch(
                self.folder,
                java=java.program,
                arguments=arguments,
                version=self.version,
                ports=ports,
                cwd=lib,
                env=self._environment(),
                log=self.log_path,
            )
        except OSError as error:
            raise _unusable(java, error) from error
        self._note_start(run, has_answered=False)
        return run

    def _note_start(self, run: Run, *, has_answered: bool) -> None:
        last = _LastStart(
            pid=run.pid,
            version=run.version,
            bolt_port=run.bolt_port,
            http_port=run.http_port,
            has_answered=has_answered,
        )
        write_private(self.folder / "server.json", last.model_dump_json())

    def _has_answered(self) -> bool:
        last = self._last_start()
        return last is not None and last.has_answered

    def _await(self, run: Run, password: str, timeout: float, logged: int) -> None:
        """Wait for the first answer. Look for the failure of a database after this many bytes of Neo4j's log."""
        deadline = time.monotonic() + timeout
        next_look = 0.0
        while (answer := _ask(run, password)) is not _Answer.YES:
            if self._has_failed(run):
                raise self._why_ended(run)
            if answer is _Answer.REFUSAL:
                raise self._refusal()
            if time.monotonic() > next_look:
                next_look = time.monotonic() + 1
                if reason := _database_failure((self._read(self._debug_log) or b"")[logged:]):
                    processes.kill(run)
                    raise ServerStartError(f"Neo4j cannot open its data: {reason}; its log is {self._debug_log}")
            if time.monotonic() > deadline:
                processes.kill(run)
                raise ServerStartError(f"Neo4j did not come up within {timeout:.0f} s; its log is {self.log_path}")
            time.sleep(0.03)

    def _has_failed(self, run: Run) -> bool:
        """Whether a start has failed; the process may still record its cache for 15 seconds."""
        if not processes.is_alive(run, self.folder):
            return True
        if not _FAILED.search(self._log()):
            return False
        # The log gets the reason a moment later.
        time.sleep(0.5)
        processes.kill(run)
        return True

    def _log(self) -> str:
        return (self._read(self.log_path) or b"").decode("utf-8", errors="replace")

    def _why_ended(self, run: Run) -> ServerStartError:
        log = self._log()
        if "Address already in use" in log or "BindException" in log:
            return _PortTaken(f"the ports of the server in {self.folder} were taken while it started")
        if "locked by another process" in log and (holder := processes.holder(self.folder, patience=0)):
            return ServerStartError(f"the data in {self.folder} is in use by {holder}: stop that first")
        ended = _Ended(
            f"Neo4j ended while it started: {_reason(log, processes.end_of(run))}; its log is {self.log_path}"
        )
        ended.has_reason = _FAILED.search(log) is not None
        return ended


class _PortTaken(ServerStartError):
    """Another program has taken the ports first."""


class _Ended(ServerStartError):
    """Java ended by itself. If Neo4j gave no reason, a damaged file may be the cause."""

    has_reason = False


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


def _class_path(version: str, lib: Path) -> str:
    return os.pathsep.join(jars.class_path(version, lib))


def _main_class(version: str) -> str:
    line = "CommunityEntryPoint" if version.startswith("5.") else "Neo4jCommunity"
    return f"org.neo4j.server.{line}"


def _java_options() -> tuple[str, ...]:
    # Of two that contradict each other, Java takes the last.
    return (*JAVA_OPTIONS, *ServerSettings().java_options)


def _java_arguments(*arguments: str) -> str:
    """The text of a Java argument file: one quoted argument a line (JDK tool specification, "java")."""
    escapes = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f"})
    return "".join(f'"{argument.translate(escapes)}"\n' for argument in arguments)


def _ask(run: Run, password: str) -> _Answer:
    """Ask a server with a password, if the process at its port is its own."""
    import neo4j
    from neo4j.exceptions import DriverError, Neo4jError

    if not processes.listens(run):
        return _Answer.NONE
    with neo4j.GraphDatabase.driver(
        f"bolt://{HOST}:{run.bolt_port}",
        auth=(USERNAME, password),
        connection_timeout=ANSWER_TIMEOUT,
        connection_acquisition_timeout=ANSWER_TIMEOUT,
        max_transaction_retry_time=0,
    ) as driver:
        try:
            driver.execute_query("RETURN 1", database_="neo4j")
        except Neo4jError as error:
            # Neo4j also refuses the right password for a while after wrong ones.
            is_refused = (error.code or "").startswith("Neo.ClientError.Security.")
            return _Answer.REFUSAL if is_refused else _Answer.NONE
        except DriverError:
            return _Answer.NONE
    return _Answer.YES


def _unusable(java: Java, error: OSError) -> UnsupportedPlatform:
    return UnsupportedPlatform(
        f"the Java at {java.program} cannot be run ({error.strerror}): set LINEAGE_GRAPH_JAVA_HOME to another"
    )


# The line that Neo4j logs before the reason of a failed start.
_FAILED = re.compile(r"^\S+ \S+ ERROR +Failed to start", re.MULTILINE)
_CAUSE = re.compile(r"^Caused by: (?:[\w$]+\.)*(.*)")
_LOGGED = re.compile(r"^\S+ \S+ ERROR +(?:\[[^]]*\] *)*(.*)")
_OF_JAVA = re.compile(r"^(?:Error|Unrecognized|Invalid|Could not|There is insufficient|Exception)\b.*")


def _reason(log: str, code: int | None) -> str:
    """The reason why Neo4j or Java ended, in one line of its log: the innermost cause, or else the last error."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    causes = [found[1] or line for line in lines if (found := _CAUSE.match(line))]
    logged = [found[1] for line in lines if (found := _LOGGED.match(line)) and found[1]]
    of_java = " ".join(line for line in lines if _OF_JAVA.match(line))
    for reason in (*causes[-1:], *logged[:1], of_java, *lines[-1:]):
        if reason:
            return reason[:400]
    if code is not None and code < 0:
        return f"it was ended by {signal.Signals(-code).name}, as the system does when memory runs out"
    return "it gave no reason" + ("" if code is None else f" (exit status {code})")


def _database_failure(log: bytes) -> str | None:
    """The reason why a database did not start, from Neo4j's debug.log: lines of JSON, or in 5.26 plain text."""
    _, found, rest = log.decode("utf-8", errors="replace").partition("Failed to start DatabaseId")
    if not found:
        return None
    line, _, following = rest.partition("\n")
    if '"stacktrace":"' in line:
        with contextlib.suppress(ValueError):
            following = str(json.loads('"' + line.partition('"stacktrace":"')[2].rpartition('"')[0] + '"'))
    trace = [line for line in following.splitlines() if line.startswith(("\t", "Caused by", "java."))]
    return _reason("\n".join(trace), None)


def _free_port(wanted: int, held: contextlib.ExitStack, *, fresh: bool) -> int:
    for port in (0,) if fresh else (wanted, 0):
        probe = held.enter_context(socket.socket())
        with contextlib.suppress(OSError, OverflowError):
            if os.name != "nt":
                # As the server does: a recently closed port counts as free.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            return int(probe.getsockname()[1])
    raise ServerStartError("no port is free on this machine")


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]
