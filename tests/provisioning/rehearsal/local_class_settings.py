"""JupyterHub for a class of local processes, read by `jupyterhub -f`; local_class.py beside it sets the variables."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, ClassVar

from jupyterhub.utils import wait_for_http_server

from foundation import cores
from hub import spawn_page
from hub.local_spawner import LocalSpawner
from hub.seat_login import SeatLogin
from hub.seats import INSTRUCTOR, REHEARSAL
from hub.start_queue import StartQueue

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - JupyterHub defines it

HERE = "127.0.0.1"
ANSWER_LIMIT_S = 120
TELL_EVERY_S = 0.5
AS_ROOT = ["--allow-root"] if os.geteuid() == 0 else []
# each start's progress is a connection that stays open: a class needs more than tornado's ten
PROXY = """
from tornado.httpclient import AsyncHTTPClient
AsyncHTTPClient.configure(None, max_clients=1000)
from configurable_http_proxy.cli import main
main()
"""
state = Path(os.environ["WORKSHOP_INSTANCE"])
public_port, hub_port, proxy_port = os.environ["WORKSHOP_PORTS"].split(",")


class ClassSpawner(LocalSpawner):
    """A session in a home of its own; of a rehearsal's attendee nothing is left with the account."""

    @property
    def home(self) -> Any:
        return state / "homes" / self.user.name

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        return {**super().user_env(env), "HOME": str(self.home), "WORKSHOP_HOME": str(self.home / "labs")}

    async def start(self) -> Any:
        self.home.mkdir(exist_ok=True)
        self.popen_kwargs = {"cwd": str(self.home)}
        return await super().start()

    def delete_forever(self) -> None:
        assert self.user.name.startswith(REHEARSAL)
        shutil.rmtree(self.home)


class QueuedSpawner(ClassSpawner):
    """Starts as a ContainerSpawner does: after a turn in the queue, with the labs delivered, until it answers."""

    queue: ClassVar[StartQueue] = StartQueue(int(os.environ.get("CLASS_WIDTH") or cores.usable()))

    async def run_pre_spawn_hook(self) -> None:
        while (state / "held").exists():  # see LocalClass.starts_held
            await asyncio.sleep(TELL_EVERY_S)
        await self.queue.enter(self.user.name)

    async def start(self) -> Any:
        try:
            (self.home / "labs").mkdir(parents=True, exist_ok=True)
            deliver = ("python", "-P", "-m", "labs", "deliver")
            delivering = await asyncio.create_subprocess_exec(*deliver, env=self.get_env(), cwd=self.home)
            assert await delivering.wait() == 0
            address = await super().start()
            await wait_for_http_server(f"http://{address[0]}:{address[1]}{self.server.base_url}api", ANSWER_LIMIT_S)
            return address
        finally:
            self.queue.leave(self.user.name)

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        while True:
            place = self.queue.position(self.user.name)
            yield spawn_page.waiting_for_turn(place) if place else spawn_page.starting("")
            await asyncio.sleep(TELL_EVERY_S)

    async def run_post_stop_hook(self) -> None:
        self.queue.leave(self.user.name)


c.JupyterHub.bind_url = f"http://{HERE}:{public_port}"
c.JupyterHub.hub_bind_url = f"http://{HERE}:{hub_port}"
c.ConfigurableHTTPProxy.api_url = f"http://{HERE}:{proxy_port}"
c.ConfigurableHTTPProxy.command = [sys.executable, "-P", "-c", PROXY, "--proxy-timeout", "600000"]
c.JupyterHub.authenticator_class = SeatLogin
c.SeatLogin.folder = str(state / "hub")
c.Authenticator.admin_users = {INSTRUCTOR}
c.Authenticator.allow_all = True
if os.environ["CLASS_IS_STOCK"]:
    c.JupyterHub.spawner_class = ClassSpawner
    c.Spawner.cmd = [sys.executable, "-P", "-m", "jupyterhub.singleuser"]
    c.Spawner.args = [*AS_ROOT, "--ServerApp.jpserver_extensions={'jupyterlab_jupytext': False}"]
else:
    c.JupyterHub.spawner_class = QueuedSpawner
    c.JupyterHub.concurrent_spawn_limit = 0
    c.JupyterHub.template_paths = [str(Path(spawn_page.__file__).with_name("templates"))]
    c.Spawner.cmd = [sys.executable, "-P", "-m", "images.lab.server"]
    c.Spawner.args = AS_ROOT
    c.Spawner.start_timeout = c.Spawner.http_timeout = ANSWER_LIMIT_S
