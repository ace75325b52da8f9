"""What is recorded of a hub is believed only while that very process runs; ending an instance leaves nothing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from foundation.problem import Problem
from foundation.processes import process
from provisioning.here import instance
from provisioning.here.instance import MARK, Record
from provisioning.here.place import Place

WAITS = "import signal; print('ready', flush=True); signal.pause()"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path / "state", tmp_path / "home")
    place.make()
    return place


def start(place: Place, program: str = WAITS) -> subprocess.Popen[str]:
    environment = {**os.environ, MARK: str(place.state)}
    child = subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    child.stdout.close()
    return child


def record(place: Place, pid: int, *, started: int | None = None) -> None:
    found = process(pid)
    assert found is not None
    runtime = place.state / "runtime"
    runtime.mkdir(exist_ok=True)
    text = '{"port": 1, "hub_port": 2, "pid": %d, "started": %d, "runtime": "%s"}'
    (place.hub / "running.json").write_text(text % (pid, started or found.started, runtime))


def test_nothing_recorded_is_not_running(place: Place) -> None:
    assert instance.running(place) is None
    assert instance.stop(place) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"port": 1}', '{"port": 1, "of another version": 2}'])
def test_a_record_that_cannot_be_read_is_not_running(place: Place, text: str) -> None:
    (place.hub / "running.json").write_text(text)
    assert instance.running(place) is None


def test_a_pid_that_was_given_to_another_process_is_not_the_hub(place: Place) -> None:
    record(place, os.getpid(), started=1)
    assert instance.running(place) is None
    instance.stop(place)  # ends marked processes only: this one lives on


def test_stop_ends_the_hub_and_all_that_carries_its_mark(place: Place) -> None:
    hub, other = start(place), start(place)
    record(place, hub.pid)
    assert instance.running(place) is not None
    (place.hub / "proxy.pid").touch()
    assert {each.pid for each in instance.stop(place)} == {hub.pid, other.pid}
    assert hub.wait(10) == other.wait(10) == -signal.SIGTERM
    assert instance.processes(place) == []
    assert [file.name for file in place.hub.iterdir()] == []
    assert not (place.state / "runtime").exists()


def test_stop_ends_what_a_killed_hub_left(place: Place) -> None:
    hub, orphan = start(place), start(place)
    record(place, hub.pid)
    hub.kill()
    hub.wait(10)
    assert instance.running(place) is None
    assert [each.pid for each in instance.stop(place)] == [orphan.pid]
    assert orphan.wait(10) == -signal.SIGTERM


def test_another_instance_is_left_alone(place: Place, tmp_path: Path) -> None:
    neighbour = Place(tmp_path / "state2", tmp_path / "home")
    neighbour.make()
    child = start(neighbour)
    assert instance.stop(place) == []
    assert [each.pid for each in instance.processes(neighbour)] == [child.pid]
    instance.stop(neighbour)
    child.wait(10)


def test_a_second_command_is_told_who_is_at_work(place: Place) -> None:
    with instance.alone(place), pytest.raises(Problem, match=f"pid {os.getpid()}"), instance.alone(place):
        pass
    with instance.alone(place):
        pass


def test_a_hub_that_ends_at_once_is_a_problem_with_its_last_lines(place: Place) -> None:
    child = start(place)
    record(place, child.pid)
    current = instance.record(place)
    assert isinstance(current, Record)
    instance.stop(place)
    child.wait(10)
    place.log.write_text("Traceback\nValueError: no such setting\n")
    with pytest.raises(Problem, match="ValueError: no such setting"):
        instance.wait_for_answer(place, current)


def test_the_end_of_the_hub_is_seen(place: Place) -> None:
    child = start(place)
    record(place, child.pid)
    current = instance.record(place)
    assert current is not None
    child.kill()
    instance.wait_for_end(current)
    assert child.wait(10) == -signal.SIGKILL
    instance.wait_for_end(current)  # one that has ended long ago


def test_the_runtime_folder_is_private_and_short() -> None:
    folder = Path(instance.make_runtime_folder())
    try:
        assert folder.stat().st_mode & 0o777 == 0o700
        assert len(str(folder / "kernel-00000000-0000-0000-0000-000000000000-ipc-5")) < 107
    finally:
        folder.rmdir()
