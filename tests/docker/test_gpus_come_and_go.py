"""A GPU that goes while the workshop runs is given to nobody, whose session is on it is told, and it may come back."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.docker.attendee import Attendee, at_work
from tests.docker.fake_gpus import SEEN_AT, only
from tests.docker.stack import Stack


@pytest.fixture
def ada(stack: Stack) -> Iterator[Attendee]:
    """An attendee with a session on a GPU."""
    attendee = at_work(stack, "ada")
    yield attendee
    attendee.leave()


def test_a_gpu_that_goes_is_offered_no_more_and_the_session_on_it_is_named(stack: Stack, ada: Attendee) -> None:
    (gone,) = stack.in_session("ada", "cat", SEEN_AT).stdout.split()
    (left,) = set(stack.gpus) - {gone}
    ben = Attendee(stack.url, "ben", stack.password())
    assert ben.log_in()
    with only(left):
        page = ben.page("/hub/spawn").text
        assert "1 of 1 GPU slots are free." in page
        assert f"The GPU {gone} has gone, and the session of ada is on it" in page
        ben.start()
        ben.wait_until_ready()
        assert stack.in_session("ben", "cat", SEEN_AT).stdout.split() == [left]
        assert ada.is_ready()
    ben.leave()
    assert re.search(rf"the GPU {gone} has gone, and the session of ada", stack.compose("logs", "hub"))
    page = ben.page("/hub/spawn").text
    assert "1 of 2 GPU slots are free." in page
    assert "has gone" not in page


def test_without_any_gpu_that_is_said_and_the_labs_run_on_the_cpu(stack: Stack) -> None:
    ben = Attendee(stack.url, "ben", stack.password())
    assert ben.log_in()
    with only():
        assert "No GPU is there" in ben.page("/hub/spawn").text
        ben.start()  # as if the page had been opened before
        ben.wait_until_ready()
        assert stack.in_session("ben", "cat", SEEN_AT).returncode != 0
    ben.leave()
