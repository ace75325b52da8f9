"""A host's hub, as an attendee meets it: over TLS, through the login page, into a kernel that sees its GPU."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from checks.suite import Failed, Found, Inconclusive, Skipped, check
from foundation.model import Report, Status
from foundation.problem import Problem
from provisioning.hosts.checks.host import Subject, Unreachable
from provisioning.hosts.checks.hub_visit import access_to, visit, way_to
from provisioning.hub_client.client import Client, VisitError, why
from provisioning.rehearsal.crowd import rehearse
from provisioning.rehearsal.model import Phase, Rehearsal

METADATA = (("169.254.169.254", 80), ("fd00:ec2::254", 80))
DAY_S = 86400.0
CONNECT_LIMIT_S = 10.0
FAULTS = (VisitError, Unreachable, Problem)  # by which a visit ends

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


def gather_hub(url: str, ca_file: str) -> tuple[str, float | None]:
    """What the hub at `url` says of its version, and until when its certificate is good; None over plain http."""
    version = asyncio.run(_version(url, ca_file))
    place = urlsplit(url)
    if place.scheme != "https":
        return version, None
    context = ssl.create_default_context(cafile=ca_file or None)
    host, port = str(place.hostname), place.port or 443
    with (
        socket.create_connection((host, port), timeout=CONNECT_LIMIT_S) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        certificate: Mapping[str, Any] = secured.getpeercert() or {}
    return version, ssl.cert_time_to_seconds(str(certificate["notAfter"]))


def in_words(error: Exception) -> str:
    """What is wrong, of an error that ended a visit or of one of the network."""
    if isinstance(error, Problem):
        return error.found
    return str(error) if isinstance(error, VisitError | Unreachable) else why(error)


async def _version(url: str, ca_file: str) -> str:
    async with Client(url, ca_file) as client, client.within(CONNECT_LIMIT_S):
        return str((await client.api("GET", "/hub/api/"))["version"])


@check("host.hub", "The hub answers, over TLS", requires=["host.images"], limit_s=60)
def hub(subject: Subject) -> Found:
    """On the host: `systemctl status workshop` and `docker compose logs hub proxy` in /opt/workshop. A certificate that
    is not trusted: workshop_tls and workshop_domain in the inventory, and the name server must know the domain."""
    try:
        with way_to(subject) as url:
            version, until = gather_hub(url, subject.expected.ca_file)
    except (VisitError, Unreachable, OSError, ValueError, KeyError, TypeError) as error:
        raise Failed(in_words(error), expected=f"JupyterHub at {subject.expected.url}") from error
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


def gather_session(subject: Subject) -> Session:
    """Log in, start a session, ask its kernel, end it. Raises VisitError or Problem at the step that did not work."""
    code = f"ADDRESSES = {METADATA!r}\n{IN_THE_KERNEL}"
    where = "gpu" if subject.expected.has_gpus else "cpu"
    with access_to(subject, 1) as access:
        return session_from(*asyncio.run(visit(access, where, code)))


def session_from(printed: str, ready_s: float) -> Session:
    """The session that printed this. Raises VisitError if it is not the kernel's answer."""
    try:
        said = json.loads(printed.strip().splitlines()[-1])
        report = Report.from_json(said["report"])
        metadata = tuple(str(address) for address in said["metadata"])
        return Session(said["python"], said["free_threaded"], said["gil"], metadata, report, ready_s)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise VisitError(f"the kernel's answer cannot be read ({error}): {printed[-300:]!r}") from error


def judge_session(session: Session, *, has_gpus: bool) -> str | None:
    """What is wrong, in words; None if it is what the workshop is about."""
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
    except FAULTS as error:
        raise Failed(in_words(error), expected="login, start, kernel, answer") from error
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
    except FAULTS as error:
        raise Inconclusive(f"no session to ask from: {in_words(error)}") from error
    if reached:
        raise Failed(f"a session reaches {', '.join(reached)}", expected="no way from a session to the metadata")
    address, port = METADATA[0]
    is_there = subject.host.run(f"timeout 3 bash -c '</dev/tcp/{address}/{port}'").code == 0
    return "closed to sessions; the host itself reaches it" if is_there else "closed to sessions, and not there at all"


def gather_rehearsal(subject: Subject, count: int) -> Rehearsal:
    """What a rehearsal with `count` simulated attendees found. Raises VisitError or Problem if it did not begin."""
    with access_to(subject, count) as access:
        return asyncio.run(rehearse(access, lambda _now_s, _crowd: None))


def judge_rehearsal(found: Rehearsal) -> str | None:
    """What is wrong, in words; None if everybody came through."""
    if found.failures:
        stopped = len({step.attendee for step in found.failures})
        first = found.failures[0]
        return f"{stopped} of {len(found.attendees)} did not come through: {first.phase}: {first.failure}"
    return None if found.is_good else "not everybody came through"


@check("host.rehearsal", "As many as asked for work at once", requires=["host.session"], limit_s=1800)
def rehearsal(subject: Subject) -> Found:
    """`docker stats` on the host while it runs says what there is too little of: cores make starts slow, memory makes
    them fail. Put fewer seats on this host, or have the sessions started before the class comes."""
    count = subject.expected.rehearse
    if not count:
        raise Skipped("nobody asked for one: --rehearse N has N attendees work at once")
    try:
        found = gather_rehearsal(subject, count)
    except FAULTS as error:
        raise Failed(in_words(error), expected=f"a rehearsal with {count} attendees") from error
    if fault := judge_rehearsal(found):
        raise Failed(fault, expected=f"{count} of {count} come through")
    phases = found.as_json()["phases"]
    starts = phases[Phase.START]
    said = f"{count} of {count} came through; started after {starts['p50_s']:.0f} s, nearly all after"
    return Found(f"{said} {starts['p95_s']:.0f} s", {"phases": phases})
