"""`python -m images.lab.server`: JupyterHub's session server (`jupyterhub-singleuser`) at a third of its usual cost.

Most of a start goes into importing what no session uses. That is left out here; the rest runs as it was written.
docs/decisions/0010-a-session-starts-light.md has the reasons and the figures.
"""

from __future__ import annotations

import sys
from types import ModuleType

# Module -> the classes that are taken from it at import: for `isinstance`, `except`, or a call that never comes.
LEFT_OUT: dict[str, tuple[str, ...]] = {
    # of the hub's own: its pages, its database
    "jupyterhub.handlers": (),
    "jupyterhub.handlers.pages": ("HealthCheckHandler",),
    "jupyterhub.orm": (),
    "jupyterhub.roles": (),
    "sqlalchemy": (),
    "sqlalchemy.exc": ("SQLAlchemyError",),
    # installs extensions of JupyterLab; the settings choose the manager that does not
    "jupyterlab.extensions.pypi": ("PyPIExtensionManager",),
}
# compiles a grammar for seconds, for a format that no schema of Jupyter's has; jsonschema goes without it
MISSING = "rfc3987_syntax"


def leave_out() -> None:
    """Keep this process from importing what a session does not use."""
    for name, classes in LEFT_OUT.items():
        sys.modules[name] = empty = ModuleType(name, "Left out by images.lab.server.")
        for each in classes:
            setattr(empty, each, type(each, (Exception,), {"__module__": name}))
    sys.modules[MISSING] = None  # type: ignore[assignment]  # Python's word for a module that is not there


def main() -> None:
    """Serve until told to end."""
    leave_out()
    from jupyterhub.singleuser import main as serve  # noqa: PLC0415 - only now

    serve()


if __name__ == "__main__":
    main()
