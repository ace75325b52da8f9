"""Real ansible-runner, real ansible-playbook; the hosts are this machine."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from foundation.processes import PROC, process
from provisioning.hosts.play import Outcome, PlayResult, TaskEvent, run_play
from tests.provisioning.hosts.toy_plays import ToyPlays, shell, task

SECRET = "correct-horse-battery-staple"


def test_a_run_is_told_by_host_role_task_and_outcome(toys: ToyPlays) -> None:
    heard: list[TaskEvent] = []
    playbook = toys.roles(first=[shell("Do it", "true")], second=[task("Look", "ping")])
    result = run_play(toys.inventory("a"), playbook, ["a"], on_event=heard.append)
    assert result.is_success
    assert heard == [
        TaskEvent("a", "first", "Do it", Outcome.STARTED),
        TaskEvent("a", "first", "Do it", Outcome.CHANGED),
        TaskEvent("a", "second", "Look", Outcome.STARTED),
        TaskEvent("a", "second", "Look", Outcome.OK),
    ]
    assert result.changes == (heard[1],)


def test_what_tasks_hand_out_is_told_by_host(toys: ToyPlays) -> None:
    data = {"names": "{{ {inventory_hostname: {'of': inventory_hostname, 'ports': [22, 1 + 79]}} }}"}
    result = run_play(toys.inventory("a", "b-1"), toys.playbook(task("Say it", "set_stats", data=data)), ["a", "b-1"])
    assert result.told == {"names": {name: {"of": name, "ports": [22, 80]} for name in ("a", "b-1")}}


def test_only_what_is_tagged_so_is_run_and_what_is_to_be_skipped_is_not(toys: ToyPlays) -> None:
    tasks = [
        {**shell(name, "true"), "tags": tags} for name, tags in (("Yes", ["x"]), ("No", ["y"]), ("Ever", "always"))
    ]
    result = run_play(toys.inventory("a"), toys.playbook(*tasks), ["a"], tags=["x"], skip_tags=["always"])
    assert [change.task for change in result.changes] == ["Yes"]


def test_a_variable_of_a_wrong_kind_is_refused_by_the_roles_specification(toys: ToyPlays) -> None:
    playbook = toys.roles(hub=[task("Look", "ping")])
    specification = {"argument_specs": {"main": {"options": {"workshop_seats": {"type": "int"}}}}}
    (toys.folder / "roles" / "hub" / "meta").mkdir()
    toys.write("roles/hub/meta/argument_specs.yml", specification)
    [failure] = run_play(toys.inventory("a", workshop_seats="many"), playbook, ["a"]).failures
    assert (failure.role, failure.task) == ("hub", "Its variables")
    assert "workshop_seats" in failure.reason


def test_the_second_run_changes_nothing_and_a_check_only_says_what_would(toys: ToyPlays, tmp_path: Path) -> None:
    playbook = toys.playbook(task("Write", "copy", content="x", dest=str(tmp_path / "{{ inventory_hostname }}")))
    inventory = toys.inventory("a", "b")

    def changed(*, check: bool = False) -> list[str]:
        result = run_play(inventory, playbook, ["a", "b"], check=check)
        assert result.is_success
        return sorted(change.host for change in result.changes)

    assert changed(check=True) == ["a", "b"]
    assert not (tmp_path / "a").exists()
    assert [changed(), changed()] == [["a", "b"], []]


def test_a_group_that_does_not_exist_is_no_success(toys: ToyPlays) -> None:
    """Ansible says rc 0 of it."""
    result = run_play(toys.inventory("a", group="other"), toys.playbook(task("Look", "ping")), ["a"])
    assert result.rc == 0
    assert not result.is_success
    assert result.missed == ("a",)


def test_a_host_that_is_not_in_the_inventory_is_missed_though_the_others_went_well(toys: ToyPlays) -> None:
    result = run_play(toys.inventory("a"), toys.playbook(task("Look", "ping")), ["a", "gone"])
    assert (result.missed, result.failures) == (("gone",), ())
    assert not result.is_success


def test_an_inventory_that_does_not_exist_is_no_success(toys: ToyPlays) -> None:
    result = run_play(toys.folder / "none.yml", toys.playbook(task("Look", "ping")), ["a"])
    assert not result.is_success
    assert result.missed == ("a",)


def test_only_the_hosts_that_are_named_are_touched(toys: ToyPlays) -> None:
    result = run_play(toys.inventory("a", "b"), toys.playbook(task("Look", "ping")), ["b"])
    assert result.is_success
    assert list(result.hosts) == ["b"]


def test_a_failure_ends_the_play_for_its_host_alone(toys: ToyPlays) -> None:
    broken = shell("Fetch", "echo no space left on device >&2; exit 3", when="inventory_hostname == 'b'")
    result = run_play(toys.inventory("a", "b"), toys.roles(images=[broken], hub=[task("Look", "ping")]), ["a", "b"])
    assert not result.is_success
    [failure] = result.failures
    assert (failure.host, failure.role, failure.task) == ("b", "images", "Fetch")
    assert failure.reason == "exit code 3:\nno space left on device"
    assert "free some space" in failure.do
    assert result.hosts["a"].ok == 1


def test_what_is_rescued_or_ignored_is_no_failure(toys: ToyPlays) -> None:
    rescued = {"block": [shell("Try", "false")], "rescue": [task("Instead", "ping")]}
    playbook = toys.playbook(rescued, shell("Also", "false", ignore_errors=True))
    assert run_play(toys.inventory("a"), playbook, ["a"]).is_success


def test_what_a_check_cannot_know_counts_as_a_change(toys: ToyPlays) -> None:
    unknown = shell("Install", "false", check_mode=False, ignore_errors="{{ ansible_check_mode }}")
    result = run_play(toys.inventory("a"), toys.playbook(unknown, task("Look", "ping")), ["a"], check=True)
    assert result.is_success
    assert [change.task for change in result.changes] == ["Install"]
    assert result.hosts["a"].ok == 2
    [failure] = run_play(toys.inventory("a"), toys.playbook(unknown), ["a"]).failures
    assert failure.task == "Install"


def test_a_host_that_does_not_answer_is_told_from_one_that_failed(toys: ToyPlays) -> None:
    inventory = toys.inventory("a", ansible_connection="ssh", ansible_host="127.0.0.1", ansible_port=1)
    [failure] = run_play(inventory, toys.playbook(task("Look", "ping")), ["a"], connect_limit_s=5).failures
    assert "Connection refused" in failure.reason
    assert failure.do == "is the host on, and is its ssh port open to this machine?"


def test_a_playbook_that_cannot_be_read_is_told_in_ansibles_words(toys: ToyPlays) -> None:
    (toys.folder / "broken.yml").write_text("- hosts: [")
    result = run_play(toys.inventory("a"), toys.folder / "broken.yml", ["a"])
    assert not result.is_success
    assert "YAML parsing failed" in result.said


def test_no_setting_of_one_run_reaches_the_next(toys: ToyPlays) -> None:
    playbook = toys.playbook(task("Ask", "assert", that="colour is not defined"))
    assert not run_play(toys.inventory("a"), playbook, ["a"], variables={"colour": "red"}).is_success
    assert run_play(toys.inventory("a"), playbook, ["a"]).is_success


def during(toys: ToyPlays, tmp_path: Path, look: Callable[[], None], **how: object) -> PlayResult:
    """The result of a play in the middle of which `look` was called."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    playbook = toys.playbook(shell("Wait", f"read line < {gate}"))

    def on_event(event: TaskEvent) -> None:
        if event.outcome is Outcome.STARTED:
            with gate.open("w") as opened:  # opens when the task reads it
                look()
                opened.write("\n")

    return run_play(toys.inventory("a"), playbook, ["a"], on_event=on_event, **how)  # type: ignore[arg-type]


def words_of_our_processes(file: str) -> str:
    mine = [each for each in PROC.iterdir() if each.name.isdecimal() and int(each.name) != os.getpid()]
    texts = []
    for each in mine:
        try:
            environment = (each / "environ").read_bytes()
            if b"WORKSHOP_PLAY=" in environment:
                texts.append((each / file).read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return "\n".join(texts)


def test_a_secret_of_this_environment_gets_into_no_file_no_argument_and_no_child(
    toys: ToyPlays, tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUD_SECRET", SECRET)
    seen: dict[str, str] = {}

    def look() -> None:
        files = [each for each in scratch.rglob("*") if each.is_file()]
        seen["files"] = "\n".join(each.read_text(errors="replace") for each in files)
        seen["modes"] = str({oct(each.stat().st_mode & 0o077) for each in scratch.iterdir()})
        seen["arguments"], seen["environment"] = map(words_of_our_processes, ("cmdline", "environ"))

    assert during(toys, tmp_path, look).is_success
    assert "ansible-playbook" in seen["arguments"]
    assert "ANSIBLE_NOCOLOR" in seen["environment"]
    assert '"command"' in seen["files"]
    assert seen["modes"] == "{'0o0'}"
    assert [where for where, text in seen.items() if SECRET in text] == []


def test_variables_are_in_no_argument(toys: ToyPlays, tmp_path: Path, scratch: Path) -> None:
    seen: list[str] = []
    during(toys, tmp_path, lambda: seen.append(words_of_our_processes("cmdline")), variables={"colour": SECRET})
    assert "ansible-playbook" in seen[0]
    assert SECRET not in seen[0]


def test_nothing_of_a_run_is_left(toys: ToyPlays, scratch: Path) -> None:
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    assert run_play(toys.inventory("a"), toys.playbook(task("Look", "ping")), ["a"]).is_success
    assert list(scratch.iterdir()) == []
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers


def test_ctrl_c_ends_all_that_runs_here_and_removes_its_files(toys: ToyPlays, tmp_path: Path, scratch: Path) -> None:
    """Also what does not end when its terminal goes."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    playbook = toys.playbook(shell("Stay", f"trap '' HUP; sleep 600 & echo $! > {gate}; wait"))
    stubborn: list[int] = []

    def interrupt(event: TaskEvent) -> None:
        stubborn.append(int(gate.read_text()))  # when it runs
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        run_play(toys.inventory("a"), playbook, ["a"], on_event=interrupt)
    assert [process(pid) for pid in stubborn] == [None]
    assert list(scratch.iterdir()) == []


def test_host_keys_are_compared(toys: ToyPlays) -> None:
    """ansible-runner turns that off if nothing is said."""
    asked = "lookup('ansible.builtin.config', 'host_key_checking', plugin_type='connection', plugin_name='ssh')"
    assert run_play(toys.inventory("a"), toys.playbook(task("Ask", "assert", that=asked)), ["a"]).is_success
