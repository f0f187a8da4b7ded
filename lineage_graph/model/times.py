"""Times as they are stored: in UTC without a zone, as LineaPy records them."""

from __future__ import annotations

from datetime import datetime

from lineage_graph.errors import InvalidArgument


def utc(value: datetime) -> datetime:
    """A time in UTC without a zone. A time without a zone is taken to be in UTC.

    Subclasses (a pandas Timestamp, for example) become plain datetimes, with microseconds.

    Parameters
    ----------
    value : datetime

    Raises
    ------
    InvalidArgument
        If it has no equivalent in UTC: it is before the year 1 or after 9999, its zone fails, or it is not a time
        (pandas' NaT).
    """
    if type(value) is datetime and value.tzinfo is None:
        return value
    try:
        plain = datetime(value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond)
        offset = value.utcoffset()
        return plain if offset is None else plain - offset
    except Exception as error:
        # A zone may be any code, and may raise any exception.
        raise InvalidArgument(f"{_shown(value)} is no time in UTC from the year 1 to 9999: {error}") from error


def _shown(value: datetime) -> str:
    try:
        return value.isoformat()
    except Exception:
        return f"a {type(value).__name__}"
