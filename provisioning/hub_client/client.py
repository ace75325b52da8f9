"""Requests to a hub with a browser's manners: cookies, and the proof that a request is no other site's."""

from __future__ import annotations

import asyncio
import errno
import os
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Any, Self

import aiohttp
from yarl import URL

from provisioning.hub_client.page_data import data_of

ERRORS = 400


class VisitError(Exception):
    """The hub did not do what it should; the text says at which step and why, for people."""


@dataclass(frozen=True, slots=True)
class Page:
    """Where a browser ended, and what the page there says to programs."""

    path: str
    data: Mapping[str, str]


class Client:
    """Cookies of one browser at the hub at `url`. Use it as a context manager.

    ca_file: of the CA that signed the hub's certificate; "" for those that the system trusts.
    said: what the hub said last of something that takes time, "" if it said nothing.
    """

    def __init__(self, url: str, ca_file: str = "") -> None:
        self.url = url.rstrip("/")
        self.said = ""
        self._ca_file = ca_file

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=_trust(self._ca_file) if self._ca_file else True),
            cookie_jar=aiohttp.CookieJar(unsafe=True, quote_cookie=False),  # unsafe: for hosts that are an IP address
            timeout=aiohttp.ClientTimeout(total=None),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    @asynccontextmanager
    async def send(self, method: str, path: str, **more: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer to a request, whatever its status. Raises VisitError if there is none, or not the whole of it."""
        address = URL(f"{self.url}{path}")
        proof = self._http.cookie_jar.filter_cookies(address).get("_xsrf")
        headers = {"X-XSRFToken": proof.value} if proof else {}
        try:
            async with self._http.request(method, address, headers=headers, **more) as answer:
                yield answer
        except (aiohttp.ClientError, OSError) as error:
            raise VisitError(f"{method} {path}: {why(error)}") from error

    async def page(self, path: str) -> Page:
        """The page at which a browser ends that opens `path`."""
        async with self.send("GET", path) as answer:
            await require_good(answer)
            return Page(answer.url.path, data_of(await answer.text()))

    async def api(self, method: str, path: str, **more: Any) -> Any:
        """A call of an API; its JSON, None if it answers nothing."""
        async with self.send(method, path, **more) as answer:
            await require_good(answer)
            return await answer.json() if answer.content_type == "application/json" else None

    @asynccontextmanager
    async def within(self, limit_s: float) -> AsyncIterator[None]:
        """For the block, so much time. Raises VisitError when it is over."""
        try:
            async with asyncio.timeout(limit_s):
                yield
        except TimeoutError as error:
            last = f"; last said: {self.said}" if self.said else ""
            raise VisitError(f"no end after {limit_s:.0f} s{last}") from error

    @asynccontextmanager
    async def websocket(self, path: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """A websocket to `path`. Raises VisitError if there is none, or it breaks."""
        try:
            async with self._http.ws_connect(f"{self.url}{path}", max_msg_size=0) as socket:
                yield socket
        except (aiohttp.ClientError, OSError) as error:
            raise VisitError(f"websocket {path}: {why(error)}") from error


async def require_good(answer: aiohttp.ClientResponse) -> None:
    """Raise VisitError for an answer that says no, with the reason that it gives."""
    if answer.status < ERRORS:
        return
    if answer.content_type == "application/json":
        said = str((await answer.json()).get("message", ""))
    else:
        said = data_of(await answer.text()).get("reason", "")
    what = f"{answer.method} {answer.url.path} was answered {answer.status} {answer.reason}"
    raise VisitError(f"{what}: {said}" if said else what)


def why(error: BaseException) -> str:
    """The innermost cause of an error of the network, which others wrap, in the system's words if it has some."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
        number = error.errno or 0
        if number in errno.errorcode:  # a name that is not found has another kind of number
            return os.strerror(number)
    return " ".join(str(error).split()) or type(error).__name__


@cache
def _trust(ca_file: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)
