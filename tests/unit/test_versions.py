import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_graph import parse_artifact_version


@pytest.mark.parametrize(
    ("given_version", "wanted"),
    [
        (0, 0),
        (7, 7),
        (True, 1),
        (2.9, 2),
        ("3", 3),
        ("4.7", 4),
        (" 5 ", 5),
        ("ALL", "all"),
        ("Latest", "latest"),
        (2**63 - 1, 2**63 - 1),
        (str(2**63 - 1), 2**63 - 1),
    ],
)
def test_versions_are_read(given_version: object, wanted: object) -> None:
    assert parse_artifact_version(given_version) == wanted


@pytest.mark.parametrize("version", [-1, "-1", "newest", "", float("nan"), float("inf"), "inf", 2**63])
def test_what_is_no_version_is_refused(version: object) -> None:
    with pytest.raises(ValueError, match="a version is"):
        parse_artifact_version(version)


@pytest.mark.parametrize("version", [None, [1], b"1", object()])
def test_other_types_are_refused(version: object) -> None:
    with pytest.raises(NotImplementedError, match="a version is"):
        parse_artifact_version(version)


@given(st.integers() | st.floats() | st.text())
def test_only_the_documented_errors_are_raised(version: object) -> None:
    try:
        parsed = parse_artifact_version(version)
    except ValueError:
        return
    assert parsed == "all" or parsed == "latest" or parsed >= 0
