"""`python -m images.lab.trim ENVIRONMENT`: remove from a lab environment what no session in an image can use.

Prints what each rule removed and how large that was. Whether all of it can be missed is proved afterwards, by the
image's self-tests: every package is imported, NVRTC and Numba compile.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Rule:
    """Why what the patterns (in site-packages) match is of no use there; `but`: the parts of paths that stay."""

    reason: str
    patterns: tuple[str, ...]
    but: tuple[str, ...] = ()


RULES = (
    Rule("static libraries and bitcode for them: nobody links", ("**/*.a", "nvidia/nvshmem/lib/*.bc")),
    Rule(
        "headers and CMake files: nobody compiles C++; CuPy and Numba give CUDA's own to NVRTC",
        ("torch/include", "torch/share/cmake", "nvidia/*/include"),
        but=("nvidia/cuda_runtime", "nvidia/cuda_nvcc"),
    ),
    Rule("nvcc's parts: NVRTC and NVVM, which are libraries, compile here", ("nvidia/cuda_nvcc/bin", "**/nvvm/bin")),
    Rule("NVRTC for compilers in small memory, a second copy", ("nvidia/cuda_nvrtc/lib/*.alt.so*",)),
    Rule("a solver for several GPUs, which neither torch nor CuPy loads", ("nvidia/cusolver/lib/libcusolverMg.so*",)),
    Rule("the packages' own tests", ("**/tests", "torch/test", "torch/bin/test*", "tornado/test")),
)


def trim(environment: Path) -> Iterator[str]:
    """Remove what the rules name; one line for each rule that found something."""
    (packages,) = environment.glob("lib/python3.*/site-packages")
    for rule in RULES:
        saved = sum(remove(path) for path in found_by(rule, packages))
        if saved:
            yield f"{saved / MB:7.1f} MB  {rule.reason}"


def found_by(rule: Rule, packages: Path) -> list[Path]:
    """What of `packages` the rule is about, nothing of it inside another."""
    found = {path for pattern in rule.patterns for path in packages.glob(pattern)}
    kept = {path for path in found if any(part in path.as_posix() for part in rule.but)}
    return sorted(path for path in found - kept if not found & set(path.parents))


def remove(path: Path) -> int:
    """Remove the file or folder; how many bytes it had."""
    if path.is_symlink() or path.is_file():
        size = path.lstat().st_size
        path.unlink()
        return size
    size = sum(file.lstat().st_size for file in path.rglob("*") if not file.is_dir())
    shutil.rmtree(path)
    return size


if __name__ == "__main__":
    print("\n".join(trim(Path(sys.argv[1]))))
