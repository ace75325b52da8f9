"""Who comes in at the running workshop: by class password, then by the codes that `./workshop seats` prints."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.docker.attendee import Attendee
from tests.docker.stack import Stack, succeeded


@pytest.fixture(autouse=True)
def class_password_again(stack: Stack) -> Iterator[None]:
    """Without codes everybody comes in with the class password."""
    yield
    stack.compose("exec", "-T", "hub", "rm", "-f", "/srv/hub/seats.json")


def test_codes_are_printed_open_their_seat_and_end_the_class_password(stack: Stack) -> None:
    password, chief = stack.password(), stack.password("instructor")
    assert Attendee(stack.url, "ada", password).log_in()
    assert not Attendee(stack.url, "ada", "guess").log_in()
    assert not Attendee(stack.url, "instructor", password).log_in()

    cards = succeeded(stack.workshop("seats", "ada", "bob"))
    ada, bob = [line.split()[2] for line in cards.splitlines() if "code" in line]
    assert Attendee(stack.url, "ada", ada).log_in()
    assert not Attendee(stack.url, "ada", bob).log_in()
    assert not Attendee(stack.url, "ada", password).log_in()
    assert succeeded(stack.workshop("seats", "--roster")).split() == ["ada", "bob"]

    instructor = Attendee(stack.url, "instructor", chief)
    assert instructor.log_in()
    assert instructor.page("/hub/admin").status_code == 200
    attendee = Attendee(stack.url, "bob", bob)
    assert attendee.log_in()
    assert attendee.page("/hub/admin").status_code == 403
