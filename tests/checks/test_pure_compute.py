"""A machine is as slow as a fixed amount of computing says."""

from __future__ import annotations

import pytest

from checks import pure_compute


def test_the_control_is_a_fixed_amount_of_work() -> None:
    assert pure_compute.control(10) == pure_compute.control(10) != pure_compute.control(11)


@pytest.mark.parametrize(("usual_s", "times"), [(1e9, 1.0), (1e-9, pure_compute.MOST_SLOWNESS)])
def test_slowness_stays_within_its_bounds(monkeypatch: pytest.MonkeyPatch, usual_s: float, times: float) -> None:
    monkeypatch.setattr(pure_compute, "_USUAL_S", usual_s)
    assert pure_compute.slowness() == times
