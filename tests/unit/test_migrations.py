"""Migrations stay as they were released, and their layout doesn't matter to databases that have them."""

from __future__ import annotations

import hashlib

import pytest

from lineage_graph.graph import statements
from lineage_graph.store import migrations

# Of each file: the SHA-256 of its bytes, and the checksum that databases record. Neither ever changes.
RELEASED = {
    "V001__keys_and_indexes": (
        "0d731cedbb11b3f4fb16ac3890bf4d1a117a0a94821c2db3036d89553cc03392",
        "260c4e4af9e13903e1f7d2406d7a0df5100e71d69282fd11895868224b59608d",
    ),
    "V002__value_location": (
        "4da522f3e0699cf3f6887609c340529f5a195eafe7ef805fe91e1c6714c6005d",
        "0ab0363c02217f48eecda93f9571296f3ea589d61964d719aac494916d2b0ce1",
    ),
    "V003__imports_of_session": (
        "0f89013bb6aa5f0bf33ecea40c368db059424d5ba140738a36665bf234aa8e77",
        "0c9b7f08549d2a5f2c0dec7cc9c5045f8877e1777330a9bf444e4b48e8281751",
    ),
    "V004__captions": (
        "494d5e2974f1e15dee9c37ebaeefcc609521fde472316fe04afe6ab9cab01318",
        "329a514f0a001269514c179906ada2cea35ddf20890c27f87e09b3d28217aaed",
    ),
    "V005__libraries_without_a_version": (
        "479d75936e1efbc2f49c19ef56792119c529920d9352ef502b6c3ad3cc4d079b",
        "fa4c466591e06662e2192b7b7262d69e3fc3c832c5cbbfc22f3df1562605cb4d",
    ),
    "V006__lineage_questions": (
        "b4d8a9a7d3951b2a7325d103f8071d5add7810205fcf6b1c97ee2627f8cdcff7",
        "710fe0e61006faf0f70b31805af241be0f0a4e8741293e5075b95e6c04e8cd63",
    ),
}

TEXT = """\
// Why; and how.
CREATE INDEX one IF NOT EXISTS
FOR (node:Node)
ON (node.name);

MATCH (node:Node {name: "a; b // c"})
SET node.`odd name` = 'it\\'s'
"""


def test_released_files_are_as_they_were() -> None:
    found = {
        file.name.removesuffix(".cypher"): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in (statements.root() / "migrations").iterdir()
    }
    assert found == {name: of_bytes for name, (of_bytes, _) in RELEASED.items()}


def test_databases_recognise_released_migrations() -> None:
    found = {f"V{m.version:03}__{m.name}": m.checksum for m in migrations.migrations()}
    assert found == {name: checksum for name, (_, checksum) in RELEASED.items()}


def test_a_migration_recorded_by_its_raw_text_is_recognised() -> None:
    for migration in migrations.migrations()[:3]:
        raw, checksum = RELEASED[f"V{migration.version:03}__{migration.name}"]
        assert migration.is_recorded_as(raw)
        assert migration.is_recorded_as(checksum)
        assert not migration.is_recorded_as("x")


def test_versions_have_no_gaps() -> None:
    assert [m.version for m in migrations.migrations()] == list(range(1, len(RELEASED) + 1))


def test_a_semicolon_in_quotes_or_comments_ends_no_statement() -> None:
    first, second = migrations.parse(1, "x", TEXT).statements
    assert first.endswith("ON (node.name)")
    assert second.startswith("MATCH")
    assert second.endswith("'it\\'s'")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (" (node", "(node"),
        ("ON (", "ON  (\n  "),
        ("\n", "\r\n"),
        ("// Why; and how.\n", "/* Other\nwords; */"),
        ("SET node.", "SET // why\n  node."),
        ("CREATE INDEX", "create Index"),
        ("'it\\'s'\n", "'it\\'s';\n"),
    ],
)
def test_layout_comments_and_the_case_of_keywords_do_not_change_a_checksum(before: str, after: str) -> None:
    assert before in TEXT
    assert migrations.parse(1, "x", TEXT.replace(before, after)).checksum == migrations.parse(1, "x", TEXT).checksum


@pytest.mark.parametrize(
    ("before", "after"), [("a; b", "a;  b"), ("odd name", "Odd name"), ("(node.name)", "(node.id)"), (";", "")]
)
def test_another_statement_has_another_checksum(before: str, after: str) -> None:
    assert before in TEXT
    assert migrations.parse(1, "x", TEXT.replace(before, after)).checksum != migrations.parse(1, "x", TEXT).checksum
