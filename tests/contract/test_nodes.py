"""Nodes, their sessions and their source code: written, and read back complete and typed."""

from __future__ import annotations

import enum
import math
import sys
from typing import Any

import pytest

from tests.contract.conftest import Backend
from tests.contract.records import NOW, Records, new_id


def all_kinds(make: Records, session: Any, source: Any) -> dict[str, Any]:
    """A node of every kind, in the order in which a tracer writes them."""
    location = make.location(source)
    function, test = make.lookup(session), make.literal(session, True)
    unexecuted = make.literal(session, "x = 2")
    if_id, else_id = new_id(), new_id()
    if_ = make.node("IfNode", session, id=if_id, test_id=test.id, companion_id=else_id, unexec_id=None)
    call = make.node(
        "CallNode",
        session,
        function_id=function.id,
        positional_args=[make.positional(test.id), make.positional(unexecuted.id, starred=True)],
        keyword_args=[make.keyword("n", test.id)],
        global_reads={"limit": test.id},
        implicit_dependencies=[unexecuted.id],
        source_location=location,
        control_dependency=if_id,
    )
    return {
        "LookupNode": function,
        "LiteralNode": test,
        "unexecuted": unexecuted,
        "IfNode": if_,
        "ElseNode": make.node("ElseNode", session, id=else_id, companion_id=if_id, unexec_id=unexecuted.id),
        "ImportNode": make.node(
            "ImportNode", session, name="pandas", version="2.3.3", package_name="pandas", path="pandas/__init__.py"
        ),
        "CallNode": call,
        "MutateNode": make.node("MutateNode", session, source_id=test.id, call_id=call.id, source_location=location),
        "GlobalNode": make.node("GlobalNode", session, name="limit", call_id=call.id),
    }


KINDS = ["LookupNode", "LiteralNode", "IfNode", "ElseNode", "ImportNode", "CallNode", "MutateNode", "GlobalNode"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reader", ["writer", "other"])
def test_a_node_comes_back_as_it_was(backend: Backend, db: Any, make: Records, kind: str, reader: str) -> None:
    session, source = make.session(db), make.script()
    db.write_source_code(source)
    nodes = all_kinds(make, session, source)
    for node in nodes.values():
        db.write_node(node)
    if reader == "other":
        db.commit()
        db = backend.open()
    found = db.get_node_by_id(nodes[kind].id)
    assert type(found) is type(nodes[kind])
    assert found == nodes[kind]
    assert found.node_type is backend.types.NodeType[kind]
    if nodes[kind].source_location:
        # Source codes are equal by id, so their code is compared by itself.
        assert found.source_location.source_code.code == source.code
        assert found.source_location.source_code.location == source.location


def test_a_session_s_nodes_come_in_the_order_of_writing(backend: Backend, db: Any, make: Records) -> None:
    session, source = make.session(db), make.script()
    other = make.session(db)
    db.write_source_code(source)
    nodes = list(all_kinds(make, session, source).values())
    for node in nodes:
        db.write_node(node)
        make.written(db, other)
    assert db.get_nodes_for_session(session.id) == nodes
    db.commit()
    assert backend.open().get_nodes_for_session(session.id) == nodes
    assert [list(node.parents()) for node in db.get_nodes_for_session(session.id)] == [
        list(node.parents()) for node in nodes
    ]


@pytest.mark.parametrize(
    "value",
    [
        "",
        "text",
        "True",
        "None",
        "1",
        "a\0b",
        "line\nline\r\n\tend",
        "\u00e9\u4e2d\U0001f600\u202e\ufeff",
        "x" * 1_000_000,
        True,
        False,
        0,
        -7,
        2**63,
        10**40,
        0.1,
        -0.0,
        1e300,
        5e-324,
        math.inf,
        -math.inf,
        None,
        ...,
        b"",
        b"\x00\xff'\"",
    ],
    ids=lambda value: f"{type(value).__name__} {str(value)[:12]!a}",
)
def test_a_literal_keeps_its_type_and_value(db: Any, make: Records, value: Any) -> None:
    node = make.written(db, make.session(db), value)
    found = db.get_node_by_id(node.id).value
    assert type(found) is type(value)
    assert found == value
    assert repr(found) == repr(value)


def test_not_a_number_is_kept(db: Any, make: Records) -> None:
    assert math.isnan(db.get_node_by_id(make.written(db, make.session(db), math.nan).id).value)


def test_a_subclass_of_str_comes_back_as_str(db: Any, make: Records) -> None:
    class Name(str):
        pass

    found = db.get_node_by_id(make.written(db, make.session(db), Name("ada")).id).value
    assert (type(found), found) == (str, "ada")


def test_an_enumeration_s_number_keeps_its_value(backend: Backend, db: Any, make: Records) -> None:
    class Level(enum.IntEnum):
        HIGH = 3

    node = make.written(db, make.session(db), Level.HIGH)
    # From Python 3.11 on, the text of such a number is the number, so LineaPy reads it too.
    if backend.chose("int-enum") or sys.version_info >= (3, 11):
        assert db.get_node_by_id(node.id).value == 3
    else:
        with pytest.raises(ValueError, match="invalid literal"):
            db.get_node_by_id(node.id)


@pytest.mark.parametrize("value", [1j, (1, 2), [1], {}, object()], ids=lambda value: type(value).__name__)
def test_a_literal_of_another_type_is_refused_when_written(db: Any, make: Records, value: Any) -> None:
    session = make.session(db)
    with pytest.raises(NotImplementedError):
        db.write_node(make.literal(session, value))
    assert db.get_nodes_for_session(session.id) == []


def test_types_of_literals(backend: Backend) -> None:
    type_of = backend.database.get_type_of_literal_value
    values = {
        "String": "x",
        "Integer": 1,
        "Float": 1.0,
        "Boolean": True,
        "NoneType": None,
        "Ellipsis": ...,
        "Bytes": b"",
    }
    assert {name: type_of(value) for name, value in values.items()} == {
        name: backend.types.LiteralType[name] for name in values
    }
    with pytest.raises(NotImplementedError):
        type_of(1j)


def test_the_same_argument_twice_is_kept(db: Any, make: Records) -> None:
    session = make.session(db)
    function, a, b = make.lookup(session), make.literal(session), make.literal(session, 2)
    call = make.call(
        session,
        function.id,
        a.id,
        a.id,
        keyword_args=[make.keyword("**", a.id, starred=True), make.keyword("**", b.id, starred=True)],
        implicit_dependencies=[b.id, b.id],
    )
    for node in (function, a, b, call):
        db.write_node(node)
    found = db.get_node_by_id(call.id)
    assert [argument.id for argument in found.positional_args] == [a.id, a.id]
    assert sorted(argument.value for argument in found.keyword_args) == sorted([a.id, b.id])
    assert all(argument.key == "**" and argument.starred for argument in found.keyword_args)
    assert found.implicit_dependencies == [b.id, b.id]


def test_the_same_starred_keyword_argument_twice(backend: Backend, db: Any, make: Records) -> None:
    session = make.session(db)
    function, a = make.lookup(session), make.literal(session)
    keywords = [make.keyword("**", a.id, starred=True)] * 2
    for node in (function, a):
        db.write_node(node)
    call = make.call(session, function.id, keyword_args=keywords)
    if backend.chose("repeated-keyword"):
        db.write_node(call)
        assert db.get_node_by_id(call.id).keyword_args == keywords
    else:
        with pytest.raises(backend.save_error):
            db.write_node(call)


def test_the_order_of_what_a_call_was_given(backend: Backend, db: Any, make: Records) -> None:
    session = make.session(db)
    function = make.lookup(session)
    values = [make.literal(session, value) for value in range(8)]
    ids = [value.id for value in values]
    keywords = [make.keyword(f"k{7 - index}", id_) for index, id_ in enumerate(ids)]
    reads = {f"g{7 - index}": id_ for index, id_ in enumerate(ids)}
    call = make.call(
        session, function.id, *ids, keyword_args=keywords, global_reads=reads, implicit_dependencies=ids[::-1]
    )
    for node in (call, function, *values):
        db.write_node(node)
    found = db.get_node_by_id(call.id)
    assert [argument.id for argument in found.positional_args] == ids
    if backend.chose("order-of-arguments"):
        assert found.keyword_args == keywords
        assert list(found.global_reads.items()) == list(reads.items())
        assert found.implicit_dependencies == ids[::-1]
    else:
        assert sorted(found.keyword_args, key=lambda a: a.key) == sorted(keywords, key=lambda a: a.key)
        assert found.global_reads == reads
        assert sorted(found.implicit_dependencies) == sorted(ids)


def test_a_reference_may_come_before_its_node(backend: Backend, db: Any, make: Records) -> None:
    session = make.session(db)
    later = make.lookup(session)
    call = make.call(session, later.id)
    db.write_node(call)
    assert db.get_nodes_for_session(session.id) == [call]
    db.commit()
    other = backend.open()
    assert other.get_node_by_id(call.id) == call
    assert other.get_nodes_for_session(session.id) == [call]
    db.write_node(later)
    db.commit()
    assert other.get_nodes_for_session(session.id) == [call, later]


@pytest.mark.parametrize("size", [0, 1, 10_000_000])
def test_source_code_of_any_size(db: Any, make: Records, size: int) -> None:
    session = make.session(db)
    source = make.script(("é = 1  # \u4e2d\n" * (size // 12 + 1))[:size])
    node = make.literal(session, 1, source_location=make.location(source))
    db.write_source_code(source)
    db.write_node(node)
    assert db.get_source_code_for_session(session.id) == source.code
    assert db.get_node_by_id(node.id).source_location.source_code.code == source.code


def test_a_session_context_comes_back_as_it_was(backend: Backend, db: Any, make: Records) -> None:
    for kind, values in (("SCRIPT", {}), ("JUPYTER", {"session_name": "explore", "user_name": "ada"})):
        session = make.session(db, kind, **values)
        found = db.get_session_context(session.id)
        assert type(found) is backend.types.SessionContext
        assert found == session


def test_a_notebook_s_source_code_is_its_cells_in_the_order_of_execution(db: Any, make: Records) -> None:
    session = make.session(db, "JUPYTER")
    for count in (10, 2, 1):
        db.write_source_code(make.cell(session, count, f"cell {count}\n"))
    db.write_source_code(make.cell(make.session(db, "JUPYTER"), 3, "of another session\n"))
    assert db.get_source_code_for_session(session.id) == "cell 1\ncell 2\ncell 10\n"


def test_a_session_without_source_code_has_none(db: Any, make: Records) -> None:
    for kind in ("SCRIPT", "JUPYTER"):
        assert db.get_source_code_for_session(make.session(db, kind).id) == ""


def test_what_is_not_there(backend: Backend, db: Any) -> None:
    assert db.get_nodes_for_session(new_id()) == []
    for read in (db.get_node_by_id, db.get_session_context, db.get_source_code_for_session):
        if backend.chose("not-found"):
            with pytest.raises(LookupError, match="there is no"):
                read(new_id())
        else:
            with pytest.raises(Exception, match="No row was found"):
                read(new_id())


def test_stored_classes_become_typed_nodes(backend: Backend, db: Any) -> None:
    orm, types = backend.relational, backend.types
    source = orm.SourceCodeORM(id="s", code="x", path="train.py", jupyter_execution_count=None, jupyter_session_id=None)
    place = {
        "lineno": 1,
        "col_offset": 0,
        "end_lineno": 1,
        "end_col_offset": 1,
        "source_code": source,
        "source_code_id": "s",
    }
    base = {"id": "n", "session_id": "t"}
    call = orm.CallNodeORM(
        function_id="f",
        positional_args={
            orm.PositionalArgORM(index=1, arg_node_id="b", starred=True),
            orm.PositionalArgORM(index=0, arg_node_id="a", starred=False),
        },
        keyword_args={orm.KeywordArgORM(name="k", arg_node_id="c", starred=False)},
        global_reads={orm.GlobalReferenceORM(variable_name="g", variable_node_id="d", call_node_id="n")},
        implicit_dependencies={orm.ImplicitDependencyORM(index=0, arg_node_id="e")},
        **base,
        **place,
    )
    found = db.map_orm_to_pydantic(call)
    assert type(found) is types.CallNode
    assert [(argument.id, argument.starred) for argument in found.positional_args] == [("a", False), ("b", True)]
    assert [(argument.key, argument.value) for argument in found.keyword_args] == [("k", "c")]
    assert (found.global_reads, found.implicit_dependencies) == ({"g": "d"}, ["e"])
    assert (found.source_location.lineno, found.source_location.source_code.id) == (1, "s")
    others = {
        "LiteralNode": orm.LiteralNodeORM(value="3", value_type=types.LiteralType.Integer, **base),
        "ImportNode": orm.ImportNodeORM(name="pandas", version=None, package_name=None, path=None, **base),
        "LookupNode": orm.LookupNodeORM(name="load", **base),
        "MutateNode": orm.MutateNodeORM(source_id="a", call_id="c", **base),
        "GlobalNode": orm.GlobalNodeORM(name="g", call_id="c", **base),
        "IfNode": orm.IfNodeORM(test_id="a", companion_id=None, unexec_id=None, control_dependency="d", **base),
        "ElseNode": orm.ElseNodeORM(companion_id="a", unexec_id="b", **base),
    }
    typed = {kind: db.map_orm_to_pydantic(node) for kind, node in others.items()}
    assert {kind: type(node).__name__ for kind, node in typed.items()} == {kind: kind for kind in others}
    assert typed["LiteralNode"].value == 3
    assert (typed["IfNode"].test_id, typed["IfNode"].control_dependency) == ("a", "d")
    assert list(typed["ElseNode"].parents()) == ["a", "b"]


def test_every_class_of_the_reference_is_there(backend: Backend) -> None:
    orm = backend.relational
    made = [
        orm.SessionContextORM(id="1", creation_time=NOW),
        orm.ExecutionORM(id="1", timestamp=NOW),
        orm.BaseNodeORM(id="1"),
        orm.VariableNodeORM(id="1", variable_name="x"),
        orm.NodeValueORM(node_id="1", execution_id="2", value="path"),
        orm.ArtifactORM(node_id="1", execution_id="2", name="model", version=0),
        orm.PipelineORM(name="nightly"),
        orm.MLflowArtifactMetadataORM(
            artifact_id=1, backend="mlflow", tracking_uri="t", model_uri="m", model_flavor="sklearn"
        ),
    ]
    assert [type(one).__name__ for one in made] == [
        "SessionContextORM",
        "ExecutionORM",
        "BaseNodeORM",
        "VariableNodeORM",
        "NodeValueORM",
        "ArtifactORM",
        "PipelineORM",
        "MLflowArtifactMetadataORM",
    ]
    artifact = made[5]
    assert orm.ArtifactDependencyORM(post_artifact=artifact, pre_artifacts=set()).post_artifact is artifact
    if backend.chose("input-parameter-class"):
        assert orm.InputParameterORM(variable_name="rate").variable_name == "rate"
