"""The proxy's routes to the sessions: none before the proxy is on the session's network."""

from __future__ import annotations

from typing import Any

from jupyterhub.proxy import ConfigurableHTTPProxy


class SessionProxy(ConfigurableHTTPProxy):  # type: ignore[misc]  # JupyterHub has no types
    """A new proxy is on no session's network yet: a request would be lost, and the browser would wait."""

    async def add_user(self, user: Any, server_name: str = "") -> None:
        """Put the proxy on the session's network first, then add the route."""
        await user.spawners[server_name].be_reachable()
        await super().add_user(user, server_name)
