"""The words by which an attendee understands the hub are those that the hub says."""

from pathlib import Path

from hub import seats, spawn_page
from hub.slots import Availability
from provisioning.rehearsal import organiser
from provisioning.rehearsal.attendee import FREE_SLOTS, HAS_A_FORM, IN_THE_QUEUE, KERNEL, Room

ROOT = Path(__file__).resolve().parents[3]


def page(free: int, total: int = 8) -> str:
    return spawn_page.form(Availability(total=total, free=free, waiting=(), full_since=None, is_known=True))


def test_as_many_ask_for_a_gpu_as_there_are_free_slots() -> None:
    room = Room()
    assert [room.choose(page(2)) for _ in range(4)] == ["gpu", "gpu", "cpu", "cpu"]


def test_with_all_slots_taken_everybody_takes_the_cpu() -> None:
    assert Room().choose(page(0)) == "cpu"


def test_the_start_pages_form_is_recognised() -> None:
    assert HAS_A_FORM in page(2)
    assert HAS_A_FORM not in spawn_page.form(Availability(0, 0, None, (), True), offers_gpus=False)
    assert FREE_SLOTS.search(page(2))


def test_who_waits_is_recognised_by_the_hubs_words() -> None:
    assert IN_THE_QUEUE in spawn_page.waiting_for_gpu(3, Availability(8, 0, None, (), True))
    assert f"number {{for_turn}} {IN_THE_QUEUE}" in (ROOT / "hub" / "container_spawner.py").read_text()


def test_the_names_are_those_that_the_hub_gives_out() -> None:
    assert (organiser.PREFIX, organiser.INSTRUCTOR) == (seats.REHEARSAL, seats.INSTRUCTOR)


def test_the_kernel_is_one_that_sessions_have() -> None:
    from images.lab.kernels import GIL_OFF

    assert KERNEL == GIL_OFF
