"""What a rehearsal says of itself: who came through, how long it took, why somebody did not."""

import json

import pytest

from provisioning.rehearsal.model import Phase, Rehearsal, Step, counted, percentile

ALL = tuple(Phase)


def steps(name: str, *phases: Phase, failure: str = "", seconds: float = 1.0) -> list[Step]:
    """One after the other, a second each; `failure` is the last one's."""
    made = [Step(name, phase, float(number), seconds) for number, phase in enumerate(phases)]
    return [*made[:-1], Step(name, phases[-1], float(len(phases) - 1), seconds, failure=failure)]


def rehearsal(*each: list[Step]) -> Rehearsal:
    return Rehearsal("http://x", tuple(one[0].attendee for one in each), tuple(step for one in each for step in one))


def test_who_went_through_all_phases_came_through() -> None:
    assert rehearsal(steps("ada", *ALL), steps("ben", *ALL)).is_good
    assert not rehearsal(steps("ada", *ALL), steps("ben", *ALL[:-1])).is_good
    assert not rehearsal(steps("ada", *ALL, failure="too late")).is_good


def test_a_rehearsal_without_attendees_is_not_good() -> None:
    assert not Rehearsal("http://x", (), ()).is_good


def test_reasons_are_told_with_all_whom_they_stopped() -> None:
    late = [steps(name, Phase.LOG_IN, Phase.START, failure="too late") for name in ("ada", "ben")]
    assert rehearsal(*late).reasons() == {(Phase.START, "too late"): ["ada", "ben"]}


def test_a_failed_step_counts_in_no_figure() -> None:
    found = rehearsal(steps("ada", Phase.LOG_IN, seconds=2), steps("ben", Phase.LOG_IN, failure="no"))
    assert found.seconds(Phase.LOG_IN) == [2]


def test_readiness_counts_from_the_first_start() -> None:
    early = [Step("ada", Phase.START, 10.0, 3.0)]
    late = [Step("ben", Phase.START, 11.0, 7.0)]
    assert rehearsal(late, early).ready_s() == [3.0, 8.0]


def test_it_survives_the_way_to_another_program() -> None:
    found = rehearsal(steps("ada", *ALL), steps("ben", Phase.LOG_IN, failure="no"))
    said = json.loads(json.dumps(found.as_json()))
    assert said["phases"]["start"] == {"p50_s": 1.0, "p95_s": 1.0, "good": 1}
    assert Rehearsal.from_json(said) == found


def test_another_schema_is_refused() -> None:
    with pytest.raises(ValueError, match="schema 2"):
        Rehearsal.from_json({**rehearsal(steps("ada", *ALL)).as_json(), "schema": 2})


@pytest.mark.parametrize(("share", "expected"), [(50, 2.0), (75, 3.0), (95, 4.0), (100, 4.0), (1, 1.0)])
def test_a_percentile_is_one_of_the_values(share: int, expected: float) -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], share) == expected


def test_many_names_are_counted() -> None:
    assert counted(["ada", "ben"]) == "ada, ben"
    assert counted(map(str, range(7))) == "0, 1, 2, 3 and 3 more"
