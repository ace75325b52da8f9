"""A gain is judged against what the machine could give in the same moment; a noisy machine is never a wrong answer."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.oracles.speed import LEAST_GAIN, ROUNDS, Round, Speed, require
from checks.suite import Failed, Found, Inconclusive, NotPassed
from tests.conftest import ROOT

SHARE = 0.7
A_ROUND = st.tuples(st.floats(0.1, 40), st.floats(0.5, 8), st.floats(0.5, 8))
ROUNDS_OF_ANY_KIND = st.lists(A_ROUND, min_size=1, max_size=12)


def a_round(gain: float, ceiling: float = 2.0, again: float | None = None, threads: int = 2) -> Round:
    """A round whose control gains `ceiling` before the candidate, and `again` after it."""
    return Round(
        baseline_s=gain,
        alone_s=1.0,
        together_s=threads / ceiling,
        candidate_s=1.0,
        candidate_cpu_s=1.5,
        together_again_s=threads / (again or ceiling),
        threads=threads,
    )


def speed(*gains: float, ceiling: float = 2.0, again: float | None = None) -> Speed:
    return Speed(tuple(a_round(gain, ceiling, again) for gain in gains), SHARE)


def outcome(measured: Speed) -> Found | NotPassed:
    try:
        return require(measured, "2 threads against one")
    except NotPassed as raised:
        return raised


def test_threads_that_gain_their_share_pass_with_the_figures() -> None:
    found = require(speed(1.7, 1.8, 1.8, 1.8, 1.9), "2 threads against one")
    assert found.text == "2 threads against one: 1.80x, of 2.00x that this machine can give now (90%)"
    assert found.details == {"speed": {"gain": 1.8, "ceiling": 2.0, "required": 0.7, "spread": 0.0, "cores_used": 1.5}}


def test_threads_that_never_gain_their_share_fail() -> None:
    with pytest.raises(Failed) as raised:
        require(speed(1.0, 1.0, 1.1, 1.0, 1.3), "2 threads against one")
    assert raised.value.found == "2 threads against one: 1.00x, of 2.00x that this machine can give now (50%)"
    assert raised.value.expected == "at least 70% of what this machine can give"
    assert raised.value.details == {
        "speed": {"gain": 1.0, "ceiling": 2.0, "required": 0.7, "spread": 0.0, "cores_used": 1.5}
    }


def test_a_distance_that_the_control_has_from_itself_fails_nobody() -> None:
    with pytest.raises(Inconclusive) as raised:
        require(speed(*[1.2] * ROUNDS, ceiling=1.8, again=2.0), "2 threads against one")
    assert raised.value.found == (
        "2 threads against one: 1.20x, of 1.89x that this machine can give now (63%); rounds from 63% to 63%,"
        " the control varies by 10%: too near to 70% to say"
    )
    assert raised.value.details
    assert isinstance(outcome(speed(*[1.1] * ROUNDS, ceiling=1.8, again=2.0)), Failed)


def test_one_round_that_reaches_the_bar_fails_nobody() -> None:
    assert isinstance(outcome(speed(1.0, 1.0, 1.0, 1.0, 1.5)), Inconclusive)


def test_a_control_that_contradicts_itself_fails_nobody() -> None:
    assert isinstance(outcome(speed(*[0.2] * ROUNDS, ceiling=1.6, again=2.4)), Inconclusive)


def test_a_ceiling_at_which_the_bar_would_mean_nothing_says_nothing() -> None:
    # 0.90x of 1.28x is 70 %, and slower than one thread
    with pytest.raises(Inconclusive) as raised:
        require(speed(*[0.9] * 9, ceiling=1.28), "2 threads against one")
    assert raised.value.found == "pure computing on all cores gains only 1.28x here and now: too little to judge by"
    assert not raised.value.details  # a bar against nothing would be drawn


def test_a_ceiling_that_is_reached_now_and_then_only_says_nothing() -> None:
    lucky, usual = speed(*[0.8] * ROUNDS, ceiling=1.6), speed(*[0.8] * (ROUNDS + 1), ceiling=0.9)
    assert isinstance(outcome(lucky), Failed)
    assert isinstance(outcome(Speed(lucky.rounds + usual.rounds, SHARE)), Inconclusive)


def test_a_ceiling_of_which_the_control_itself_is_not_sure_is_none() -> None:
    assert isinstance(outcome(speed(*[1.3] * 9, ceiling=1.2, again=2.4)), Inconclusive)


def test_too_few_good_rounds_say_nothing() -> None:
    bad = [a_round(1.0, ceiling=1.0)] * (ROUNDS - 1)
    assert isinstance(outcome(Speed((*bad, *[a_round(1.9)] * (ROUNDS - 1)), SHARE)), Inconclusive)
    assert isinstance(outcome(Speed((*bad, *[a_round(1.9)] * ROUNDS), SHARE)), Found)


@pytest.mark.parametrize("ceiling", [0.74, 2.0])
def test_a_gain_that_no_computing_gives_fails_on_any_machine(ceiling: float) -> None:
    with pytest.raises(Failed) as raised:
        require(speed(18.8, 18.9, 19.0, ceiling=ceiling), "2 threads against one")
    assert raised.value.found == "2 threads against one: 19x, more than 2 threads can gain by computing"
    assert raised.value.expected == "the same work as on one thread, done anew each time"


def test_one_core_says_nothing() -> None:
    with pytest.raises(Inconclusive) as raised:
        require(Speed((a_round(1.0, ceiling=1.0, threads=1),) * 3, SHARE), "1 thread against one")
    assert raised.value.found == "this machine has one core: threads cannot gain anything here"


def test_a_round_knows_its_gain_its_ceilings_and_the_cores_that_were_used() -> None:
    measured = Round(
        baseline_s=6.0,
        alone_s=1.0,
        together_s=1.25,
        candidate_s=2.0,
        candidate_cpu_s=5.0,
        together_again_s=2.0,
        threads=4,
    )
    assert (measured.gain, measured.ceilings, measured.cores_used) == (3.0, (3.2, 2.0), 2.5)
    assert 2.0 < measured.ceiling < 3.2


@given(ROUNDS_OF_ANY_KIND)
def test_whatever_passes_is_faster_than_its_baseline(rounds: list[tuple[float, float, float]]) -> None:
    measured = Speed(tuple(a_round(*each) for each in rounds), SHARE)
    if isinstance(outcome(measured), Found):
        assert measured.gain >= LEAST_GAIN * (1 - 1e-9) > 1
        assert len(measured.good_rounds) >= ROUNDS


@given(ROUNDS_OF_ANY_KIND)
def test_a_failure_means_that_no_good_round_came_near_the_bar(rounds: list[tuple[float, float, float]]) -> None:
    measured = Speed(tuple(a_round(*each) for each in rounds), SHARE)
    verdict = outcome(measured)
    if isinstance(verdict, Failed) and "by computing" not in verdict.found:
        good = [each for each in measured.rounds if min(each.ceilings) * SHARE >= LEAST_GAIN]
        assert len(good) >= ROUNDS
        assert all(each.gain < SHARE * each.ceiling * (1 - measured.spread) for each in good)


@given(ROUNDS_OF_ANY_KIND, st.sampled_from([0.25, 0.5, 2.0, 1024.0]))
def test_a_slower_machine_gives_the_same_verdict(rounds: list[tuple[float, float, float]], factor: float) -> None:
    measured = Speed(tuple(a_round(*each) for each in rounds), SHARE)
    slower = Speed(
        tuple(
            replace(
                each,
                **{name: value * factor for name, value in asdict(each).items() if name.endswith("_s")},
            )
            for each in measured.rounds
        ),
        SHARE,
    )
    assert type(outcome(slower)) is type(outcome(measured))
    assert str(outcome(slower)) == str(outcome(measured))


MEASURE = """
import json
from dataclasses import asdict
from checks.oracles import speed
from checks.pure_compute import control
once = lambda: control(300_000)
measured = speed.measure(once, lambda: [once(), once()], 0.7)
print(json.dumps([asdict(each) for each in measured.rounds]))
"""


def test_measuring_times_all_things_in_every_round(lab_python: Path) -> None:
    out = subprocess.run(
        [lab_python, "-c", MEASURE],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    rounds = [Round(**each) for each in json.loads(out.stdout)]
    assert rounds
    assert len({each.threads for each in rounds}) == 1
    assert all(value > 0 for each in rounds for value in asdict(each).values())
    assert not any(Speed(tuple(rounds[:number]), SHARE).can_say for number in range(1, len(rounds)))
