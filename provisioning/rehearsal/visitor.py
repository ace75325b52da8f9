"""Somebody at the hub with a browser's manners: cookies, the login form, and the proof that a request is their own."""

from __future__ import annotations

import re
from html import unescape
from types import TracebackType
from typing import Any, Self

import aiohttp
from yarl import URL

ERROR_PAGE = re.compile(r'<div class="error">.*?<p>([^<]+)</p>', re.DOTALL)  # where JupyterHub writes the reason
FORBIDDEN = 403
ERRORS = 400


class FailedError(Exception):
    """Something that should have worked did not; the text is the reason, for people."""


class Visitor:
    """One person's cookies and what they can do with them at the hub at `url`. Use it as a context manager."""

    def __init__(self, url: str, name: str, secret: str) -> None:
        self.url = url.rstrip("/")
        self.name = name
        self._secret = secret

    async def __aenter__(self) -> Self:
        jar = aiohttp.CookieJar(unsafe=True, quote_cookie=False)  # unsafe: for hosts that are an IP address, too
        self.http = aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(total=None))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.close()

    async def log_in(self) -> None:
        """Send the login form. Raises FailedError where it is not accepted."""
        await self.page("/hub/login")
        form = {"username": self.name, "password": self._secret}
        async with self.send("POST", "/hub/login", data=form, allow_redirects=False) as answer:
            if answer.status == FORBIDDEN:
                raise FailedError(f"the hub does not let {self.name} in: wrong password or code")
            await self.accepted(answer)

    async def page(self, path: str) -> tuple[URL, str]:
        """Where a browser ends that opens `path`, and what it reads there."""
        async with self.http.get(f"{self.url}{path}") as answer:
            await self.accepted(answer)
            return answer.url, await answer.text()

    def send(self, method: str, path: str, **more: Any) -> Any:
        """A request that shows by its header that no other site sent it; to be used with `async with`."""
        address = URL(f"{self.url}{path}")
        proof = self.http.cookie_jar.filter_cookies(address).get("_xsrf")
        headers = {"X-XSRFToken": proof.value} if proof else {}
        return self.http.request(method, address, headers=headers, **more)

    async def api(self, method: str, path: str, **more: Any) -> Any:
        """A call of an API; its JSON, None where it answers nothing."""
        async with self.send(method, path, **more) as answer:
            await self.accepted(answer)
            return await answer.json() if answer.content_type == "application/json" else None

    @staticmethod
    async def accepted(answer: aiohttp.ClientResponse) -> None:
        """Raise FailedError for an answer that says no, with the reason that it gives."""
        if answer.status < ERRORS:
            return
        if answer.content_type == "application/json":
            said = str((await answer.json()).get("message", ""))
        else:
            found = ERROR_PAGE.search(await answer.text())
            said = unescape(found[1]) if found else ""
        what = f"{answer.method} {answer.url.path} was answered {answer.status} {answer.reason}"
        raise FailedError(f"{what}: {said}" if said else what)
