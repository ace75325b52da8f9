"""The proxy's routes to the labs: none before the proxy is on the lab's network."""

from __future__ import annotations

from typing import Any

from jupyterhub.proxy import ConfigurableHTTPProxy


class LabProxy(ConfigurableHTTPProxy):  # type: ignore[misc]  # JupyterHub has no types
    """A new proxy is on none of the labs' networks: what it sent to a lab would be lost, and the browser would wait."""

    async def add_user(self, user: Any, server_name: str = "") -> None:
        """Let the way lead to the lab first, then the route."""
        await user.spawners[server_name].be_reachable()
        await super().add_user(user, server_name)
