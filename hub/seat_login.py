"""JupyterHub's login by class password or by the code of one's seat, see hub.seats."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyterhub.auth import Authenticator
from traitlets import Unicode

from hub.seats import Seats, admit


class SeatLogin(Authenticator):  # type: ignore[misc]  # JupyterHub has no types
    """Lets in whoever brings what opens a seat. The instructor, and nobody else, is an admin."""

    folder = Unicode(config=True, help="Where the secrets are")

    async def authenticate(self, handler: Any, data: dict[str, str]) -> dict[str, Any] | None:  # noqa: ARG002
        """The attendee for a good secret, otherwise None."""
        return await admit(Seats(Path(self.folder)), data)
