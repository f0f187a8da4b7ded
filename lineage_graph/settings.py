"""Settings from the environment.

The database's address is read as cypher-shell reads it (NEO4J_URI, NEO4J_USERNAME, NEO4J_PASSWORD,
NEO4J_DATABASE); everything else begins with LINEAGE_GRAPH_.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class DatabaseSettings(BaseSettings):
    """Where the database is, and who we are there."""

    model_config = SettingsConfigDict(env_prefix="NEO4J_", extra="ignore")

    uri: str = Field("local:", description="bolt://, neo4j:// (also +s, +ssc) or local:")
    username: str | None = None
    password: SecretStr | None = None
    database: str | None = None


class ClientSettings(BaseSettings):
    """How patient the client is, in seconds, and how much it keeps before it sends."""

    model_config = SettingsConfigDict(env_prefix="LINEAGE_GRAPH_", extra="ignore")

    connection_timeout: float = Field(15.0, gt=0, description="for opening a connection")
    retry_timeout: float = Field(30.0, ge=0, description="for retrying what may be retried")
    transaction_timeout: float = Field(
        300.0, gt=0, description="for one transaction: how long it waits for others at the most, and others for it"
    )
    liveness_check_timeout: float = Field(
        30.0, ge=0, description="a connection idle for longer is tested before it is used"
    )
    batch_size: int = Field(10_000, ge=1, description="rows that one statement writes at the most")
    pending_limit: int = Field(50_000, ge=1, description="writes kept in memory before they go to the open transaction")
    spool: Path | None = Field(None, description="a folder where commits are kept while the server is away")
    read_cache_size: int = Field(
        64_000_000, ge=0, description="characters of committed records kept, so that they are read once; 0: none"
    )


class ValueSettings(BaseSettings):
    """Where values are kept, and how."""

    model_config = SettingsConfigDict(env_prefix="LINEAGE_GRAPH_VALUES_", extra="ignore")

    url: str | None = Field(None, description="a folder, or a URL of fsspec's; the user's data folder when left out")
    options: dict[str, Any] = Field({}, description="what fsspec hands to the file system, as JSON")
    allow_pickle: bool = Field(False, description="whether pickles may be written and loaded")
    grace_hours: float = Field(1.0, ge=0, description="a value put more recently is not deleted")
    lineapy_folder: str | None = Field(None, description="where LineaPy keeps the values that it records by file name")


class TracingSettings(BaseSettings):
    """How LineaPy traces."""

    model_config = SettingsConfigDict(env_prefix="LINEAGE_GRAPH_", extra="ignore")

    tracer: Literal["lineage-graph", "lineapy"] = Field(
        "lineage-graph", description="what records a block; LineaPy's own tracer runs on Python 3.10 only"
    )
