"""A gain is judged against what the machine could give in the same moment; a noisy machine is never a wrong answer."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.oracles.speed import LEAST_CEILING, ROUNDS, Round, Speed, control, require, usable_cores
from checks.suite import Failed, Found, Inconclusive, NotPassed
from tests.conftest import ROOT

SHARE = 0.7
GAINS = st.floats(0.1, 8)
CEILINGS = st.floats(0.5, 8)
ROUNDS_OF_ANY_KIND = st.lists(st.tuples(GAINS, CEILINGS), min_size=1, max_size=12)


def a_round(gain: float, ceiling: float = 2.0, threads: int = 2) -> Round:
    return Round(
        baseline_s=gain,
        candidate_s=1.0,
        candidate_cpu_s=1.5,
        alone_s=1.0,
        together_s=threads / ceiling,
        threads=threads,
    )


def speed(*gains: float, ceiling: float = 2.0) -> Speed:
    return Speed(tuple(a_round(gain, ceiling) for gain in gains))


def outcome(measured: Speed) -> Found | NotPassed:
    try:
        return require(measured, SHARE, "2 threads against one")
    except NotPassed as raised:
        return raised


def test_threads_that_gain_their_share_pass_with_the_figures() -> None:
    found = require(speed(1.7, 1.8, 1.8, 1.8, 1.9), SHARE, "2 threads against one")
    assert found.text == "2 threads against one: 1.80x, of 2.00x that this machine can give now (90%)"
    assert found.details == {"speed": {"gain": 1.8, "ceiling": 2.0, "required": 0.7, "cores_used": 1.5}}


def test_threads_that_never_gain_their_share_fail() -> None:
    with pytest.raises(Failed) as raised:
        require(speed(1.0, 1.0, 1.1, 1.0, 1.3), SHARE, "2 threads against one")
    assert raised.value.found == "2 threads against one: 1.00x, of 2.00x that this machine can give now (50%)"
    assert raised.value.expected == "at least 70% of what this machine can give"
    assert raised.value.details == {"speed": {"gain": 1.0, "ceiling": 2.0, "required": 0.7, "cores_used": 1.5}}


def test_a_ceiling_that_is_reached_now_and_then_only_says_nothing() -> None:
    lucky, usual = speed(*[0.8] * ROUNDS, ceiling=1.3), speed(*[0.8] * (ROUNDS + 1), ceiling=0.9)
    assert isinstance(outcome(lucky), Failed)
    assert isinstance(outcome(Speed(lucky.rounds + usual.rounds)), Inconclusive)


def test_rounds_that_disagree_say_nothing() -> None:
    with pytest.raises(Inconclusive) as raised:
        require(speed(1.0, 1.0, 1.0, 1.8, 1.9), SHARE, "2 threads against one")
    assert raised.value.found.endswith("(50%); the rounds disagree, from 50% to 95%")
    assert raised.value.details


def test_a_machine_that_gives_nothing_now_says_nothing() -> None:
    with pytest.raises(Inconclusive) as raised:
        require(speed(*[1.0] * 9, ceiling=1.1), SHARE, "2 threads against one")
    assert raised.value.found == "pure computing on all cores gains only 1.10x here and now: others use the machine"
    assert not raised.value.details  # a bar against nothing would be drawn


def test_too_few_good_rounds_say_nothing() -> None:
    bad = [a_round(1.0, ceiling=1.0)] * 20
    assert isinstance(outcome(Speed((*bad, *[a_round(1.9)] * (ROUNDS - 1)))), Inconclusive)
    assert isinstance(outcome(Speed((*bad, *[a_round(1.9)] * ROUNDS))), Found)


def test_one_core_says_nothing() -> None:
    with pytest.raises(Inconclusive) as raised:
        require(Speed((a_round(1.0, ceiling=1.0, threads=1),) * 3), SHARE, "1 thread against one")
    assert raised.value.found == "this machine has one core: threads cannot gain anything here"


def test_a_round_knows_its_gain_its_ceiling_and_the_cores_that_were_used() -> None:
    measured = Round(baseline_s=6.0, candidate_s=2.0, candidate_cpu_s=5.0, alone_s=1.0, together_s=1.25, threads=4)
    assert (measured.gain, measured.ceiling, measured.cores_used) == (3.0, 3.2, 2.5)


@given(ROUNDS_OF_ANY_KIND)
def test_a_failure_means_that_no_good_round_reached_the_share(rounds: list[tuple[float, float]]) -> None:
    measured = Speed(tuple(a_round(gain, ceiling) for gain, ceiling in rounds))
    reached = [each.gain / each.ceiling >= SHARE for each in measured.rounds if each.ceiling >= LEAST_CEILING]
    if isinstance(outcome(measured), Failed):
        assert len(reached) >= ROUNDS
        assert not any(reached)
    if isinstance(outcome(measured), Found):
        assert sum(reached) * 2 >= len(reached) >= ROUNDS


@given(ROUNDS_OF_ANY_KIND, st.sampled_from([0.25, 0.5, 2.0, 1024.0]))
def test_a_slower_machine_gives_the_same_verdict(rounds: list[tuple[float, float]], factor: float) -> None:
    measured = Speed(tuple(a_round(gain, ceiling) for gain, ceiling in rounds))
    slower = Speed(
        tuple(
            replace(
                each,
                **{name: value * factor for name, value in asdict(each).items() if name.endswith("_s")},
            )
            for each in measured.rounds
        )
    )
    assert type(outcome(slower)) is type(outcome(measured))
    assert str(outcome(slower)) == str(outcome(measured))


def test_the_control_is_a_fixed_amount_of_work() -> None:
    assert control(10) == control(10) != control(11)
    assert usable_cores() >= 1


MEASURE = """
import json
from dataclasses import asdict
from checks.oracles import speed
measured = speed.measure(speed.control, lambda: [speed.control() for _ in range(2)])
print(json.dumps([asdict(each) for each in measured.rounds]))
"""


@pytest.mark.lab_env
def test_measuring_times_all_four_in_every_round(lab_python: Path) -> None:
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
    assert len(rounds) <= ROUNDS or not Speed(tuple(rounds[:ROUNDS])).can_say
