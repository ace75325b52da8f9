from __future__ import annotations

from collections.abc import Callable

import pytest

from checks.oracles import gpu_speed
from checks.oracles.gpu_speed import Comparison
from checks.suite import Failed, Inconclusive


def test_both_are_timed_in_turn_after_a_warm_up() -> None:
    order: list[str] = []

    def timed(call: Callable[[], object]) -> float:
        call()
        return {"slow": 6.0, "fast": 2.0}[order[-1]]

    measured = gpu_speed.compare(lambda: order.append("fast"), lambda: order.append("slow"), timed)
    assert order == ["slow", "fast"] * (gpu_speed.ROUNDS + 1)
    assert measured.gain == 3.0


def test_gain_that_half_of_the_rounds_reach_is_found() -> None:
    found = gpu_speed.require(Comparison((1.5, 2.5, 3.0)), 2.0, "shared")
    assert found.text == "shared: 2.5x (1.5x to 3.0x in 3 rounds)"


def test_gain_that_no_round_reaches_is_a_failure() -> None:
    with pytest.raises(Failed, match=r"shared: 1\.1x"):
        gpu_speed.require(Comparison((1.0, 1.1, 1.2)), 2.0, "shared")


def test_rounds_that_disagree_say_nothing() -> None:
    with pytest.raises(Inconclusive, match="the rounds disagree"):
        gpu_speed.require(Comparison((1.0, 1.1, 2.2)), 2.0, "shared")
