from __future__ import annotations

import re

import pytest

from foundation.problem import ExitCode, Problem
from images.versions import OLDEST_TRUSTED, versions


@pytest.mark.parametrize("series", versions().series)
def test_the_rows_of_a_series_are_newest_first_and_none_too_old(series: str) -> None:
    numbers = [tuple(int(part) for part in row.version.split(".")) for row in versions().rows(series)]
    assert numbers == sorted(numbers, reverse=True)
    assert all(number >= OLDEST_TRUSTED for number in numbers)


def test_without_a_name_the_rows_are_those_of_the_default() -> None:
    assert versions().rows() == versions().rows(versions().lab_python)


def test_every_row_has_the_whole_hash_of_its_own() -> None:
    hashes = [row.sha256 for row in versions().cpython]
    assert all(re.fullmatch(r"[0-9a-f]{64}", value) for value in hashes)
    assert len(set(hashes)) == len(hashes)


@pytest.mark.parametrize("name", ["3.13.5t", "3.13.5"])
def test_a_row_is_found_by_its_name(name: str) -> None:
    (row,) = versions().rows(name)
    assert (row.version, row.name, row.minor, row.series) == ("3.13.5", "3.13.5t", "3.13", (3, 13))


def test_a_series_names_all_its_rows() -> None:
    assert versions().series == ("3.13t", "3.14t")
    rows = [row for series in versions().series for row in versions().rows(series)]
    assert rows == list(versions().cpython)


def test_an_unknown_row_is_told_with_those_there_are() -> None:
    with pytest.raises(Problem) as caught:
        versions().rows("3.12t")
    assert caught.value.exit_code is ExitCode.USAGE
    assert "no CPython row is named '3.12t'" in str(caught.value)
    assert "3.13.15t" in str(caught.value)
