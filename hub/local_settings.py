"""JupyterHub on this machine for one attendee: 127.0.0.1, no Docker. Read by `jupyterhub -f hub/local_settings.py`.

WORKSHOP_STATE and WORKSHOP_HOME name the folders; WORKSHOP_PORTS the public port, the hub's and the proxy's own.
"""

import os
import sys
from pathlib import Path

from hub.local_spawner import LocalSpawner
from hub.one_time_url import ATTENDEE, OneTimeURL

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - JupyterHub defines it

PROXY = "from configurable_http_proxy.cli import main; main()"
PROXY_LIMIT_MS = "600000"  # it passes a response on when it is complete: a start's progress, when the start has ended
HERE = "127.0.0.1"
state = Path(os.environ["WORKSHOP_STATE"])
home = os.environ["WORKSHOP_HOME"]
public_port, hub_port, proxy_port = os.environ["WORKSHOP_PORTS"].split(",")

c.JupyterHub.bind_url = f"http://{HERE}:{public_port}"
c.JupyterHub.hub_bind_url = f"http://{HERE}:{hub_port}"
c.ConfigurableHTTPProxy.api_url = f"http://{HERE}:{proxy_port}"
c.ConfigurableHTTPProxy.command = [sys.executable, "-P", "-c", PROXY, "--proxy-timeout", PROXY_LIMIT_MS]

# Relative: the hub is started in its own folder.
c.ConfigurableHTTPProxy.pid_file = "proxy.pid"
c.JupyterHub.db_url = "sqlite:///jupyterhub.sqlite"
c.JupyterHub.upgrade_db = True
c.JupyterHub.cookie_secret_file = "cookie_secret"

c.JupyterHub.authenticator_class = OneTimeURL
c.OneTimeURL.login_folder = str(state / "login")
c.OneTimeURL.allowed_users = {ATTENDEE}
c.JupyterHub.template_paths = [str(Path(__file__).with_name("templates"))]

c.JupyterHub.spawner_class = LocalSpawner
# -P: the folder that JupyterLab starts in is the attendee's; a random.py of theirs must not shadow the real one
c.Spawner.cmd = [sys.executable, "-P", "-m", "images.lab.server"]
c.Spawner.notebook_dir = home
c.Spawner.default_url = "/lab/tree/index.md"
c.LocalSpawner.popen_kwargs = {"cwd": home}
c.Spawner.start_timeout = c.Spawner.http_timeout = 120  # a cold disk on a small laptop
c.LocalSpawner.interrupt_timeout = c.LocalSpawner.term_timeout = 5
