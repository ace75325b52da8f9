"""Both notebook kernels start, compute, and have the GIL that their name promises."""

from __future__ import annotations

import ast
import asyncio
import os
import random
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.environment.environment import Environment
from checks.suite import Failed, Found, check

PROMISES = {"gilfree": False, "gilfree-gil": True}  # kernel -> whether the GIL is on in it
START_LIMIT_S = 40.0
ANSWER_LIMIT_S = 10.0
_QUESTION = "(sum(i * i for i in range({last} + 1)), __import__('sys')._is_gil_enabled())"


@dataclass(frozen=True, slots=True)
class Kernel:
    """What one kernel answered. fault: why it did not, in words; empty if it did."""

    name: str
    fault: str = ""
    is_sum_right: bool = False
    gil_on: bool = False


def kernel_folders(environ: Mapping[str, str], prefix: Path) -> list[str]:
    """Where kernels are looked for: the folders of JUPYTER_PATH, then the environment's own, as Jupyter does it."""
    named = [Path(each) for each in environ.get("JUPYTER_PATH", "").split(os.pathsep) if each]
    return [str(each / "kernels") for each in (*named, prefix / "share" / "jupyter")]


def gather(environment: Environment, names: Sequence[str] = tuple(PROMISES)) -> tuple[Kernel, ...]:
    """Start the kernels side by side, let each compute, shut them down."""
    with tempfile.TemporaryDirectory(prefix="workshop-kernels-") as scratch:
        return asyncio.run(_ask_all(environment, names, Path(scratch)))


async def _ask_all(environment: Environment, names: Sequence[str], scratch: Path) -> tuple[Kernel, ...]:
    return tuple(await asyncio.gather(*(_ask(environment, name, scratch) for name in names)))


async def _ask(environment: Environment, name: str, scratch: Path) -> Kernel:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    from jupyter_client.manager import AsyncKernelManager

    folders = kernel_folders(environment.environ, environment.prefix)
    specs = KernelSpecManager(kernel_dirs=folders, ensure_native_kernel=False)
    manager = AsyncKernelManager(
        kernel_name=name, kernel_spec_manager=specs, connection_file=str(scratch / f"{name}.json")
    )
    log = scratch / f"{name}.log"
    with log.open("wb") as output:
        try:
            await manager.start_kernel(env=environment.own_environ(), stdout=output, stderr=output, cwd=str(scratch))
            return await _compute(manager, name)
        except NoSuchKernel:
            return Kernel(name, fault=f"not found in {os.pathsep.join(folders)}")
        except (RuntimeError, OSError, TimeoutError) as error:
            return Kernel(name, fault=_why(error, log))
        finally:
            await manager.shutdown_kernel(now=True)


async def _compute(manager: Any, name: str) -> Kernel:
    last = random.randrange(1000, 2000)
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=START_LIMIT_S)
        question = {"answer": _QUESTION.format(last=last)}
        reply = await client.execute("", user_expressions=question, reply=True, timeout=ANSWER_LIMIT_S)
    finally:
        client.stop_channels()
    answer = reply["content"].get("user_expressions", {}).get("answer", {})
    if answer.get("status") != "ok":
        return Kernel(
            name, fault=f"it cannot compute: {answer.get('evalue', reply['content'].get('evalue', 'no answer'))}"
        )
    total, gil_on = ast.literal_eval(answer["data"]["text/plain"])
    return Kernel(name, is_sum_right=total == last * (last + 1) * (2 * last + 1) // 6, gil_on=gil_on)


def _why(error: Exception, log: Path) -> str:
    """The error, and the last line that the kernel itself wrote: mostly that line is the cause."""
    lines = log.read_text(errors="replace").strip().splitlines()
    said = f" ({lines[-1].strip()})" if lines else ""
    return f"{error or type(error).__name__}{said}"


def judge(kernels: Sequence[Kernel], promises: Mapping[str, bool]) -> list[str]:
    """One sentence a fault."""
    return [fault for each in kernels if (fault := _fault(each, promises[each.name]))]


def _fault(kernel: Kernel, promised: bool) -> str:
    if kernel.fault:
        return f"`{kernel.name}`: {kernel.fault}"
    if not kernel.is_sum_right:
        return f"`{kernel.name}` computes wrongly"
    if kernel.gil_on != promised:
        return f"`{kernel.name}` runs with the GIL {_on(kernel.gil_on)}, its name promises {_on(promised)}"
    return ""


def _on(is_on: bool) -> str:
    return "on" if is_on else "off"


@check("kernels.compute", "Both notebook kernels start and compute", requires=["python.build"], limit_s=90)
def compute(environment: Environment) -> Found:
    """`./workshop up` writes both kernels anew. Where one starts and dies, the last line that it wrote is in brackets;
    the whole of it: `jupyter kernel --kernel=gilfree` in a terminal of the session."""
    kernels = gather(environment)
    if faults := judge(kernels, PROMISES):
        raise Failed("; ".join(faults), expected="both start, compute, and have the GIL that their name promises")
    words = ", ".join(f"`{each.name}` with the GIL {_on(each.gil_on)}" for each in kernels)
    return Found(f"{words}: started and computed", {each.name: {"gil_on": each.gil_on} for each in kernels})
