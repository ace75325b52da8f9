"""The orders that are left out give nothing that the others do not give."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from checks.oracles import schedules
from checks.oracles.schedules import Exploration, Outcomes, Program, Scene
from tests.checks.oracles.schedules.random_programs import random_program


def ends(file: Path, threads: int, switches: int, reduces: bool) -> tuple[set[str], Exploration]:
    """In which ways the program can end: all results and all that is shared, or that it cannot."""
    program, found = Program(file), set()

    def make() -> Scene:
        module = program.module()
        shared = module.Shared()

        def judge(outcomes: Outcomes) -> None:
            found.add(repr((sorted(outcomes.of.items()), shared.state())))

        return Scene({f"{n}": partial(getattr(module, f"call_{n}"), shared) for n in range(threads)}, judge)

    explored = schedules.explore(make, switches=switches, further=0, reduces=reduces)
    return found, explored


@pytest.mark.parametrize(
    ("seed", "threads", "length", "switches"),
    [
        *((seed, 2, 3, 2) for seed in range(12)),
        *((seed, 2, 5, 1) for seed in range(20)),
        *((seed, 3, 2, 1) for seed in range(8)),
    ],
)
def test_each_end_of_all_orders_is_an_end_of_those_that_are_tried(
    tmp_path: Path, seed: int, threads: int, length: int, switches: int
) -> None:
    file = tmp_path / "random_program.py"
    file.write_text(random_program(seed, threads, length))
    some, reduced = ends(file, threads, switches, reduces=True)
    everything, full = ends(file, threads, switches, reduces=False)
    assert bool(reduced.failure) == bool(full.failure)
    if not full.failure:
        assert full.completed >= switches or full.is_everything
        assert everything <= some
        assert reduced.schedules <= full.schedules
    assert not reduced.diverged + full.diverged


def test_threads_that_share_nothing_need_one_schedule(tmp_path: Path) -> None:
    found = explored(tmp_path, "def one(): l = []; l.append(1); return len(l)\ndef two(): d = {}; d[1] = 2; return d")
    assert (found.schedules, found.is_everything) == (1, True)


def test_readers_need_one_schedule(tmp_path: Path) -> None:
    found = explored(
        tmp_path, "shared = {1: 2}\ndef one(): return shared[1], len(shared)\ndef two(): return 1 in shared"
    )
    assert (found.schedules, found.is_everything) == (1, True)


def test_two_items_of_one_dict_do_not_meet(tmp_path: Path) -> None:
    found = explored(tmp_path, "shared = {}\ndef one(): shared[1] = 1\ndef two(): shared[2] = 2")
    assert (found.schedules, found.is_everything) == (1, True)


def test_two_writes_of_one_item_need_two(tmp_path: Path) -> None:
    found = explored(tmp_path, "shared = {}\ndef one(d=shared): d[1] = 1\ndef two(d=shared): d[1] = 2")
    assert (found.schedules, found.is_everything) == (2, True)


def test_many_steps_under_a_lock_need_no_more_schedules_than_one(tmp_path: Path) -> None:
    source = """
from threading import Lock
lock, shared = Lock(), []
def one():
    with lock:
        for n in range({steps}):
            shared.append(n)
two = one
"""
    few, many = (explored(tmp_path, source.format(steps=steps)) for steps in (1, 300))
    assert few.schedules == many.schedules < 20
    assert many.is_everything


def explored(folder: Path, source: str) -> Exploration:
    file = folder / "program.py"
    file.write_text(source)
    program = Program(file)

    def make() -> Scene:
        module = program.module()
        return Scene({"Ana": module.one, "Ben": module.two})

    return schedules.explore(make)
