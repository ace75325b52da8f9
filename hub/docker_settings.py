"""JupyterHub in a container, one container for each attendee. Read by `jupyterhub -f hub/docker_settings.py`.

compose.yaml sets the variables that are read here; the folders are volumes.
"""

import os
import secrets
from pathlib import Path

from docker import APIClient
from docker.utils import kwargs_from_env
from jupyterhub.app import JupyterHub

from hub import spawn_page
from hub.container_lab import ContainerLab
from hub.engine import DockerEngine
from hub.front_page import ADDRESS, FILE, FrontPage
from hub.gpus import gpu_slots
from hub.kept_secret import kept_secret
from hub.lab_networks import LabNetworks
from hub.seat_login import SeatLogin
from hub.seats import INSTRUCTOR, NAME, Seats
from hub.slot_desk import SlotDesk
from hub.slots import Ledger
from hub.start_queue import StartQueue

ENGINE_LIMIT_S = 30

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - JupyterHub defines it

state = Path(os.environ.get("WORKSHOP_STATE", "/srv/hub"))
proxy_token = Path(os.environ.get("WORKSHOP_PROXY_TOKEN", "/srv/proxy/token"))
workshop = os.environ.get("WORKSHOP_NAME", "gilfree")
cores = os.process_cpu_count() if hasattr(os, "process_cpu_count") else len(os.sched_getaffinity(0))

target = os.environ.get("LAB_TARGET", "gpu")
wanted_slots = os.environ.get("GPU_SLOTS") or ("" if target == "gpu" else "none")
lab_addresses = os.environ.get("LAB_ADDRESSES", "10.213.0.0/16")
engine = APIClient(**kwargs_from_env(), version="auto", timeout=ENGINE_LIMIT_S)
LabNetworks(engine, workshop, lab_addresses).rejoin()


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

# The proxy is a container of its own: labs and browsers survive a restart of the hub.
c.JupyterHub.cleanup_servers = False
c.JupyterHub.cleanup_proxy = False
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = os.environ.get("WORKSHOP_PROXY_API", "http://proxy:8001")
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
c.JupyterHub.spawner_class = ContainerLab
c.ContainerLab.workshop = workshop
c.ContainerLab.lab_addresses = lab_addresses
ContainerLab.desk = SlotDesk(
    Ledger(gpu_slots(wanted_slots, engine.info()), epoch=f"{secrets.token_hex(4)}-"),
    DockerEngine(engine, workshop),
    active,
)
ContainerLab.queue = StartQueue(width=cores)
c.ContainerLab.options_from_form = spawn_page.chosen
c.ContainerLab.apply_user_options = spawn_page.choose
c.ContainerLab.image = os.environ.get("LAB_IMAGE", f"gilfree/lab:3.13t-{target}")
c.ContainerLab.pull_policy = "never"
c.ContainerLab.name_template = f"{workshop}-lab-{{username}}"
c.ContainerLab.volumes = {f"{workshop}-home-{{username}}": "/home/attendee"}
c.ContainerLab.remove = True
c.ContainerLab.use_internal_ip = True
c.ContainerLab.cpus = min(2, cores)
c.ContainerLab.mem_limit = os.environ.get("LAB_MEMORY", "2G")
c.ContainerLab.cmd = ["jupyterhub-singleuser"]
c.ContainerLab.default_url = "/lab/tree/index.md"
c.ContainerLab.start_timeout = c.ContainerLab.http_timeout = 240
