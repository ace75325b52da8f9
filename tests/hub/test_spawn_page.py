"""What one reads before a start and while waiting for it."""

import time
from types import SimpleNamespace

import pytest

from hub import spawn_page
from hub.slots import Availability

FREE = Availability(total=2, free=1, full_since=None, waiting=(), is_known=True)


def full(waiting: tuple[str, ...] = ()) -> Availability:
    return Availability(total=2, free=0, full_since=time.time() - 185, waiting=waiting, is_known=True)


NONE = Availability(0, 0, None, (), is_known=True)


def test_where_no_gpu_is_offered_there_is_nothing_to_choose() -> None:
    assert spawn_page.form(NONE, offers_gpus=False) == ""


def test_where_gpus_are_offered_and_none_is_there_that_is_said() -> None:
    form = spawn_page.form(NONE)
    assert "No GPU is there" in form
    assert 'value="gpu"' not in form
    assert 'value="cpu" checked' in form


def test_whose_gpu_has_gone_is_named() -> None:
    form = spawn_page.form(Availability(1, 1, None, (), is_known=True, stranded=(("ada", "GPU-2"),)))
    assert "The GPU GPU-2 has gone, and the session of ada is on it" in form
    assert "1 of 1 GPU slots are free." in form


def test_before_one_clicks_one_sees_how_many_are_free() -> None:
    form = spawn_page.form(FREE)
    assert "1 of 2 GPU slots are free." in form
    assert "On a GPU, at once" in form
    assert 'value="cpu"' in form


def test_a_full_house_says_since_when_and_which_place_one_would_have() -> None:
    form = spawn_page.form(full(("ada", "bob")))
    since = time.strftime("%H:%M", time.gmtime(time.time() - 185))
    assert f"All 2 GPU slots are taken since {since} UTC (3 min)." in form
    assert "you will be number 3 in the queue" in form


def test_an_engine_that_does_not_answer_is_said_so() -> None:
    assert "not known" in spawn_page.form(Availability(2, 0, None, (), is_known=False))


def test_who_waits_reads_the_place() -> None:
    event = spawn_page.waiting_for_gpu(2, full(("ada", "bob")))
    assert "You are number 2 in the queue" in event["message"]
    assert "you are number 3 in the queue" in spawn_page.waiting_for_turn(3)["message"]


def test_who_starts_reads_on_which_gpu() -> None:
    assert spawn_page.starting("GPU-2")["message"] == "Your session starts on GPU-2."
    assert spawn_page.starting("")["message"] == "Your session starts."


@pytest.mark.parametrize(
    ("fields", "where"),
    [({"where": ["cpu"]}, "cpu"), ({"where": ["gpu"]}, "gpu"), ({}, "gpu"), ({"where": ["?"]}, "gpu")],
)
def test_the_choice_arrives_at_the_spawner(fields: dict[str, list[str]], where: str) -> None:
    spawner = SimpleNamespace()
    spawn_page.choose(spawner, spawn_page.chosen(fields))
    assert spawner.where == where
