"""docs/reference/parity.md says what is so: every method and class is in it, and what it names is there."""

from __future__ import annotations

import re
from pathlib import Path

from lineage_graph import RelationalLineaDB, relational

REPOSITORY = Path(__file__).resolve().parent.parent.parent
DOCUMENT = (REPOSITORY / "docs" / "reference" / "parity.md").read_text(encoding="utf-8")
TESTS = "\n".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "tests").rglob("test_*.py"))

# Beside LineaPy's API, and documented where they belong.
OUR_OWN = {
    "get_implicit_dependencies",
    "read_value",
    "save_as_next_version",
    "store",
    "transaction",
    "unit_of_work",
    "values",
    "write_artifact_read",
    "write_value",
}


def test_every_test_that_it_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", DOCUMENT))
    assert len(named) > 40
    assert named <= set(re.findall(r"^def (test_\w+)\(", TESTS, re.MULTILINE))


def test_every_method_and_class_is_in_it() -> None:
    methods = {name for name in vars(RelationalLineaDB) if not name.startswith("_")} - OUR_OWN
    classes = {name for name in vars(relational) if name.endswith("ORM") and name != "NodeORM"}
    missing = {name for name in methods | classes if not re.search(rf"`{name}\b", DOCUMENT)}
    assert missing == set()


def test_every_difference_is_tested_and_every_tested_one_is_named() -> None:
    differences = DOCUMENT.partition("## Differences")[2].partition("## Quirks")[0]
    named = set(re.findall(r"^\| `([a-z0-9-]+)` \|", differences, re.MULTILINE))
    assert named == set(re.findall(r'chose\("([a-z0-9-]+)"\)', TESTS))
