from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fetch.dates import parse_feed_date


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("Tue, 25 Jun 2024 09:00:00 +0900", "2024-06-25T09:00:00+09:00"),
        ("Tue, 25 Jun 2024 09:00:00 GMT", "2024-06-25T09:00:00+00:00"),
        ("25 Jun 2024 09:00 EST", "2024-06-25T09:00:00-05:00"),
        ("Tue, 25 Jun 2024 09:00:00 CEST", "2024-06-25T09:00:00+02:00"),
        ("2024-06-20T03:10:00+07:00", "2024-06-20T03:10:00+07:00"),
        ("2024-06-20T03:10:00.123Z", "2024-06-20T03:10:00.123000+00:00"),
        ("2024-06-20 03:10:00 +0700", "2024-06-20T03:10:00+07:00"),
        ("2024-06-20", "2024-06-20T00:00:00+00:00"),
        ("2024/06/20 03:10", "2024-06-20T03:10:00+00:00"),
        ("June 20, 2024", "2024-06-20T00:00:00+00:00"),
    ],
)
def test_the_publishers_offset_is_kept_and_no_zone_is_utc(text: str, iso: str) -> None:
    found = parse_feed_date(text)
    assert found is not None
    assert found.isoformat() == iso


@pytest.mark.parametrize(
    "text", ["", None, "yesterday", "0000-00-00", "Thu, 01 Jan 1970 00:00:00 GMT", "9999-12-31T23:59:59Z"]
)
def test_what_is_no_date_of_a_news_item_is_none(text: str | None) -> None:
    assert parse_feed_date(text) is None


@given(st.text(max_size=40))
def test_any_text_is_a_date_or_none(text: str) -> None:
    found = parse_feed_date(text)
    assert found is None or found.utcoffset() is not None
