"""A lab environment that has its version's folder and nothing in it: enough to write kernels for."""

from __future__ import annotations

from pathlib import Path


def bare_environment(folder: Path, python: str = "python3.13t") -> Path:
    """Make it in `folder`; the path of its Python, which is not there."""
    (folder / "lib" / python).mkdir(parents=True)
    (folder / "bin").mkdir()
    return folder / "bin" / "python"
