"""The Docker engine of this machine: which one answers, what it can do, and what to tell if it cannot do enough."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from foundation.problem import Problem, require_all

ASK_LIMIT_S = 20.0
OLDEST_ENGINE = (25, 0)  # the first that hands out devices by CDI
OLDEST_COMPOSE = (2, 20)  # `additional_contexts`, and a dependency that has to end well
GPU_KIND = "nvidia.com/gpu"
WHERE_CDI_IS = ("/etc/cdi", "/var/run/cdi")


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine that answers. `compose` and `buildx` are "" if the client lacks them."""

    version: str
    compose: str
    buildx: str
    root: Path
    cdi_folders: tuple[Path, ...]

    def describe(self) -> str:
        """In words."""
        return f"Docker Engine {self.version}" + (f" with Compose {self.compose}" if self.compose else "")

    @property
    def hands_out_gpus(self) -> bool:
        """Whether a CDI description of NVIDIA's GPUs is where the engine looks for one."""
        files = [file for folder in self.cdi_folders if folder.is_dir() for file in folder.iterdir()]
        return any(GPU_KIND in file.read_text(encoding="utf-8", errors="replace") for file in files if file.is_file())


@dataclass(frozen=True, slots=True)
class NoEngine:
    """No engine answers, and why."""

    reason: str


def look() -> Engine | NoEngine:
    """The engine that answers to the command `docker` here."""
    if not shutil.which("docker"):
        return NoEngine("there is no command `docker`")
    code, said = _ask("docker", "info", "--format", "{{json .}}")
    try:
        info = json.loads(said)
    except ValueError:
        info = {}
    errors = info.get("ServerErrors") or []
    if code or errors or not info.get("ServerVersion"):
        return NoEngine(f"no Docker engine answers: {_reason(errors, said)}")
    return Engine(
        version=info["ServerVersion"],
        compose=_plugin_version("compose"),
        buildx=_plugin_version("buildx"),
        root=Path(info.get("DockerRootDir", "/")),
        cdi_folders=tuple(Path(folder) for folder in info.get("CDISpecDirs") or ()),
    )


def require_fit(engine: Engine, *, gpu: bool) -> None:
    """Raise one Problem about all that keeps `engine` from running the workshop."""
    require_all(
        lambda: _require_version(engine),
        lambda: _require_plugins(engine),
        *([lambda: _require_gpus(engine)] if gpu else []),
    )


def _require_version(engine: Engine) -> None:
    if _numbers(engine.version) < OLDEST_ENGINE:
        raise Problem(
            f"the Docker engine is too old: {engine.version}",
            expected=f"Docker Engine {_dotted(OLDEST_ENGINE)} or newer",
            do="update Docker, or: ./workshop up --no-docker",
        )


def _require_plugins(engine: Engine) -> None:
    if not engine.buildx or _numbers(engine.compose) < OLDEST_COMPOSE:
        raise Problem(
            f"Docker's plugins are missing or too old: compose {engine.compose or 'missing'}, "
            f"buildx {engine.buildx or 'missing'}",
            expected=f"Compose {_dotted(OLDEST_COMPOSE)} or newer, and buildx",
            do="install docker-compose-plugin and docker-buildx-plugin (Debian: docker-compose and docker-buildx)\n"
            "or: ./workshop up --no-docker",
        )


def _require_gpus(engine: Engine) -> None:
    if not engine.hands_out_gpus:
        folders = ", ".join(map(str, engine.cdi_folders)) or f"nothing: CDI is off ({', '.join(WHERE_CDI_IS)})"
        raise Problem(
            f"there is a GPU, but Docker cannot hand it out: no CDI description of {GPU_KIND}; it looks in {folders}",
            expected="NVIDIA's container toolkit, and CDI on",
            do="sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml\n"
            'engines before 28: put {"features": {"cdi": true}} into /etc/docker/daemon.json and restart Docker\n'
            "or use the CPU: LAB_TARGET=cpu ./workshop up",
        )


def require_room(engine: Engine, needs_gb: int) -> None:
    """Raise Problem if the disk of the engine's images has less than `needs_gb` free; unseen disks pass."""
    if not engine.root.is_dir():
        return
    free_gb = shutil.disk_usage(engine.root).free / 1e9
    if free_gb < needs_gb:
        raise Problem(
            f"too little disk for the images: {free_gb:.0f} GB free where Docker keeps them ({engine.root})",
            expected=f"{needs_gb} GB",
            do="docker system prune\nor give Docker a folder on a larger disk: data-root in /etc/docker/daemon.json\n"
            "or: ./workshop up --no-docker",
        )


def _plugin_version(name: str) -> str:
    code, said = _ask("docker", name, "version", *(["--short"] if name == "compose" else []))
    found = re.search(r"\d+\.\d+\S*", said)
    return found[0] if found and not code else ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


def _dotted(version: Sequence[int]) -> str:
    return ".".join(map(str, version))


def _reason(errors: Sequence[str], said: str) -> str:
    """The first line of why."""
    lines = [*errors, *said.splitlines()]
    return lines[0] if lines else "it said nothing"


def _ask(*command: str) -> tuple[int, str]:
    """Exit code and standard output, or the error output if there is no other."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=ASK_LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        return 1, f"no answer in {ASK_LIMIT_S:.0f} s"
    return done.returncode, done.stdout.strip() or done.stderr.strip()
