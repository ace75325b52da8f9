"""What every way to a host has to do: the same sentences for local, docker, ssh and ansible."""

from __future__ import annotations

from collections.abc import Callable

from checks.suite import Check
from provisioning.hosts.checks.backends import Network
from provisioning.hosts.checks.host import Expected, Host, Subject, reach
from provisioning.hosts.checks.system import clock, df, memory


def runs_a_text_for_sh(host: Host) -> None:
    ran = host.run("""printf '%s|' "a  b" 'c"d' "$((6 * 7))"; echo é; echo oops >&2; exit 3""")
    assert (ran.code, ran.out, ran.err) == (3, 'a  b|c"d|42|é\n', "oops\n")


def runs_as_root(host: Host) -> None:
    assert host.run("id -u").out == "0\n"


def ends_a_command_at_its_limit(host: Host) -> None:
    ran = host.run("echo begun; exec sleep 30", 1)
    assert ran.code is None
    assert ran.out == "begun\n"


def tells_a_missing_command_from_a_lost_host(host: Host) -> None:
    assert host.run("no-such-command").code == 127


def carries_much_output(host: Host) -> None:
    assert len(host.run("head --bytes=300000 /dev/zero | tr '\\0' x").out) == 300_000


def answers_the_same_checks(host: Host) -> None:
    """The functions are those that every host is asked by."""
    subject = Subject(Expected(name="a host", connection="", lab_image=""), host, Network())
    checks: tuple[Check, ...] = (reach, clock, memory)
    for each in checks:
        assert each.run(subject), each.code
    folder, (free,) = df(host, "avail")
    assert folder.startswith("/")
    assert free > 0


EVERY: tuple[Callable[[Host], None], ...] = (
    runs_a_text_for_sh,
    runs_as_root,
    ends_a_command_at_its_limit,
    tells_a_missing_command_from_a_lost_host,
    carries_much_output,
    answers_the_same_checks,
)
