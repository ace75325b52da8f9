"""What simulated attendees choose, and that they are those whom the hub knows as such."""

from hub import seats
from provisioning.rehearsal import organiser
from provisioning.rehearsal.attendee import Room


def test_as_many_ask_for_a_gpu_as_there_are_free_slots() -> None:
    room = Room()
    assert [room.choose({"free-slots": "2"}) for _ in range(4)] == ["gpu", "gpu", "cpu", "cpu"]


def test_with_all_slots_taken_everybody_takes_the_cpu() -> None:
    assert Room().choose({"free-slots": "0"}) == "cpu"


def test_the_names_are_those_that_the_hub_gives_out() -> None:
    assert (organiser.PREFIX, organiser.INSTRUCTOR) == (seats.REHEARSAL, seats.INSTRUCTOR)
