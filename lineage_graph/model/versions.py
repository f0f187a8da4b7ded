"""Artifact versions as users write them."""

from __future__ import annotations

from typing import Any, Literal

from lineage_graph.errors import InvalidArgument, NotSupported

MIN_VERSION = 0
MAX_VERSION = 2**63 - 1


def parse_artifact_version(version: Any) -> int | Literal["all", "latest"]:
    """The artifact version that a user means.

    Parameters
    ----------
    version : int, float or str
        A number from 0 (fractions are cut off), the same as text, or "all" or "latest" in any case.

    Raises
    ------
    InvalidArgument
        If it is below 0, beyond 64 bits, or not a number.
    NotSupported
        If it is of another type.
    """
    wanted = f"a version is a number from {MIN_VERSION}, 'all' or 'latest'"
    number = version
    if isinstance(version, str):
        word = version.lower()
        if word == "all" or word == "latest":
            return word  # type: ignore[return-value]
        try:
            number = int(version)
        except ValueError:
            try:
                number = float(version)
            except ValueError:
                raise InvalidArgument(f"{version!r} is not a version: {wanted}") from None
    if isinstance(number, float):
        try:
            number = int(number)
        except (OverflowError, ValueError):
            raise InvalidArgument(f"{version!r} is not a version: {wanted}") from None
    if not isinstance(number, int):
        raise NotSupported(f"a {type(version).__name__} is not a version: {wanted}")
    if not MIN_VERSION <= number <= MAX_VERSION:
        raise InvalidArgument(f"{version!r} is not a version: {wanted}")
    return int(number)
