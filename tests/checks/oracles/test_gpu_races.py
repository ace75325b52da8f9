from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from checks.oracles import gpu_races
from checks.oracles.gpu_races import Access, Element, Kind, Launch, Space, Trouble
from checks.suite import Failed

ROOT = Path(__file__).resolve().parents[3]
KERNELS = Path(__file__).with_name("gpu_race_kernels.py")

CAUGHT = {
    "plain_add": ["hazard"],
    "plain_add_by_blocks_of_one": ["hazard"],
    "no_guard": ["bounds"],
    "writes_outside": ["bounds"],
    "neighbour_without_barrier": ["hazard"],
    "barrier_orders_one_block_only": ["hazard"],
    "all_write_their_own": ["hazard"],
    "atomic_beside_a_plain_read": ["hazard"],
    "shared_never_set": ["uninitialised"],
    "shared_set_by_the_first_block_only": ["uninitialised"],
    "shared_index_outside": ["bounds"],
    "some_never_reach_the_barrier": ["barrier"],
    "two_barriers_at_once": ["barrier"],
    "views_are_the_same_memory": ["hazard"],
}
RIGHT = (
    "atomic_add",
    "one_thread_alone",
    "each_its_own",
    "neighbour_after_barrier",
    "all_write_the_same",
    "shared_set_then_read",
    "two_arrays_of_one_line",
    "barrier_in_a_loop",
    "spin_lock",
    "votes",
)


def seen_by(python: Path, *flags: str) -> dict[str, Any]:
    environment = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1", "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [python, *flags, "-P", str(KERNELS)], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    answer: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return answer


@pytest.fixture(scope="module")
def seen(lab_python: Path) -> dict[str, Any]:
    return seen_by(lab_python, "-X", "gil=1")


@pytest.mark.parametrize("name", CAUGHT)
def test_kernel_is_caught_every_time(seen: dict[str, Any], name: str) -> None:
    assert [run["troubles"] for run in seen[name]] == [CAUGHT[name]] * 2


@pytest.mark.parametrize("name", RIGHT)
def test_right_kernel_has_no_finding(seen: dict[str, Any], name: str) -> None:
    assert [run["texts"] for run in seen[name]] == [[], []]
    assert not seen[name][0]["error"]


def test_each_kernel_is_expected_here(seen: dict[str, Any]) -> None:
    assert seen.keys() == {*CAUGHT, *RIGHT, "raises"}


def test_updates_that_can_be_lost_are_lost(seen: dict[str, Any]) -> None:
    assert sum(seen["plain_add"][0]["result"]) < 37
    assert sum(seen["atomic_add"][0]["result"]) == 37


def test_results_are_those_of_a_gpu(seen: dict[str, Any]) -> None:
    assert seen["barrier_in_a_loop"][0]["result"][0] == sum(i * 7 % 5 for i in range(16))
    assert seen["two_arrays_of_one_line"][0]["result"][:3] == [1, 2, 3]
    assert seen["spin_lock"][0]["result"][:2] == [0, 16]
    assert seen["votes"][0]["result"][0] == 4


def test_exception_in_a_thread_ends_the_launch_and_comes_out(seen: dict[str, Any]) -> None:
    assert seen["raises"][0]["error"] == "ZeroDivisionError"


def test_launch_goes_the_same_way_with_and_without_the_gil(seen: dict[str, Any], lab_python: Path) -> None:
    assert seen_by(lab_python) == seen


def test_finding_names_threads_element_and_line(seen: dict[str, Any]) -> None:
    (text,) = seen["neighbour_without_barrier"][0]["texts"]
    assert "of block 0 reads `out[" in text
    assert "with no barrier between: line" in text
    assert "`out[i + 16] = out[15 - i]`" in text


def access(thread: int, kind: Kind, block: int = 0, interval: int = 0, value: object = None) -> Access:
    return Access((block, 0, 0), (thread, 0, 0), interval, kind, ("kernel.py", 1), value)


@pytest.mark.parametrize(
    ("left", "right", "hazard"),
    [
        (access(0, Kind.READ), access(1, Kind.READ), False),
        (access(0, Kind.READ), access(1, Kind.WRITE), True),
        (access(0, Kind.WRITE, value=1), access(1, Kind.WRITE, value=2), True),
        (access(0, Kind.WRITE, value=1), access(1, Kind.WRITE, value=1), False),
        (access(0, Kind.ATOMIC), access(1, Kind.ATOMIC), False),
        (access(0, Kind.ATOMIC), access(1, Kind.READ), True),
        (access(0, Kind.ATOMIC), access(1, Kind.WRITE), True),
        (access(0, Kind.WRITE, value=1), access(0, Kind.READ), False),
        (access(0, Kind.WRITE, value=1), access(1, Kind.READ, interval=1), False),
        (access(0, Kind.WRITE, value=1), access(0, Kind.READ, block=1), True),
        (access(0, Kind.WRITE, value=1), access(1, Kind.READ, block=1, interval=3), True),
    ],
)
def test_two_accesses_are_a_hazard_only_out_of_order_and_not_both_harmless(
    left: Access, right: Access, hazard: bool
) -> None:
    assert gpu_races.are_hazard(left, right) is hazard
    assert gpu_races.are_hazard(right, left) is hazard


def launch_of(*accesses: Access, space: Space = Space.GLOBAL) -> Launch:
    launch = Launch("kernel", ("out",), (1, 1, 1), (4, 1, 1))
    for each in accesses:
        launch.note(Element("out", (0,), 64, space), each)
    return launch


def test_third_thread_is_compared_with_the_first_too() -> None:
    reads = [access(thread, Kind.READ) for thread in range(5)]
    assert launch_of(*reads, access(0, Kind.WRITE, value=1)).findings[0].trouble is Trouble.HAZARD


def test_order_of_accesses_does_not_hide_a_hazard() -> None:
    write, read = access(3, Kind.WRITE, value=1), access(4, Kind.READ)
    assert len(launch_of(write, read).findings) == len(launch_of(read, write).findings) == 1


def test_shared_memory_of_two_blocks_at_one_address_is_two_memories() -> None:
    writes = [access(0, Kind.WRITE, block=block, value=block) for block in (0, 1)]
    assert not launch_of(*writes, space=Space.SHARED).findings
    assert launch_of(*writes, space=Space.GLOBAL).findings


def test_no_launch_is_a_failure() -> None:
    with pytest.raises(Failed, match="no kernel was launched"):
        gpu_races.require_none([])


def test_requirement_names_kernel_finding_and_how_many_places() -> None:
    launch = Launch("kernel", ("out",), (1, 1, 1), (4, 1, 1))
    for place in range(3):
        for thread in (1, 2):
            launch.note(Element("out", (place,), 8 * place, Space.GLOBAL), access(thread, Kind.WRITE, value=thread))
    with pytest.raises(Failed) as failure:
        gpu_races.require_none([launch])
    assert failure.value.found == (
        "in `kernel` thread 1 of block 0 writes `out[0]`, thread 2 of block 0 writes it, "
        "with no barrier between: line 1 (3 such places)"
    )


def test_only_the_kinds_that_are_asked_for_count() -> None:
    launch = launch_of(access(0, Kind.WRITE, value=1), access(1, Kind.READ))
    assert gpu_races.require_none([launch], Trouble.BOUNDS) == 1
