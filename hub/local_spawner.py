"""A session as a process of the user who started the workshop."""

from __future__ import annotations

import os
from typing import Any

from jupyterhub.spawner import LocalProcessSpawner

HUBS_OWN = ("JUPYTERHUB_", "CONFIGPROXY_")


class LocalSpawner(LocalProcessSpawner):  # type: ignore[misc]  # JupyterHub has no types
    """Runs JupyterLab beside the hub, as the same user, with the environment that the hub was given."""

    def make_preexec_fn(self, name: str) -> None:
        """Nothing to change: it is the same user."""

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """The hub's own environment, without its secrets, under what JupyterHub adds."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(HUBS_OWN)}
        return {**inherited, **env}

    def load_state(self, state: dict[str, Any]) -> None:
        """Forget the pid of an earlier hub's JupyterLab: it ended with that hub, and the pid may be somebody else's."""
        super().load_state({name: value for name, value in state.items() if name != "pid"})
