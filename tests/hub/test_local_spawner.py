"""JupyterLab gets the user's environment without the hub's secrets, and never a pid of an earlier life."""

import pytest

from hub.local_spawner import LocalSpawner


def test_the_environment_is_the_users_without_the_hubs_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "ed")
    monkeypatch.setenv("CONFIGPROXY_AUTH_TOKEN", "secret")
    monkeypatch.setenv("JUPYTERHUB_CRYPT_KEY", "secret")
    environment = LocalSpawner().user_env({"JUPYTERHUB_API_TOKEN": "its own", "EDITOR": "vi"})
    assert environment["EDITOR"] == "vi"
    assert environment["JUPYTERHUB_API_TOKEN"] == "its own"
    assert "CONFIGPROXY_AUTH_TOKEN" not in environment
    assert "JUPYTERHUB_CRYPT_KEY" not in environment


def test_the_pid_of_an_earlier_hubs_session_is_forgotten() -> None:
    spawner = LocalSpawner()
    spawner.load_state({"pid": 1})
    assert spawner.pid == 0
