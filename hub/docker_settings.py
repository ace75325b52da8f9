"""JupyterHub in a container, one container for each attendee. Read by `jupyterhub -f hub/docker_settings.py`.

compose.yaml sets the variables that are read here; the folders are volumes.
"""

import os
import secrets
import sys
from pathlib import Path

from docker import APIClient
from docker.utils import kwargs_from_env
from jupyterhub.app import JupyterHub

from foundation import cores
from foundation.problem import Problem
from hub import spawn_page
from hub.container_spawner import ContainerSpawner
from hub.engine import DockerEngine
from hub.front_page import ADDRESS, FILE, FrontPage
from hub.gpus import Gpus
from hub.kept_secret import kept_secret
from hub.only_hub import only_hub
from hub.seat_login import SeatLogin
from hub.seats import INSTRUCTOR, NAME, Seats
from hub.session_networks import SessionNetworks
from hub.session_proxy import SessionProxy
from hub.slot_desk import SlotDesk
from hub.slots import Ledger
from hub.start_queue import StartQueue
from hub.variables import Variables

ENGINE_LIMIT_S = 30
CULL_EVERY_S = HEAL_EVERY_S = 30

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - JupyterHub defines it

state = Path(os.environ.get("WORKSHOP_STATE", "/srv/hub"))
proxy_token = Path(os.environ.get("WORKSHOP_PROXY_TOKEN", "/srv/proxy/token"))

try:
    wanted = Variables.from_environment(os.environ)
    lock = only_hub(state)  # held as long as this process lives
except Problem as problem:
    sys.exit(f"\n{problem}")

engine = APIClient(**kwargs_from_env(), version="auto", timeout=ENGINE_LIMIT_S)
SessionNetworks(engine, wanted.name, wanted.addresses).rejoin()


def active() -> set[str]:
    """Who has a session as far as the hub knows: starting, running or stopping."""
    users = JupyterHub.instance().users.values()
    return {user.name for user in users if any(spawner.active for spawner in user.spawners.values())}


c.JupyterHub.bind_url = "http://:8000"
c.JupyterHub.hub_bind_url = "http://:8081"
c.JupyterHub.hub_connect_url = "http://hub:8081"
c.JupyterHub.db_url = f"sqlite:///{state}/jupyterhub.sqlite"
c.JupyterHub.upgrade_db = True
c.JupyterHub.cookie_secret_file = str(state / "cookie_secret")

# The proxy is a container of its own: sessions and browsers survive a restart of the hub.
c.JupyterHub.cleanup_servers = False
c.JupyterHub.cleanup_proxy = False
c.JupyterHub.proxy_class = SessionProxy
c.ConfigurableHTTPProxy.should_start = False
c.JupyterHub.last_activity_interval = HEAL_EVERY_S  # so often the routes are looked at: a new proxy has none
c.Spawner.poll_interval = HEAL_EVERY_S
c.ConfigurableHTTPProxy.api_url = os.environ.get("WORKSHOP_PROXY_API", "http://proxy-control:8001")
c.ConfigurableHTTPProxy.auth_token = kept_secret(proxy_token)

seats = Seats(state)
_ = seats.class_password, seats.instructor_password  # made at the first start, so that they can be printed
c.JupyterHub.authenticator_class = SeatLogin
c.SeatLogin.folder = str(state)
c.Authenticator.admin_users = {INSTRUCTOR}
c.Authenticator.allow_all = True
c.Authenticator.username_pattern = rf"^{NAME}\Z"

front_page = state / FILE
c.JupyterHub.template_paths = [str(Path(__file__).with_name("templates"))]
c.JupyterHub.template_vars = {"has_front_page": lambda _user: front_page.exists()}
c.JupyterHub.extra_handlers = [(ADDRESS, FrontPage, {"file": front_page})]

c.JupyterHub.concurrent_spawn_limit = 0  # JupyterHub rejects over its limit; we queue
c.JupyterHub.spawner_class = ContainerSpawner
c.ContainerSpawner.workshop = wanted.name
c.ContainerSpawner.network_addresses = wanted.addresses
ContainerSpawner.desk = SlotDesk(
    Ledger(epoch=f"{secrets.token_hex(4)}-"), DockerEngine(engine, wanted.name, Gpus(wanted.gpu_slots)), active
)
ContainerSpawner.queue = StartQueue(width=cores.usable())
c.ContainerSpawner.options_from_form = spawn_page.chosen
c.ContainerSpawner.apply_user_options = spawn_page.choose
c.ContainerSpawner.offers_gpus = wanted.gpu_slots != "none"
c.ContainerSpawner.image = wanted.image
c.ContainerSpawner.pull_policy = "never"
c.ContainerSpawner.name_template = f"{wanted.name}-lab-{{username}}"  # not "session": running hubs have named them so
c.ContainerSpawner.volumes = {f"{wanted.name}-home-{{username}}": "/home/attendee"}
c.ContainerSpawner.remove = True
c.ContainerSpawner.use_internal_ip = True
c.ContainerSpawner.cpus = min(2, cores.usable())
c.ContainerSpawner.mem_limit = wanted.memory
c.ContainerSpawner.cmd = ["/opt/server/bin/python", "-P", "-m", "images.lab.server"]
c.ContainerSpawner.default_url = "/lab/tree/index.md"
c.ContainerSpawner.start_timeout = c.ContainerSpawner.http_timeout = 240

# A session ends by itself when it is idle, which it knows best (images/lab/session_end.py). The longest time is ours.
c.ContainerSpawner.idle_s, c.ContainerSpawner.longest_s = wanted.idle_s, wanted.longest_s
if wanted.longest_s:
    limit_s = int(wanted.longest_s)
    culler = [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={limit_s}", f"--max-age={limit_s}"]
    scopes = ["list:users", "read:users:activity", "read:servers", "delete:servers"]
    c.JupyterHub.services = [{"name": "longest", "command": [*culler, f"--cull-every={CULL_EVERY_S}"]}]
    c.JupyterHub.load_roles = [{"name": "longest", "scopes": scopes, "services": ["longest"]}]
