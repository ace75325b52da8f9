"""Imports in a forked process and sends the warning's text back; and the formula written down once more."""

import importlib
import multiprocessing
import warnings


def _import(name, pipe):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        importlib.import_module(name)
    texts = [str(each.message) for each in caught if issubclass(each.category, RuntimeWarning)]
    pipe.send([text.split("'")[1] for text in texts if text.startswith("The global interpreter lock")])


def who_enabled_the_gil(module_name):
    mine, other = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_import, args=(module_name, other))
    process.start()
    found = mine.recv()
    process.join()
    return found[0] if found else None


def _chill(t, v):
    return t if v < 4.8 else 13.12 + 0.6215 * t - 11.37 * v**0.16 + 0.3965 * t * v**0.16


def report(readings):
    felt = sorted((_chill(t, v), name) for name, t, v in readings)
    return [f"{name}: feels like {degrees:.1f}" for degrees, name in felt]
