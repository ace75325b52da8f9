"""The GPU: its driver answers, a device can be seen, and a kernel really runs on it."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping

from checks.environment import nvidia
from checks.environment.environment import Environment
from checks.environment.fresh import Ran, run_script
from checks.environment.nvidia import Device, Driver, State
from checks.environment.packages import wanted_here
from checks.suite import Failed, Found, Skipped, check

# The PTX that CUDA 12.8's compiler writes is read by drivers from this branch on.
DRIVER_NEEDED = 570
KERNEL_LIMIT_S = 60.0  # the first kernel on a machine compiles for its GPU
# One of these brings CUDA's compiler and runtime; without any, the lab environment is the one for no GPU.
CUDA_PACKAGES = ("cupy", "cuda-toolkit", "nvidia-cuda-nvcc-cu12", "nvidia-cuda-nvrtc-cu12")
ON_THE_SIMULATOR = "the GPU labs run on the simulator"

_FOUND = {
    State.NO_SMI: "a device file of an NVIDIA GPU is there, but nvidia-smi is not",
    State.NO_NODE: "the NVIDIA driver is loaded, but there is no device file /dev/nvidia0",
    State.NO_DEVICE: "nvidia-smi is there and sees no GPU",
    State.MISMATCH: "the loaded driver and the installed driver have different versions",
    State.HANGS: "nvidia-smi does not end",
    State.NOT_LOADED: "nvidia-smi is there, but the driver is not loaded",
    State.BROKEN: "nvidia-smi does not say which GPUs there are",
}
_DO = {
    State.NO_SMI: "install the driver's tools (Debian: nvidia-smi; Ubuntu: nvidia-utils-NNN of the loaded version).\n"
    "In a container: give it the GPU through CDI or with the NVIDIA runtime, not by its device file alone",
    State.NO_NODE: "`sudo nvidia-modprobe -u -c=0` makes the device files.\n"
    "In a container: start it with the GPU (`docker run --device nvidia.com/gpu=all ...`)",
    State.NO_DEVICE: "`sudo dmesg | grep -i nvrm` says why; a GPU that fell off the bus comes back\n"
    "when the machine is powered off and on.\n"
    "In a container: start it with the GPU (`docker run --device nvidia.com/gpu=all ...`)",
    State.MISMATCH: "reboot: the driver was upgraded while the old one was loaded.\n"
    "In a container: `sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml` on the host, then start it anew",
    State.HANGS: "the driver is stuck: `sudo dmesg | grep -i nvrm` says why; reboot the machine",
    State.NOT_LOADED: "`sudo modprobe nvidia`; if that fails, `sudo dmesg | tail` says why: a kernel without\n"
    "matching headers (install linux-headers-$(uname -r), reinstall the driver), Secure Boot, or nouveau (reboot)",
    State.BROKEN: "run `nvidia-smi` yourself and follow what it says; then reinstall the driver and reboot",
}


def word_broken(driver: Driver) -> Failed:
    """What is wrong with a driver that does not work, and what to do about just that."""
    said = f" ({driver.said})" if driver.said else ""
    return Failed(_FOUND[driver.state] + said, expected="nvidia-smi that lists the GPU", do=_DO[driver.state])


def major(version: str) -> int:
    """The branch of a driver version: 570 of 570.86.15; 0 where it is no number."""
    first = version.split(".", maxsplit=1)[0]
    return int(first) if first.isdecimal() else 0


def judge_driver(driver: Driver) -> str:
    """The driver's version; Skipped if there is no GPU, Failed if there is one that cannot be used."""
    if driver.state is State.ABSENT:
        raise Skipped(f"no NVIDIA device: /dev/nvidia0 and nvidia-smi are absent; {ON_THE_SIMULATOR}")
    if driver.state is not State.WORKS:
        raise word_broken(driver)
    version = driver.devices[0].driver
    if major(version) < DRIVER_NEEDED:
        raise Failed(f"driver {version}", expected=f"driver {DRIVER_NEEDED} or newer, which CUDA 12.8 needs")
    return f"driver {version}"


def visible(devices: tuple[Device, ...], environ: Mapping[str, str]) -> tuple[Device, ...]:
    """The devices that CUDA_VISIBLE_DEVICES leaves: by number or beginning of a UUID, up to the first unknown."""
    wanted = environ.get("CUDA_VISIBLE_DEVICES")
    if wanted is None:
        return devices
    chosen: list[Device] = []
    for word in (part.strip() for part in wanted.split(",")):
        named = devices[int(word) : int(word) + 1] if word.isdecimal() else _by_uuid(devices, word)
        if not named:
            break
        chosen.extend(named)
    return tuple(chosen)


def _by_uuid(devices: tuple[Device, ...], word: str) -> tuple[Device, ...]:
    """The device whose UUID begins with `word`; for a part of a GPU (MIG-...), whose GPU is not told, the first."""
    if word.startswith("MIG-"):
        return devices[:1]
    return tuple(each for each in devices if word and each.uuid.startswith(word))[:1]


def judge_kernel(ran: Ran, has_cuda: bool) -> Found:
    """Found if the kernel's results were right. Without CUDA's libraries in the lock, none is asked for: Skipped."""
    if ran.code == 0:
        answer = json.loads(ran.out.splitlines()[-1])
        if not answer["wrong"]:
            return Found(f"{answer['size']} results right, by {answer['by']}", answer)
        raise Failed(
            f"{answer['wrong']} of {answer['size']} results are wrong, by {answer['by']}", expected="none wrong"
        )
    if ran.code is not None and not has_cuda:
        raise Skipped(f"the lab environment has no CUDA libraries; {ON_THE_SIMULATOR} although there is a GPU")
    raise Failed(f"the process with the kernel {ran.ending}: {ran.last_words}", expected="a kernel that runs and ends")


@check("gpu.driver", "The GPU's driver works")
def driver(environment: Environment) -> str:
    """Install driver 570 or newer (Ubuntu: `sudo ubuntu-drivers install`; Debian: the packages nvidia-driver and
    nvidia-smi) and reboot."""
    return judge_driver(nvidia.judge(*nvidia.gather(environment.gpus)))


@check("gpu.device", "A GPU can be seen", requires=["gpu.driver"])
def device(environment: Environment) -> Found:
    """`unset CUDA_VISIBLE_DEVICES`, or set it to a GPU that `nvidia-smi -L` lists."""
    every = nvidia.judge(*nvidia.gather(environment.gpus)).devices
    seen = visible(every, environment.environ)
    if not seen:
        hidden = environment.environ.get("CUDA_VISIBLE_DEVICES", "")
        raise Failed(f"CUDA_VISIBLE_DEVICES={hidden!r} hides all {len(every)} GPUs", expected="one GPU or more")
    return Found("; ".join(each.words for each in seen), {"uuids": [each.uuid for each in seen]})


@check("gpu.kernel", "A kernel runs on the GPU and computes", requires=["gpu.device", "lock.file"], limit_s=75)
def kernel(environment: Environment) -> Found:
    """`./workshop up` makes the lab environment anew, with CUDA's libraries. Where the process was ended by a signal or
    did not end: `sudo dmesg | grep -i -e nvrm -e xid` says what the GPU reports; reboot the machine."""
    locked = wanted_here(environment)
    environ = environment.child_environ()
    environ.pop("NUMBA_ENABLE_CUDASIM", None)  # the device is asked, not its simulator
    library = "cupy" if "cupy" in locked else "numba"
    size = 2 * random.randrange(20_000, 60_000) + 1  # odd, so that whole blocks alone do not cover it
    ran = run_script("gpu_kernel", [library, str(size)], environment.python, environ, KERNEL_LIMIT_S)
    return judge_kernel(ran, has_cuda=any(name in locked for name in CUDA_PACKAGES))
