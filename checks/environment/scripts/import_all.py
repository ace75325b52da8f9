"""Import what is named and tell whether the GIL is still off: `python -I import_all.py '["must", ...]' '["may", ...]'`.

Says `> NAME` before each import, so that whoever reads knows where a crash or a hang happened, and one line of JSON at
the end. What the modules print themselves goes to stderr. Stops at the first module after which the GIL is on.
"""

import importlib
import json
import os
import sys
from importlib.machinery import ExtensionFileLoader

report = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)
loaded_with_gil: list[str] = []


def is_gil_on() -> bool:
    """Whether the GIL is on now."""
    return bool(getattr(sys, "_is_gil_enabled", lambda: True)())


def watch(step: str) -> None:
    """Note each extension module after whose `step` of loading the GIL is on; CPython's warning may be silenced."""
    original = getattr(ExtensionFileLoader, step)

    def watched(loader: ExtensionFileLoader, argument: object) -> object:
        result = original(loader, argument)
        if is_gil_on():
            loaded_with_gil.append(loader.name)
        return result

    setattr(ExtensionFileLoader, step, watched)


def import_one(name: str) -> str:
    """The empty string, or why `name` cannot be imported."""
    report.write(f"> {name}\n")
    try:
        importlib.import_module(name)
    except BaseException as error:  # noqa: BLE001 - SystemExit included
        return f"{type(error).__name__}: {error}"
    return ""


def import_all(must: list[str], may: list[str]) -> dict[str, object]:
    """What became of each import; `at` names the first module after which the GIL was on."""
    failed: dict[str, str] = {}
    imported: list[str] = []
    for name in (*must, *may):
        why = import_one(name)
        if not why:
            imported.append(name)
        elif name in must:
            failed[name] = why
        if is_gil_on():
            return {"gil_on": True, "at": (*loaded_with_gil, name)[0], "imported": imported, "failed": failed}
    return {"gil_on": is_gil_on(), "at": "", "imported": imported, "failed": failed}


watch("create_module")
watch("exec_module")
report.write(json.dumps(import_all(*(json.loads(names) for names in sys.argv[1:3]))) + "\n")
report.flush()
sys.stdout.flush()
sys.stderr.flush()
os._exit(0)  # what the modules do at exit is no part of the question
