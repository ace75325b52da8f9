"""Whether a host is reached at all; what is expected of one survives the way between processes."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from checks.environment.fresh import Ran
from checks.suite import Failed, collect
from provisioning.hosts.checks.host import Expected, Subject, reach
from provisioning.hosts.checks.suite import MODULES, suite
from tests.provisioning.hosts.checks.fakes import LAB, FakeHost, LostHost, subject_of

CODES = [
    f"host.{name}"
    for name in (
        *("reach", "driver", "cdi", "gpu_container", "gpu_after_daemon_reload", "engine", "toolkit", "images"),
        *("disk", "inodes", "memory", "clock", "expiry", "ports_open", "ports_closed"),
        *("hub", "session", "rehearsal", "metadata"),
    )
]


def test_every_promised_check_is_there_once() -> None:
    assert sorted(each.code for each in collect(*MODULES)) == sorted(CODES)


def test_nothing_is_asked_of_a_host_that_is_not_reached() -> None:
    by_code = {each.code: each for each in collect(*MODULES)}

    def needs(code: str) -> set[str]:
        return {code}.union(*(needs(each) for each in by_code[code].requires))

    assert [code for code in by_code if "host.reach" not in needs(code)] == []


def test_a_reached_host_says_what_it_is() -> None:
    answers = {"/etc/os-release": "Debian GNU/Linux 13 (trixie), kernel 6.12, x86_64\n0\n"}
    assert reach.run(subject_of(answers)) == "Debian GNU/Linux 13 (trixie), kernel 6.12, x86_64"


@pytest.mark.parametrize(
    ("host", "said"),
    [
        (LostHost(), "Connection timed out"),
        (FakeHost({"/etc/os-release": "Debian, kernel 6.12, x86_64\n1000\n"}), "ended with exit code 0"),
        (FakeHost({"/etc/os-release": Ran(1, "", "sudo: a password is required")}), "a password is required"),
        (FakeHost({"/etc/os-release": Ran(None, "", "")}), "did not end in time"),
    ],
)
def test_a_host_that_is_not_reached_or_does_not_obey_fails_with_its_own_words(
    host: FakeHost | LostHost, said: str
) -> None:
    with pytest.raises(Failed, match=said):
        reach.run(subject_of(host))


def test_what_is_expected_is_the_same_after_a_way_as_json() -> None:
    wanted = Expected(name="gpu1", connection="local://", lab_image=LAB, open_ports=(22, 443), images={"a": "sha256:1"})
    assert Expected.from_json(json.loads(json.dumps(asdict(wanted)))) == wanted


def test_a_word_that_no_host_has_is_refused() -> None:
    with pytest.raises(TypeError, match="colour"):
        Expected.from_json({"name": "gpu1", "connection": "local://", "colour": "green"})


def test_what_is_gathered_once_is_not_asked_again() -> None:
    subject = subject_of({"id": "0"})

    def gather(asked: Subject) -> str:
        return asked.host.run("id").out

    assert [subject.once(gather), subject.once(gather)] == ["0", "0"]
    assert isinstance(subject.host, FakeHost)
    assert subject.host.asked == ["id"]


def test_the_suite_is_of_the_host_that_the_plan_names() -> None:
    checks, subject = suite({"name": "gpu1", "connection": "ssh://root@192.0.2.7", "lab_image": LAB, "tls": "internal"})
    assert subject.expected.name == "gpu1"
    assert not subject.expected.is_private
    assert len(checks) == len(CODES)
