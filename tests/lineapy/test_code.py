"""`Lineage.code` gives LineaPy's own `get_code`, byte for byte, and what it corrects runs."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import black
    from lineapy.api.models import linea_artifact
    from lineapy.graph_reader import program_slice
    from lineapy.utils.utils import prettify

from lineapy.db.db import RelationalLineaDB as LineaPyDB

from lineage_graph import RelationalLineaDB
from lineage_graph.importers.lineapy import import_lineapy
from lineage_graph.lineage import Lineage
from tests.conftest import EXAMPLE_DATABASE

OPTIONS = ("use_lineapy_serialization", "keep_lineapy_save", "include_non_slice_as_comment")


def tolerant(code: str) -> str:
    """LineaPy's own layout, which raises where the slice is not Python: there, the code as it is."""
    try:
        return prettify(code)
    except black.InvalidInput:
        return code


def codes_of(source: str, lineage: Lineage) -> int:
    """Compare the code of every artifact of a LineaPy database, with every option; how many were compared."""
    theirs = LineaPyDB(f"sqlite:///{source}")
    count = 0
    for orm in theirs.get_all_artifacts():
        artifact = linea_artifact.LineaArtifact.get_artifact_from_orm(theirs, orm)
        for values in itertools.product((True, False), repeat=len(OPTIONS)):
            options = dict(zip(OPTIONS, values, strict=True))
            ours = lineage.code(f"{orm.name}@{orm.version}", **options)
            assert ours.text == artifact.get_code(**options), (orm.name, orm.version, options)
            count += 1
    theirs.close()
    return count


@pytest.fixture
def lineage(db: RelationalLineaDB) -> Iterator[Lineage]:
    with Lineage(db) as lineage:
        yield lineage


@pytest.fixture(autouse=True)
def _tolerant(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (linea_artifact, program_slice):
        monkeypatch.setattr(module, "prettify", tolerant)


def test_the_code_of_every_example_is_lineapys(
    db: RelationalLineaDB, lineage: Lineage, capsys: pytest.CaptureFixture[str]
) -> None:
    import_lineapy(str(EXAMPLE_DATABASE), db)
    count = codes_of(str(EXAMPLE_DATABASE), lineage)
    assert count == 20 * 8
    with capsys.disabled():
        print(f"\n{count} codes compared with LineaPy's")
