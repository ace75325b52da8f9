"""Machines, GPUs and packages that are made of data, for tests of what is judged by them."""

from __future__ import annotations

import subprocess
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from checks.environment.environment import Environment
from checks.environment.fresh import Ran
from checks.environment.machine import GIB, Machine
from checks.environment.nvidia import Gpus

HEALTHY = "NVIDIA H200, GPU-4a1f, 143771, 570.86.15\n"
WORKING = Ran(0, HEALTHY, "")


@dataclass(frozen=True)
class FakeMachine:
    cores: int = 2
    quota: float | None = None
    memory: int = 8 * GIB
    disk: int = 50 * GIB

    def affinity(self) -> int:
        return self.cores

    def cpu_quota(self) -> float | None:
        return self.quota

    def memory_available(self) -> int:
        return self.memory

    def disk_free(self, _folder: Path) -> int:
        return self.disk


@dataclass(frozen=True)
class BrokenMachine:
    """Nothing about it can be read."""

    def affinity(self) -> int:
        raise OSError("affinity is not told")

    def cpu_quota(self) -> float | None:
        raise ValueError("not a number: 'lots'")

    def memory_available(self) -> int:
        raise OSError("/proc is not mounted")

    def disk_free(self, _folder: Path) -> int:
        raise OSError("stale file handle")


@dataclass(frozen=True)
class FakeGpus:
    ran: Ran | None = WORKING
    files: Sequence[str] = ("/dev/nvidia0",)
    is_loaded: bool = True

    def nodes(self) -> Sequence[str]:
        return self.files

    def has_kernel_module(self) -> bool:
        return self.is_loaded

    def query(self) -> Ran | None:
        return self.ran


NO_GPUS = FakeGpus(ran=None, files=(), is_loaded=False)


@dataclass(frozen=True)
class BrokenGpus:
    """nvidia-smi is there and cannot be started."""

    def nodes(self) -> Sequence[str]:
        return ()

    def has_kernel_module(self) -> bool:
        return False

    def query(self) -> Ran | None:
        raise PermissionError(13, "Permission denied")


def environment_of(
    python: Path,
    folder: Path,
    *,
    lock: str = "",
    environ: Mapping[str, str] | None = None,
    gil_option: str | None = None,
    gpus: Gpus = NO_GPUS,
    machine: Machine = FakeMachine(),
) -> Environment:
    """An environment in `folder`, with `python` for its interpreter and packages of its own."""
    (folder / "site").mkdir(parents=True, exist_ok=True)
    (folder / "lock.txt").write_text(lock)
    return Environment(
        python=python,
        prefix=folder,
        site_packages=folder / "site",
        lock=folder / "lock.txt",
        environ=environ or {},
        gil_option=gil_option,
        home=folder,
        gpus=gpus,
        machine=machine,
    )


def virtual_environment(python: Path, folder: Path, lock: str = "") -> Environment:
    """A real virtual environment without packages, made by the interpreter below `python`."""
    base = subprocess.check_output([python, "-c", "import sys; print(sys._base_executable)"], text=True).strip()
    subprocess.run([base, "-m", "venv", "--without-pip", folder], check=True)
    own = folder / "bin" / "python"
    site = subprocess.check_output([own, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True)
    (folder / "lock.txt").write_text(lock)
    return Environment(
        python=own,
        prefix=folder,
        site_packages=Path(site.strip()),
        lock=folder / "lock.txt",
        environ={},
        home=folder,
        gpus=NO_GPUS,
        machine=FakeMachine(),
    )


def install(environment: Environment, name: str, files: Mapping[str, str], version: str = "1.0") -> None:
    """Put a distribution of Python files, with metadata and RECORD, into `environment`."""
    site = environment.site_packages
    info = site / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in [*files, f"{info.name}/RECORD"]))
    for file, text in files.items():
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        if not file.endswith(".so"):
            (site / file).write_text(text)


def compile_extension(environment: Environment, file: str, *, is_declared: bool) -> None:
    """Compile the extension module `file` (package/leaf.so), which declares free-threading or does not."""
    target = environment.site_packages / file
    leaf = target.name.split(".")[0]
    declared = "{Py_mod_gil, Py_MOD_GIL_NOT_USED}," if is_declared else ""
    target.parent.mkdir(parents=True, exist_ok=True)
    source = target.with_suffix(".c")
    source.write_text(_source(file.removesuffix(".so").replace("/", "."), leaf, declared))
    code = "import sysconfig; print(sysconfig.get_path('include'))"
    include = subprocess.check_output([environment.python, "-c", code], text=True).strip()
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    subprocess.run([compiler, "-shared", "-fPIC", f"-I{include}", source, "-o", target], check=True)


def _source(name: str, leaf: str, declared: str) -> str:
    return f"""
#include <Python.h>
static PyModuleDef_Slot slots[] = {{ {declared} {{0, NULL}} }};
static PyModuleDef module = {{PyModuleDef_HEAD_INIT, "{name}", NULL, 0, NULL, slots}};
PyMODINIT_FUNC PyInit_{leaf}(void) {{ return PyModuleDef_Init(&module); }}
"""
