"""Times are kept in UTC and without a zone."""

from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from lineage_graph.errors import InvalidArgument
from lineage_graph.model.times import utc

NOON = datetime(2026, 7, 1, 12, 0, 0, 123456)


class Broken(tzinfo):
    def utcoffset(self, when: datetime | None) -> timedelta:
        raise RuntimeError("no such zone")

    tzname = dst = utcoffset  # type: ignore[assignment]


class Unknown(tzinfo):
    def utcoffset(self, when: datetime | None) -> None:
        return None

    tzname = dst = utcoffset


@pytest.mark.parametrize(
    ("given", "hour"),
    [
        (NOON, 12),
        (NOON.replace(tzinfo=timezone.utc), 12),
        (NOON.replace(tzinfo=timezone(timedelta(hours=-5))), 17),
        (NOON.replace(tzinfo=ZoneInfo("Europe/Vienna")), 10),
        (datetime(2026, 10, 25, 2, 30, fold=0, tzinfo=ZoneInfo("Europe/Vienna")), 0),
        (datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Vienna")), 1),
        (NOON.replace(tzinfo=Unknown()), 12),
        (pd.Timestamp("2026-07-01 12:00", tz="Europe/Vienna"), 10),
        (pd.Timestamp("2026-07-01 12:00"), 12),
    ],
)
def test_a_time_is_converted_to_utc_without_a_zone(given: datetime, hour: int) -> None:
    found = utc(given)
    assert (type(found), found.tzinfo) == (datetime, None)
    assert (found.hour, found.microsecond) == (hour, given.microsecond)


@pytest.mark.parametrize(
    "given",
    [
        datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
        NOON.replace(tzinfo=Broken()),
        pd.NaT,
    ],
)
def test_what_is_no_time_in_utc_is_refused(given: datetime) -> None:
    with pytest.raises(InvalidArgument, match="is no time in UTC"):
        utc(given)
