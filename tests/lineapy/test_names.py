"""Every class, field and method of LineaPy's own is ours too, under its name."""

from __future__ import annotations

import dataclasses
import enum
import inspect

import pytest
from lineapy.data import types as theirs
from lineapy.db import relational as their_tables

from lineage_graph import relational, types

# What LineaPy hands about between its own functions, and stores nowhere.
NOT_STORED = {
    "ARTIFACT_STORAGE_BACKEND",
    "ArtifactInfo",
    "AssignedVariable",
    "LineaArtifactDef",
    "LineaArtifactInfo",
    "MLflowArtifactInfo",
    "PipelineType",
}
# The ends of a link, which are relationships in the graph.
LINKS = {"ArtifactDependencyORM": {"pipeline_id", "post_artifact_id"}}

pytestmark = pytest.mark.one_python

RECORDS = [
    name
    for name, found in inspect.getmembers(theirs, inspect.isclass)
    if found.__module__ == theirs.__name__ and name not in NOT_STORED
]
TABLES = [mapper.class_.__name__ for mapper in their_tables.Base.registry.mappers]


@pytest.mark.parametrize("name", RECORDS)
def test_a_data_type_has_lineapy_s_fields_or_members(name: str) -> None:
    own, other = getattr(types, name), getattr(theirs, name)
    if issubclass(other, enum.Enum):
        assert list(own.__members__) == list(other.__members__)
    else:
        assert set(other.__fields__) <= set(own.model_fields)


@pytest.mark.parametrize("name", TABLES)
def test_a_stored_class_has_lineapy_s_columns(name: str) -> None:
    own, other = getattr(relational, name), getattr(their_tables, name)
    assert set(other.__mapper__.columns.keys()) - LINKS.get(name, set()) <= {
        field.name for field in dataclasses.fields(own)
    }
