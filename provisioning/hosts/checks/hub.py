"""A host's hub, as an attendee meets it: over TLS, through the login page, into a kernel that sees its GPU."""

from __future__ import annotations

import json
import os
import shlex
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from checks.environment.fresh import Ran
from checks.suite import Failed, Found, Inconclusive, Skipped, check
from foundation.model import Report, Status
from foundation.problem import ExitCode
from provisioning.hosts.checks.host import Host, Subject, Unreachable
from provisioning.hosts.checks.hub_visit import Browser, Visit, VisitFailed, why

HUB_PORT = 8000  # of the proxy, on the host's 127.0.0.1
INSTRUCTOR = "instructor"  # hub/seats.py
METADATA = (("169.254.169.254", 80), ("fd00:ec2::254", 80))
DAY_S = 86400.0
CONNECT_LIMIT_S = 10.0

# Sent to the kernel as it stands; its answer is one line of JSON.
IN_THE_KERNEL = """
import json, socket, subprocess, sys, sysconfig
def reaches(address, port):
    try:
        socket.create_connection((address, port), timeout=2).close()
    except OSError:
        return False
    return True
check = subprocess.run(["workshop", "check", "gil.off", "gpu", "--json"], capture_output=True, text=True)
print(json.dumps({
    "python": sys.version.split()[0],
    "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "gil": getattr(sys, "_is_gil_enabled", lambda: True)(),
    "metadata": [address for address, port in ADDRESSES if reaches(address, port)],
    "report": check.stdout or check.stderr[-500:],
}))
"""


@contextmanager
def way_to(subject: Subject) -> Iterator[str]:
    """For the block, the hub's address here: its own, or through a tunnel where it listens on 127.0.0.1 only."""
    if not subject.expected.is_private:
        yield subject.expected.url
        return
    with subject.host.tunnel(HUB_PORT) as port:
        yield f"http://127.0.0.1:{port}"


def gather_hub(url: str, ca_file: str) -> tuple[str, float | None]:
    """What the hub at `url` says of its health, and until when its certificate is good; None over plain http."""
    answer = Browser(url, ca_file).expect(200, "GET", "/hub/api/").json()
    place = urlsplit(url)
    if place.scheme != "https":
        return str(answer["version"]), None
    context = ssl.create_default_context(cafile=ca_file or None)
    host, port = str(place.hostname), place.port or 443
    with (
        socket.create_connection((host, port), timeout=CONNECT_LIMIT_S) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        certificate: Mapping[str, Any] = secured.getpeercert() or {}
    return str(answer["version"]), ssl.cert_time_to_seconds(str(certificate["notAfter"]))


@check("host.hub", "The hub answers, over TLS", requires=["host.images"], limit_s=60)
def hub(subject: Subject) -> Found:
    """On the host: `systemctl status workshop` and `docker compose logs hub proxy` in /opt/workshop. A certificate that
    is not trusted: workshop_tls and workshop_domain in the inventory, and the name server must know the domain."""
    try:
        with way_to(subject) as url:
            version, until = gather_hub(url, subject.expected.ca_file)
    except (VisitFailed, Unreachable, OSError, ValueError, KeyError) as error:
        raise Failed(why(error), expected=f"JupyterHub at {subject.expected.url}") from error
    if until is None:
        if subject.expected.is_private:
            return Found(f"JupyterHub {version}, on the host's 127.0.0.1 only")
        raise Failed(f"JupyterHub {version} without TLS", expected=f"https at {subject.expected.address}")
    days = (until - subject.outside.now()) / DAY_S
    if days < 1:
        raise Failed(f"the certificate ends in {days * 24:.0f} h", expected="one that outlives the workshop")
    return Found(f"JupyterHub {version} at {subject.expected.url}, certificate for {days:.0f} days", {"days": days})


@dataclass(frozen=True, slots=True)
class Session:
    """What a kernel in a session said of itself. report: what the session's own checks found there."""

    python: str
    free_threaded: bool
    gil: bool
    metadata: tuple[str, ...]
    report: Report
    ready_s: float


def made_up_attendees(host: Host, workshop: str, count: int) -> dict[str, Any]:
    """Codes of `count` simulated attendees ("seats") and the instructor's secret.

    Raises VisitFailed where the hub gives none, Inconclusive while another check or rehearsal has them.
    """
    ran = _hubs_seats(host, workshop, count)
    if ran.code == ExitCode.COULD_NOT_CHECK:
        raise Inconclusive(ran.err.strip().removeprefix("found:").strip().partition("\n")[0])
    if ran.code != 0:
        raise VisitFailed(f"the hub gives no seat to try: {ran.last_words}")
    return dict(json.loads(ran.out))


def _hubs_seats(host: Host, workshop: str, count: int) -> Ran:
    hubs = f"label=com.docker.compose.project={workshop}"
    find = f"docker ps --quiet --filter {shlex.quote(hubs)} --filter label=com.docker.compose.service=hub"
    return host.run(f"docker exec $({find}) python -m hub.seats --rehearse {count}")


@contextmanager
def visitor(subject: Subject) -> Iterator[Visit]:
    """For the block, a simulated attendee at the hub; afterwards nothing is left of them."""
    host, workshop, ca_file = subject.host, subject.expected.workshop, subject.expected.ca_file
    access = made_up_attendees(host, workshop, 1)
    ((name, code),) = access["seats"].items()
    try:
        with way_to(subject) as url:
            try:
                yield Visit(Browser(url, ca_file), name, code)
            finally:
                with suppress(VisitFailed):  # of a login that did not work there is no account
                    Visit(Browser(url, ca_file), INSTRUCTOR, access["instructor"]).dismiss(name)
    finally:
        _hubs_seats(host, workshop, 0)


def gather_session(subject: Subject) -> Session:
    """Log in, start a session, ask its kernel, end it. Raises VisitFailed at the step that did not work."""
    code = f"ADDRESSES = {METADATA!r}\n{IN_THE_KERNEL}"
    with visitor(subject) as visit, visit.session("gpu" if subject.expected.has_gpus else "cpu") as ready_s:
        printed = visit.run(code)
    return session_from(printed, ready_s)


def session_from(printed: str, ready_s: float) -> Session:
    """The session that printed this. Raises VisitFailed where it is not the kernel's answer."""
    try:
        said = json.loads(printed.strip().splitlines()[-1])
        report = Report.from_json(said["report"])
        metadata = tuple(str(address) for address in said["metadata"])
        return Session(said["python"], said["free_threaded"], said["gil"], metadata, report, ready_s)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise VisitFailed(f"the kernel's answer cannot be read ({error}): {printed[-300:]!r}") from error


def judge_session(session: Session, *, has_gpus: bool) -> str | None:
    """What is wrong, in words; None where it is what the workshop is about."""
    if not session.free_threaded:
        return f"the kernel is an ordinary Python {session.python}"
    if session.gil:
        return f"the GIL is on in the kernel (Python {session.python}t)"
    for result in session.report.results:
        if result.status in (Status.FAIL, Status.ERROR):
            return f"in the session `{result.code}`: {result.found}"
    seen = {result.code: result.status for result in session.report.results}
    if has_gpus and seen.get("gpu.device") is not Status.PASS:
        return "the session sees no GPU"
    return None


@check("host.session", "An attendee logs in, starts, and computes without the GIL", requires=["host.hub"], limit_s=420)
def session(subject: Subject) -> Found:
    """Log in yourself with a spare seat and read what the pages say; `docker compose logs hub` in /opt/workshop on the
    host says the rest. In the queue: all GPU slots are taken. Not ready: LAB_MEMORY, or a disk that is full."""
    try:
        found = subject.once(gather_session)
    except (VisitFailed, Unreachable) as error:
        raise Failed(str(error), expected="login, start, kernel, answer") from error
    if fault := judge_session(found, has_gpus=subject.expected.has_gpus):
        raise Failed(
            fault,
            expected="free-threaded Python with the GIL off" + (", and a GPU" if subject.expected.has_gpus else ""),
        )
    gpu = next((each.found for each in found.report.results if each.code == "gpu.device"), "")
    on = f", {gpu}" if subject.expected.has_gpus else ""
    return Found(f"Python {found.python}t, GIL off{on}; ready in {found.ready_s:.0f} s", {"ready_s": found.ready_s})


@check("host.metadata", "A session cannot reach the cloud's metadata", requires=["host.session"], limit_s=420)
def metadata(subject: Subject) -> str:
    """Whoever reaches it can take the host's rights in the cloud. Sessions are on networks without a way out
    (hub/session_networks.py): somebody put them on another one. Turn the service off too, in the cloud's settings."""
    try:
        reached = subject.once(gather_session).metadata
    except (VisitFailed, Unreachable) as error:
        raise Inconclusive(f"no session to ask from: {error}") from error
    if reached:
        raise Failed(f"a session reaches {', '.join(reached)}", expected="no way from a session to the metadata")
    address, port = METADATA[0]
    is_there = subject.host.run(f"timeout 3 bash -c '</dev/tcp/{address}/{port}'").code == 0
    return "closed to sessions; the host itself reaches it" if is_there else "closed to sessions, and not there at all"


def gather_rehearsal(subject: Subject, count: int) -> Mapping[str, Any]:
    """What a rehearsal with `count` simulated attendees found. Raises VisitFailed where it found nothing."""
    host, workshop, ca_file = subject.host, subject.expected.workshop, subject.expected.ca_file
    access = made_up_attendees(host, workshop, count)
    environ = {**os.environ, **({"SSL_CERT_FILE": ca_file} if ca_file else {})}
    try:
        with way_to(subject) as url, tempfile.TemporaryDirectory() as folder:
            command = [
                sys.executable,
                "-P",
                "-m",
                "provisioning.rehearsal",
                url,
                "--picture",
                f"{folder}/drawn.svg",
                "--json",
            ]
            ran = subprocess.run(
                command, input=json.dumps(access), env=environ, capture_output=True, text=True, check=False
            )
    finally:
        _hubs_seats(host, workshop, 0)
    try:
        return dict(json.loads(ran.stdout))
    except ValueError as error:
        raise VisitFailed(Ran(ran.returncode, ran.stdout, ran.stderr).last_words) from error


def judge_rehearsal(found: Mapping[str, Any]) -> str | None:
    """What is wrong, in words; None where everybody came through."""
    failures = [step for step in found["steps"] if step["failure"]]
    if failures:
        stopped = len({step["attendee"] for step in failures})
        first = failures[0]
        return f"{stopped} of {len(found['attendees'])} did not come through: {first['phase']}: {first['failure']}"
    return None if found["good"] else "not everybody came through"


@check("host.rehearsal", "As many as asked for work at once", requires=["host.session"], limit_s=1800)
def rehearsal(subject: Subject) -> Found:
    """`docker stats` on the host while it runs says what there is too little of: cores make starts slow, memory makes
    them fail. Put fewer seats on this host, or have the sessions started before the class comes."""
    count = subject.expected.rehearse
    if not count:
        raise Skipped("nobody asked for one: --rehearse N has N attendees work at once")
    try:
        found = gather_rehearsal(subject, count)
    except (VisitFailed, Unreachable) as error:
        raise Failed(str(error), expected=f"a rehearsal with {count} attendees") from error
    if fault := judge_rehearsal(found):
        raise Failed(fault, expected=f"{count} of {count} come through")
    starts = found["phases"]["start"]
    said = f"{count} of {count} came through; started after {starts['p50_s']:.0f} s, nearly all after"
    return Found(f"{said} {starts['p95_s']:.0f} s", {"phases": found["phases"]})
