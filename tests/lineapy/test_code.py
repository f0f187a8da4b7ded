"""`Lineage.code` gives LineaPy's own `get_code`, byte for byte, and what it corrects runs."""

from __future__ import annotations

import itertools
import random
import warnings
from collections.abc import Iterator
from typing import Any

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
from tests.lineapy.conftest import Workplace

pytestmark = pytest.mark.one_python

OPTIONS = ("use_lineapy_serialization", "keep_lineapy_save", "include_non_slice_as_comment")


def tolerant(code: str) -> str:
    """LineaPy's own layout, which raises where the slice is not Python: there, the code as it is."""
    try:
        laid_out: str = prettify(code)
    except black.InvalidInput:
        return code
    return laid_out


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


def random_program(seed: int) -> tuple[str, list[str]]:
    """A program with branches, loops, functions and changes in place, and the names of its results."""
    chance = random.Random(seed)
    lines = ["import lineapy", "import math", "def twice(x):", "    return [2 * each for each in x]"]
    names: list[str] = []
    for number in range(12):
        name = f"v{number}"
        known = chance.choice(names) if names else None
        other = chance.choice(names) if names else None
        forms = [[f"{name} = [{chance.randint(0, 9)}]"]]
        if known:
            forms += [
                [f"{name} = {known} + {other}"],
                [f"{name} = twice({known})"],
                [f"{name} = [math.floor(len({known}) / 2)]"],
                [f"{name} = list({known})", f"{name}.append(len({other}))"],
                [f"{name} = [0]", f"if len({known}) > {chance.randint(0, 3)}:", f"    {name} = list({other})",
                 "else:", f"    {name} = {known} + [1]"],
                [f"{name} = []", f"for each in {known}:", f"    {name}.append(each)"],
                [f"{name} = [1]", f"if len({known}) > {chance.randint(0, 3)}:", f"    {name}.append(7)"],
                [f"{known}.append({chance.randint(0, 9)})", f"{name} = list({known})"],
            ]  # fmt: skip
        lines += chance.choice(forms)
        names.append(name)
    lines += [f'lineapy.save({name}, "{name}")' for name in names]
    return "\n".join(lines) + "\n", names


def values_of(code: str, names: list[str]) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    exec("\n".join(line for line in code.split("\n") if not line.startswith(("import lineapy", "lineapy."))), scope)
    return {name: scope[name] for name in names}


def test_the_code_of_random_programs_is_lineapys_and_runs_when_corrected(
    workplace: Workplace, db: RelationalLineaDB, lineage: Lineage, capsys: pytest.CaptureFixture[str]
) -> None:
    source = workplace.folder / "random.sqlite"
    compared = ran = 0
    for seed in range(3):
        source.unlink(missing_ok=True)
        code, names = random_program(seed)
        workplace.write("program.py", code)
        workplace.run("lineapy", "python", "program.py", LINEAPY_DATABASE_URL=f"sqlite:///{source}")
        import_lineapy(str(source), db)
        compared += codes_of(str(source), lineage)
        wanted = values_of(code, names)
        for name in names:
            corrected = lineage.code(name, corrected=True).text
            assert values_of(corrected, [name])[name] == wanted[name], (seed, name, corrected)
            ran += 1
        for name in names:
            db.delete_artifact_by_name(name, "all")
        db.commit()
    with capsys.disabled():
        print(f"\n{compared} codes compared with LineaPy's, {ran} corrected ones run")
