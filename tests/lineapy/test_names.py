"""Every class, field and method of LineaPy's own is ours too, under its name."""

from __future__ import annotations

import dataclasses
import enum
import inspect

import pytest
from lineapy.data import types as theirs
from lineapy.db import relational as their_tables
from lineapy.db.db import RelationalLineaDB as Patched

from lineage_graph import RelationalLineaDB, relational, types
from lineage_graph.integrations.lineapy_db import LineaPyDB

RECORDS = [name for name, _ in inspect.getmembers(theirs, inspect.isclass) if _.__module__ == theirs.__name__]
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
    assert set(other.__mapper__.columns.keys()) <= {field.name for field in dataclasses.fields(own)}


def test_lineapy_meets_our_class() -> None:
    assert Patched is LineaPyDB
    assert issubclass(LineaPyDB, RelationalLineaDB)
