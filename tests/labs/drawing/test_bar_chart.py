from __future__ import annotations

from xml.etree import ElementTree

import pytest

from labs.drawing import bar_chart


def test_all_series_share_one_scale() -> None:
    assert bar_chart.text({"all": [8, 4], "few": [2, 0]}).splitlines() == ["all |█▄|", "few |▂ |"]


@pytest.mark.parametrize("series", [{}, {"empty": []}, {"zeros": [0, 0]}, {"negative": [-5, 1]}, {"<b> & co": [1]}])
def test_any_numbers_give_a_drawing(series: dict[str, list[float]]) -> None:
    ElementTree.fromstring(bar_chart.svg(series))
    assert bar_chart.text(series).count("|") == 2 * len(series)


def test_count_above_zero_can_be_seen() -> None:
    assert bar_chart.text({"rare": [1, 100_000]}) == "rare |▁█|"
