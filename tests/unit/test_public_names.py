import inspect

import lineage_graph
from lineage_graph import errors, relational, types
from lineage_graph.errors import LineageGraphError


def test_the_package_keeps_its_promise() -> None:
    for name in lineage_graph.__all__:
        assert hasattr(lineage_graph, name)


def test_every_stored_class_of_the_reference_is_there() -> None:
    wanted = """ArtifactDependencyORM ArtifactORM BaseNodeORM CallNodeORM ElseNodeORM ExecutionORM GlobalNodeORM
        GlobalReferenceORM IfNodeORM ImplicitDependencyORM ImportNodeORM InputParameterORM KeywordArgORM
        LiteralNodeORM LookupNodeORM MutateNodeORM NodeValueORM PipelineORM PositionalArgORM SessionContextORM
        SourceCodeORM VariableNodeORM MLflowArtifactMetadataORM"""
    for name in wanted.split():
        assert inspect.isclass(getattr(relational, name)), name


def test_every_data_type_is_there() -> None:
    wanted = """SessionContext Execution SourceCode JupyterCell SourceLocation ImportNode CallNode LiteralNode
        LookupNode MutateNode GlobalNode IfNode ElseNode NodeValue Artifact PositionalArgument KeywordArgument"""
    for name in wanted.split():
        assert inspect.isclass(getattr(types, name)), name


def test_every_error_is_in_one_tree_and_drawn_in_its_docstring() -> None:
    for name, error in inspect.getmembers(errors, inspect.isclass):
        assert issubclass(error, (LineageGraphError, Warning))
        assert name in (errors.__doc__ or "")
        assert error.__doc__
