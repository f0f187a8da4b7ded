"""Resolves the URL of a database to an address and credentials.

Messages show only the scheme and host of a URL: if the password is not percent-encoded, a piece of it may be in any
other part.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from lineage_graph.errors import ConfigurationError
from lineage_graph.settings import DatabaseSettings

SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")

_ENCODE = "percent-encode the user name and the password: # as %23, / as %2F, ? as %3F, @ as %40, % as %25"


@dataclass(frozen=True)
class Target:
    """An address and credentials. The password is never shown.

    Attributes
    ----------
    uri : str
        Scheme, host and port, which messages may show.
    username, password, database : str or None
        None if neither the URL nor the environment has it.
    routing : str
        The query of a ``neo4j://`` URL, which chooses the server's routing policy.
    """

    uri: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    database: str | None = None
    routing: str = field(default="", repr=False)

    @property
    def full_uri(self) -> str:
        """The URI for the driver."""
        return f"{self.uri}?{self.routing}" if self.routing else self.uri


def scheme_of(url: object) -> str:
    """The scheme of a URL in lower case; empty if there is none, or if the value is not text."""
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", url) if isinstance(url, str) else None
    return found[1].lower() if found else ""


def resolve_url(url: str) -> Target:
    """The server of a URL. For ``local:`` this starts the managed local server.

    Parameters
    ----------
    url : str
        ``bolt://[user:password@]host[:port][/database]``, likewise ``neo4j://`` and the ``+s`` and ``+ssc``
        variants; or ``local:`` or ``local:///some/folder``. User name and password are percent-encoded. What the
        URL leaves out is taken from NEO4J_USERNAME, NEO4J_PASSWORD and NEO4J_DATABASE.

    Raises
    ------
    ConfigurationError
        If the URL is none of these.
    LocalServerError
        If the local server cannot be started.
    """
    if not isinstance(url, str) or not url:
        raise ConfigurationError("the database URL is empty: give bolt://host:port, neo4j://host:port or local:")
    if scheme_of(url) == "local":
        from lineage_graph.server import LocalServer, folder_from_url

        server = LocalServer(folder_from_url(url)).start()
        return Target(server.bolt_url, server.username, server.password.get_secret_value())
    parts, port = _split(url)
    settings = DatabaseSettings()
    password = settings.password.get_secret_value() if settings.password else None
    host = parts.hostname or ""
    address = f"[{host}]" if ":" in host else host
    return Target(
        uri=f"{parts.scheme}://{address}{f':{port}' if port else ''}",
        username=_decoded(parts.username) or settings.username,
        password=_decoded(parts.password) or password,
        database=_decoded(parts.path.strip("/")) or settings.database,
        routing=parts.query,
    )


def check_url(url: str) -> None:
    """Refuse a URL that `resolve_url` would refuse; nothing is started or connected.

    Raises
    ------
    ConfigurationError
    """
    if scheme_of(url) == "local":
        from lineage_graph.server import folder_from_url

        folder_from_url(url)
    else:
        resolve_url(url)


def environment_url() -> str:
    """The URL that NEO4J_URI holds, or that of the managed local server.

    Raises
    ------
    ConfigurationError
        If NEO4J_URI cannot be used.
    """
    url = DatabaseSettings().uri
    try:
        check_url(url)
    except ConfigurationError as error:
        raise ConfigurationError(f"NEO4J_URI cannot be used: {error}") from None
    return url


def _split(url: str) -> tuple[SplitResult, int | None]:
    """The parts of a URL, and its port; an invalid URL is refused."""
    if re.search(r"[\x00-\x20\x7f]", url):
        raise ConfigurationError(f"the database URL holds a blank or a control character: {_ENCODE}")
    parts: SplitResult | None = None
    host = port = None
    # The error of the standard library shows the piece that it could not read, so it must not become our context.
    with suppress(ValueError):
        split = urlsplit(url)
        host, port = split.hostname, split.port
        parts = split
    if parts is None or re.search(r"[\[\]].*@", parts.netloc):
        raise ConfigurationError(f"the database URL has a port or a host that cannot be read: {_ENCODE}")
    if parts.scheme not in SCHEMES:
        named = f"{parts.scheme}:" if re.match(r"[A-Za-z0-9+.-]+://", url) else "no scheme"
        raise ConfigurationError(
            f"a database URL begins with {', '.join(f'{scheme}://' for scheme in SCHEMES)} or local:, not with {named}"
        )
    if "@" in parts.path + parts.query + parts.fragment:
        raise ConfigurationError(f"the database URL has an @ behind its host, so its password was cut: {_ENCODE}")
    if parts.fragment or url.endswith("#"):
        raise ConfigurationError(f"the database URL has a #, which none has: {_ENCODE}")
    if not host:
        raise ConfigurationError("the database URL names no host")
    if port == 0:
        raise ConfigurationError("the database URL names port 0, and no server has that")
    if "/" in parts.path.strip("/"):
        raise ConfigurationError("the database URL names more than one database: bolt://host:port/database")
    _check_routing(parts)
    return parts, port


def _check_routing(parts: SplitResult) -> None:
    """Refuse a query that the driver would refuse, since the driver's message would show it."""
    if not parts.query:
        return
    if not parts.scheme.startswith("neo4j"):
        raise ConfigurationError("the database URL has a ?, and only neo4j:// URLs have one")
    pairs = [pair.partition("=") for pair in parts.query.split("&")]
    keys = [key for key, _, value in pairs if value]
    if len(keys) != len(pairs) or len(set(keys)) != len(keys) or not all(keys) or "address" in keys:
        raise ConfigurationError("the query of the database URL is none that a cluster understands: ?name=value&…")


def _decoded(text: str | None) -> str | None:
    return unquote(text) if text else None
