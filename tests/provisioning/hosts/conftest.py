from __future__ import annotations

from pathlib import Path

import pytest

from tests.provisioning.hosts.providers.clouds import cloud, ec2, ec2_port, moto, provider, write_cloud
from tests.provisioning.hosts.toy_plays import ToyPlays

__all__ = ["cloud", "ec2", "ec2_port", "moto", "provider", "write_cloud"]  # fixtures


@pytest.fixture
def toys(tmp_path: Path) -> ToyPlays:
    folder = tmp_path / "plays"
    folder.mkdir()
    return ToyPlays(folder)


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where private folders of plays are made, for a look inside."""
    folder = tmp_path / "t"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder
