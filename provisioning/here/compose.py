"""The workshop in containers on this machine's Docker: what `./workshop up`, `status` and `down` do there.

It is compose.yaml that runs; `docker compose up` does the same. Here the choice is made and said, what cannot work is
said before anything is built, and the containers that the hub started are ended too.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field

from foundation.problem import ExitCode, Problem, require_all, wrong_input
from foundation.steps import Steps
from images.versions import versions
from provisioning.here import engine, machine
from provisioning.here.build_settings import write_build_settings
from provisioning.here.engine import Engine, NoEngine
from provisioning.here.place import Place
from provisioning.here.ports import LAST_PORT, free_ports, holder, is_free

DEFAULT_PORT = 8000
TARGETS = {"cpu": 6, "gpu": 30}  # and how many GB its build takes
MEMORY_MB = 1000  # hub, proxy and one small session
LABEL = "gilfree.workshop"  # hub/session_networks.py writes it on what the hub makes
READ_HERE = ("LAB_PYTHON", "LAB_TARGET", "REGISTRY", "WORKSHOP_PORT")  # compose.yaml reads them too, and the rest
UNNAMED = "unnamed"
COMPOSE = "com.docker.compose.project"  # Docker Compose's label, and the beginning of its others


@dataclass(frozen=True)
class Project:
    """One stack of compose.yaml, by its name; `settings` are variables that compose.yaml reads."""

    place: Place
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """COMPOSE_PROJECT_NAME, or `docker compose up`'s own; a state folder of one's own has a name of its own."""
        given = os.environ.get("COMPOSE_PROJECT_NAME")
        if given or self.place.state == self.place.clone / ".workshop":
            return given or "gilfree"
        return f"gilfree-{hashlib.sha256(str(self.place.state).encode()).hexdigest()[:6]}"

    @property
    def environment(self) -> dict[str, str]:
        """What every call of Docker is given."""
        return {**os.environ, **self.settings}

    def command(self, *words: str) -> list[str]:
        """`docker compose WORDS`, about this project."""
        return ["docker", "compose", "--project-directory", str(self.place.clone), "--project-name", self.name, *words]

    def said(self, *words: str) -> str:
        """What `docker compose WORDS` prints; "" if it fails."""
        return _said(self.command(*words), self.environment)

    def log(self, service: str) -> str:
        """The end of what `service` has said."""
        return self.said("logs", "--no-color", "--no-log-prefix", "--tail", "40", service)

    @property
    def is_running(self) -> bool:
        """Whether its hub or its proxy runs."""
        return bool(self.said("ps", "--quiet", "--status", "running"))

    @property
    def other_clone(self) -> str:
        """The folder of the clone that this stack was started from, where that is another one; otherwise ""."""
        folder = f'{{{{.Label "{COMPOSE}.working_dir"}}}}'
        words = ["docker", "ps", "--filter", f"label={COMPOSE}={self.name}", "--format", folder]
        folders = set(_said(words, self.environment).split("\n")) - {"", str(self.place.clone)}
        return min(folders, default="")

    @property
    def port(self) -> str:
        """The address and port where it is open to browsers: "127.0.0.1:8000"; "" where it is not."""
        return self.said("port", "proxy", "8000")

    def sessions(self) -> list[str]:
        """The sessions' containers."""
        return self._made_by_the_hub("ps", "--all")

    def networks(self) -> list[str]:
        """The sessions' networks."""
        return self._made_by_the_hub("network", "ls")

    def _made_by_the_hub(self, *words: str) -> list[str]:
        return _said(["docker", *words, "--quiet", "--filter", f"label={LABEL}={self.name}"], self.environment).split()


def up(options: argparse.Namespace, found: Engine) -> int:
    """Build the images, start hub and proxy, print where to go and the passwords."""
    place = Place.from_environment()
    place.make()
    target, why = choose_target()
    port = wanted_port(options.port)
    project = Project(place, settings={"LAB_TARGET": target, "WORKSHOP_PORT": str(port)})
    require_all(
        lambda: engine.require_fit(found, gpu=target == "gpu"),
        lambda: require_ours(project),
        lambda: _require_free(project, port),
        lambda: engine.require_room(found, TARGETS[target] if not _has_image(project, target) else 1),
        lambda: machine.require_memory(MEMORY_MB),
    )
    print(f"found:   {found.describe()}; {machine.describe()}")
    print(f"chosen:  containers on this machine's Docker, labs on the {target.upper()}")
    print(f"why:     an engine answers (--no-docker: local processes, for one attendee); {why}", flush=True)
    _start(project, found)
    _tell(project, "The workshop runs")
    if options.detach:
        print("Stop it: ./workshop down     This again: ./workshop status")
        return ExitCode.PASS
    return _stay(project)


def adopt_env_file(place: Place) -> None:
    """Let what the clone's .env says hold here as in compose.yaml: Docker Compose reads it, below the environment."""
    file = place.clone / ".env"
    if not file.exists():
        return
    asked = {"name": UNNAMED, "x-read": {name: f"${{{name}-}}" for name in READ_HERE}}
    done = subprocess.run(
        ["docker", "compose", "--project-directory", str(place.clone), "--file", "-", "config", "--format", "json"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise wrong_input(done.stderr.strip(), "a file that Docker Compose can read", f"correct {file}")
    said = json.loads(done.stdout)
    os.environ.update({name: value for name, value in said["x-read"].items() if value})
    if said["name"] != UNNAMED:
        os.environ["COMPOSE_PROJECT_NAME"] = said["name"]


def status(project: Project) -> int:
    """Say what runs and where. Exit code 0."""
    _tell(project, "The workshop runs in containers")
    for label in (f"{COMPOSE}={project.name}", f"{LABEL}={project.name}"):
        words = ["docker", "ps", "--filter", f"label={label}", "--format", "{{.Names}}\t{{.Status}}"]
        for line in sorted(filter(None, _said(words, None).split("\n"))):
            name, _, state = line.partition("\t")
            print(f"  {name:<32} {state}")
    return ExitCode.PASS


def down(project: Project) -> int:
    """End hub, proxy and all sessions; the attendees' volumes stay."""
    project.said("stop", "hub")  # first: it would start again what is ended below
    sessions = project.sessions()
    if sessions:
        _said(["docker", "rm", "--force", *sessions], None)
    project.said("down", "--remove-orphans")
    for network in project.networks():
        _said(["docker", "network", "rm", network], None)
    left = project.sessions() + project.networks()
    if left or project.is_running:
        raise Problem("Docker did not end all of it", do=f"docker ps --all --filter label={LABEL}={project.name}")
    ended = f"hub, proxy and {len(sessions)} sessions ended"
    print(f"The workshop is down: {ended}. Each attendee's work is kept in a volume.")
    return ExitCode.PASS


def choose_target() -> tuple[str, str]:
    """The lab image's target, LAB_TARGET or by what is here, and why. Raises Problem if it cannot be."""
    asked = os.environ.get("LAB_TARGET", "")
    gpu = machine.gpu()
    has_gpu = gpu.startswith("GPU")
    if asked and asked not in TARGETS:
        raise Problem(
            f"LAB_TARGET is {asked!r}",
            expected=f"one of {', '.join(TARGETS)}",
            do="LAB_TARGET=cpu ./workshop up",
            exit_code=ExitCode.USAGE,
        )
    if asked == "gpu" and not has_gpu:
        raise Problem(
            f"LAB_TARGET is gpu, and here is {gpu}",
            expected="an NVIDIA GPU and its driver: the gpu image is ten gigabytes, and of no use without",
            do="LAB_TARGET=cpu ./workshop up",
        )
    if asked:
        return asked, f"LAB_TARGET={asked}"
    return ("gpu", "there is a GPU") if has_gpu else ("cpu", f"{gpu}: the labs run on the CPU image and say so")


def wanted_port(given: int | None) -> int:
    """--port, WORKSHOP_PORT or 8000. Raises Problem if the variable is no port."""
    text = os.environ.get("WORKSHOP_PORT", "")
    if given or not text:
        return given or DEFAULT_PORT
    if not text.isdecimal() or not 1 <= int(text) <= LAST_PORT:
        raise Problem(
            f"WORKSHOP_PORT is {text!r}",
            expected=f"a number from 1 to {LAST_PORT}",
            do=f"WORKSHOP_PORT={DEFAULT_PORT} ./workshop up",
            exit_code=ExitCode.USAGE,
        )
    return int(text)


def require_ours(project: Project) -> None:
    """Two clones with one name would take turns at one workshop's data."""
    if project.other_clone:
        raise Problem(
            f"a workshop named {project.name} runs on this engine, from {project.other_clone}",
            expected="one of each name",
            do="there: ./workshop down\n"
            f"or give this one another name: COMPOSE_PROJECT_NAME={project.name}-2 ./workshop up",
        )


def _require_free(project: Project, port: int) -> None:
    if not is_free(port) and not project.is_running:
        other = (free_ports(port + 1, 1) or free_ports(DEFAULT_PORT, 1))[0]
        raise Problem(
            f"port {port} is taken by {holder(port)}", expected="a free port", do=f"./workshop up --port {other}"
        )


def _has_image(project: Project, target: str) -> bool:
    python = os.environ.get("LAB_PYTHON") or versions().lab_python
    image = f"{os.environ.get('REGISTRY', '')}gilfree/lab:{python}-{target}"
    return bool(_said(["docker", "image", "ls", "--quiet", image], project.environment))


def _start(project: Project, found: Engine) -> None:
    """Build, then start, each a step; a start that fails says what the hub said."""
    steps = Steps(total=2, log=project.place.setup_log)
    project.settings["WORKSHOP_BUILD_SETTINGS"] = str(write_build_settings(project.place))
    with steps.step("images of lab, hub and proxy") as step:
        step.say(
            "docker compose build: the first time 20 minutes on two cores (PGO=: 6, a slower Python); later seconds"
        )
        try:
            step.run(project.command("--progress", "plain", "build"), env=project.environment)
        except Problem:
            engine.require_room(found, 1)  # it is the better message, where that is the reason
            raise
    with steps.step("hub and proxy") as step:
        step.say("the lab image's self-check, then the hub")
        start = project.command("up", "--detach", "--no-build", "--wait", "hub", "proxy")
        try:
            step.run(start, env=project.environment)
        except Problem as problem:
            raise why_not(project.log("lab"), project.log("hub"), problem) from None


def why_not(lab: str, hub: str, otherwise: Problem) -> Problem:
    """What the log of `lab` or `hub` ends with if that has refused; `otherwise` if neither has got so far."""
    if 'service "lab"' in otherwise.found:
        return Problem(
            f"the lab image's self-check failed:\n{lab}",
            expected="a free-threaded Python whose GIL is off",
            do="docker compose build --no-cache lab",
        )
    _, refused, message = f"\n{hub}".rpartition("\nfound:")
    if not refused:
        return otherwise
    return Problem(
        f"the hub refuses to start; it says:\n{refused.strip()}{message.rstrip()}",
        expected="settings that it can work with",
        do="change them, then: ./workshop up",
    )


def _tell(project: Project, headline: str) -> None:
    """Where to go, and with what password."""
    print(f"\n{headline}: http://{project.port}\n")
    for who, file in (("attendees", "class-password"), ("user `instructor`", "instructor-password")):
        password = project.said("exec", "-T", "hub", "cat", f"/srv/hub/{file}")
        if password:
            print(f"password of {who}: {password}")
    print(flush=True)


def _stay(project: Project) -> int:
    """Show what hub and proxy say until Ctrl-C, which ends everything."""
    print("Ctrl-C stops it", flush=True)
    try:
        subprocess.run(project.command("logs", "--follow", "--tail", "0"), env=project.environment, check=False)
    except KeyboardInterrupt:
        print("\nStopping ...", flush=True)
        return down(project)
    print("The workshop was stopped.")
    return ExitCode.PASS


def _said(command: Sequence[str], environment: dict[str, str] | None) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return "" if done.returncode else done.stdout.strip()


def project_here() -> Project | NoEngine:
    """The project that every command but `up` is about, or why there can be none."""
    found = engine.look()
    if isinstance(found, NoEngine):
        return found
    adopt_env_file(Place.from_environment())
    return Project(Place.from_environment(), settings={"LAB_TARGET": "cpu"})


def running_project() -> Project:
    """The same. Raises Problem if it does not run."""
    project = project_here()
    if isinstance(project, NoEngine) or not project.is_running:
        why = f": {project.reason}" if isinstance(project, NoEngine) else ""
        raise Problem(
            f"no workshop runs here in containers{why}",
            expected="one for a class: local processes serve one attendee",
            do="./workshop up --docker",
        )
    return project
