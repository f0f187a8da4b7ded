"""Times as they are stored: in UTC and without a zone, as LineaPy records them."""

from __future__ import annotations

from datetime import datetime

from lineage_graph.errors import InvalidArgument


def utc(value: datetime) -> datetime:
    """A time in UTC and without a zone. One without a zone is taken to be in UTC.

    Subclasses (a Timestamp of pandas', say) become plain datetimes, with microseconds.

    Parameters
    ----------
    value : datetime

    Raises
    ------
    InvalidArgument
        If there is no such time in UTC: it is before the year 1 or after 9999, its zone fails, or it is none at all
        (pandas' NaT).
    """
    if type(value) is datetime and value.tzinfo is None:
        return value
    try:
        plain = datetime(value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond)
        offset = value.utcoffset()
        return plain if offset is None else plain - offset
    except Exception as error:
        # A zone is anybody's code, and may raise anything.
        raise InvalidArgument(f"{_shown(value)} is no time in UTC from the year 1 to 9999: {error}") from error


def _shown(value: datetime) -> str:
    try:
        return value.isoformat()
    except Exception:
        return f"a {type(value).__name__}"
