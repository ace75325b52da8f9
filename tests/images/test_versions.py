from __future__ import annotations

import re

import pytest

from foundation.problem import ExitCode, Problem
from images.versions import OLDEST_TRUSTED, versions


def test_the_default_rows_are_3_13_newest_first_and_none_too_old() -> None:
    numbers = [tuple(int(part) for part in row.version.split(".")) for row in versions().rows()]
    assert numbers == sorted(numbers, reverse=True)
    assert all(number[:2] == (3, 13) and number >= OLDEST_TRUSTED for number in numbers)


def test_every_row_has_the_whole_hash_of_its_own() -> None:
    hashes = [row.sha256 for row in versions().cpython]
    assert all(re.fullmatch(r"[0-9a-f]{64}", value) for value in hashes)
    assert len(set(hashes)) == len(hashes)


@pytest.mark.parametrize("name", ["3.13.5t", "3.13.5"])
def test_a_row_is_found_by_its_name(name: str) -> None:
    (row,) = versions().rows(name)
    assert (row.version, row.name, row.minor, row.series) == ("3.13.5", "3.13.5t", "3.13", (3, 13))


def test_a_series_names_all_its_rows_and_3_14_comes_only_by_name() -> None:
    rows = versions().rows("3.14t")
    assert [row.series for row in rows] == [(3, 14)] * len(rows)
    assert not set(rows) & set(versions().rows())
    assert versions().rows("3.13t") == versions().rows()


def test_an_unknown_row_is_told_with_those_there_are() -> None:
    with pytest.raises(Problem) as caught:
        versions().rows("3.12t")
    assert caught.value.exit_code is ExitCode.USAGE
    assert "no CPython row is named '3.12t'" in str(caught.value)
    assert "3.13.15t" in str(caught.value)
