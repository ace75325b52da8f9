"""A visit to a host's hub as simulated attendees make it: the way there, the codes that let them in, one session."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from checks.environment.fresh import Ran
from checks.suite import Inconclusive
from foundation.problem import ExitCode
from provisioning.hosts.checks.host import Host, Subject
from provisioning.hub_client.client import VisitError
from provisioning.hub_client.kernel import run_code, start_kernel
from provisioning.hub_client.visitor import Visitor
from provisioning.rehearsal.organiser import Access, organiser_of

HUB_PORT = 8000  # of the proxy, on the host's 127.0.0.1
LOG_IN_LIMIT_S = 20.0
START_LIMIT_S = 200.0
CODE_LIMIT_S = 120.0
STOP_LIMIT_S = 60.0


@contextmanager
def way_to(subject: Subject) -> Iterator[str]:
    """For the block, the hub's address here: its own, or through a tunnel if it listens on 127.0.0.1 only."""
    if not subject.expected.is_private:
        yield subject.expected.url
        return
    with subject.host.tunnel(HUB_PORT) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def access_to(subject: Subject, count: int) -> Iterator[Access]:
    """For the block, what lets `count` simulated attendees into the hub.

    Raises VisitError if the hub gives nothing, Inconclusive while another check or rehearsal has such attendees.
    """
    host, workshop = subject.host, subject.expected.workshop
    secrets = _secrets(_hubs_seats(host, workshop, count))
    try:
        with way_to(subject) as url:
            yield Access(url, **secrets, ca_file=subject.expected.ca_file)
    finally:
        _hubs_seats(host, workshop, 0)


def _hubs_seats(host: Host, workshop: str, count: int) -> Ran:
    hubs = f"label=com.docker.compose.project={workshop}"
    find = f"docker ps --quiet --filter {shlex.quote(hubs)} --filter label=com.docker.compose.service=hub"
    return host.run(f"docker exec $({find}) python -m hub.seats --rehearse {count}")


def _secrets(ran: Ran) -> dict[str, Any]:
    if ran.code == ExitCode.COULD_NOT_CHECK:
        raise Inconclusive(ran.err.strip().removeprefix("found:").strip().partition("\n")[0])
    if ran.code != 0:
        raise VisitError(f"the hub gives no seat to try: {ran.last_words}")
    return dict(json.loads(ran.out))


async def visit(access: Access, where: str, code: str) -> tuple[str, float]:
    """What `code` prints in a session on "gpu" or "cpu", and after how many seconds that session was ready.

    Raises VisitError at the step that does not work, Problem if the organiser is not let in. Nothing is left.
    """
    ((name, secret),) = access.seats.items()
    async with organiser_of(access), Visitor(access.url, name, secret, access.ca_file) as visitor:
        async with visitor.within(LOG_IN_LIMIT_S):
            await visitor.log_in()
        began = time.monotonic()
        async with visitor.within(START_LIMIT_S):
            await visitor.start(lambda _page: where)
        ready_s = time.monotonic() - began
        async with visitor.within(CODE_LIMIT_S):
            printed = await run_code(visitor, await start_kernel(visitor), code)
        async with visitor.within(STOP_LIMIT_S):
            await visitor.stop()
    return printed, ready_s
