"""/hub/seat: the page that sends attendees to the host of their seat, where the workshop has several.

The organiser's machine writes it (provisioning/hosts/front_page.py); every hub of the workshop has the same one.
"""

from __future__ import annotations

from pathlib import Path

from jupyterhub.handlers import BaseHandler
from tornado.web import HTTPError

ADDRESS = "/seat"
FILE = "front-page.html"


class FrontPage(BaseHandler):  # type: ignore[misc]  # JupyterHub has no types
    """GET /hub/seat, for everybody: nothing in the page is secret."""

    def initialize(self, file: Path) -> None:
        """`file` is read at each request: it may come, and change, while the hub runs."""
        self.file = file

    async def get(self) -> None:
        """The page; 404 if there is one host only, and so no page."""
        try:
            page = self.file.read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise HTTPError(404, "this workshop has one host: log in here") from error
        self.set_header("Cache-Control", "no-cache")
        self.finish(page)
