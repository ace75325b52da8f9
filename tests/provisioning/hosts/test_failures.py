from __future__ import annotations

import pytest

from provisioning.hosts.failures import AGAIN, REACH, SECRET, SUDO, Failure, failure_of


def failure(**result: object) -> Failure:
    return failure_of("gpu-1", "docker", "Install the engine", result)


def test_a_failure_reads_host_role_task_reason_and_what_to_do() -> None:
    told = failure(msg="Could not get lock /var/lib/dpkg/lock-frontend\nE: it is held by process 812")
    assert str(told) == (
        "gpu-1   docker: Install the engine\n"
        "  found:    Could not get lock /var/lib/dpkg/lock-frontend\n"
        "            E: it is held by process 812\n"
        "  do this:  another apt runs on the host: wait for it (ps -C apt,apt-get,dpkg)"
    )


def test_a_task_of_no_role_stands_alone() -> None:
    assert str(failure_of("gpu-1", "", "Gathering Facts", {"msg": "x"})).startswith("gpu-1   Gathering Facts\n")


def test_a_role_that_refuses_is_quoted() -> None:
    told = failure(msg="found: 3 GB free for Docker\nexpected: 45 GB or more\ndo: give the host a bigger disk")
    assert told.reason == "3 GB free for Docker\nexpected: 45 GB or more"
    assert told.do == "give the host a bigger disk"


@pytest.mark.parametrize(
    ("reason", "do"),
    [
        ("Failed to connect to the host via ssh: ada@gpu-1: Permission denied (publickey).", "set ansible_user"),
        ("Failed to connect to the host via ssh: ssh: connect to host 192.0.2.1 port 22: Connection timed out", REACH),
        ("Failed to connect to the host via ssh: WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!", "was the host"),
        (
            "Failed to connect to the host via ssh: Could not resolve hostname gpu-1: Name or service",
            "correct ansible_h",
        ),
        ("Missing sudo password", SUDO),
        ("sudo: a password is required", SUDO),
        ("write error: No space left on device", "free some space"),
        ("W: GPG error: ... NO_PUBKEY A4B469963BF863CC", "an apt source"),
        ("something that nobody has foreseen", AGAIN),
    ],
)
def test_what_is_often_met_has_an_answer(reason: str, do: str) -> None:
    assert failure(msg=reason).do.startswith(do)


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ({"msg": "non-zero return code", "rc": 5, "stderr": "boom\n", "stdout": "x"}, "exit code 5:\nboom"),
        ({"msg": "non-zero return code", "rc": 5, "stderr": "", "stdout": "only out"}, "exit code 5:\nonly out"),
        ({"msg": "non-zero return code", "rc": 5}, "exit code 5, without a word"),
        ({"msg": "One or more items failed", "results": [{"msg": "fine"}, {"failed": True, "msg": "2nd"}]}, "2nd"),
        ({"msg": "Validation of arguments failed:\n", "argument_errors": ["value of x must be"]}, "value of x must be"),
        ({"censored": "the output has been hidden", "msg": "s3cret"}, SECRET),
        ({"msg": "Task failed: Failed to connect to the host via ssh: ssh: no route"}, "ssh: no route"),
        ({}, "exit code ?, without a word"),
    ],
)
def test_the_reason_is_what_the_task_itself_said(result: dict[str, object], reason: str) -> None:
    assert failure(**result).reason == reason


def test_of_a_long_story_the_end_is_told() -> None:
    told = failure(msg="\n".join(["REMOTE HOST IDENTIFICATION HAS CHANGED!", *map(str, range(100))]))
    assert told.reason.splitlines() == ["94", "95", "96", "97", "98", "99"]
    assert told.do.startswith("was the host made anew?")
