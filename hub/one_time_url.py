"""JupyterHub's login by one-time URL, and the page for those who come without one.

There is no form and no password: who can read the terminal, or run `./workshop status` as the user who started the
workshop, is the attendee; nobody else is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyterhub.auth import Authenticator
from jupyterhub.handlers import BaseHandler
from traitlets import Unicode

from hub.login import LIFETIME_S, redeem

ATTENDEE = "attendee"


class OneTimeURL(Authenticator):  # type: ignore[misc]  # JupyterHub has no types
    """Lets in whoever brings a code that has not been used."""

    login_folder = Unicode(config=True, help="The folder of unused codes, see hub.login")

    def get_handlers(self, app: Any) -> list[tuple[str, type[BaseHandler]]]:  # noqa: ARG002 - JupyterHub's signature
        """The one page that replaces JupyterHub's login form."""
        return [("/login", LoginPage)]

    async def authenticate(self, handler: BaseHandler, data: dict[str, str]) -> str | None:  # noqa: ARG002
        """The attendee's name for a good code, otherwise None."""
        return ATTENDEE if redeem(Path(self.login_folder), data["code"]) else None


class LoginPage(BaseHandler):  # type: ignore[misc]  # JupyterHub has no types
    """GET /hub/login?code=... logs in and goes on to the course; without a good code it says how to get one."""

    async def get(self) -> None:
        """A browser that is logged in already goes on, so that reloading the URL does no harm."""
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "no-referrer")
        code = self.get_argument("code", "")
        user = await self.login_user({"code": code}) if code else None
        user = user or self.current_user
        if user:
            self.set_login_cookie(user)
            self.redirect(self.get_next_url(user))
            return
        self.set_status(403)
        self.finish(await self.render_template("no_entry.html", had_code=bool(code), hours=LIFETIME_S // 3600))

    def append_query_parameters(self, url: str, exclude: list[str] | None = None) -> str:  # noqa: ARG002
        """Where to go next, without the code: a used one has no business in the history or in a start's options."""
        return url
