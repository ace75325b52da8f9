"""An answer is compared with the right one, and the first difference is named."""

from __future__ import annotations

import _thread
import threading
from collections.abc import Callable

import numpy as np
import pytest

from checks.oracles.answers import left_alone, no_thread_left, raises, same, same_array, short
from checks.suite import Failed


class Unruly:
    """An attendee's object that can neither be shown nor compared."""

    def __repr__(self) -> str:
        raise ValueError

    def __eq__(self, other: object) -> bool:
        raise ValueError

    def __hash__(self) -> int:
        return 0


def failure(call: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(Failed) as raised:
        call()
    return raised.value.found, raised.value.expected


@pytest.mark.parametrize("value", [42, "text", [1, [2, 3]], (1, 2), {"a": 1}, None])
def test_equal_answers_pass(value: object) -> None:
    same(value, value, "the result")


@pytest.mark.parametrize(
    ("actual", "expected", "found", "wanted"),
    [
        (41, 42, "the result is 41", "42"),
        (None, [1], "the result is None", "[1]"),
        ([1, 2], [1, 2, 3], "the result has 2 items", "3 items"),
        ((1, 2), [1, 2], "the result is a tuple", "a list"),
        ([1, 9, 3], [1, 2, 3], "item 1 of the result is 9", "2"),
        (Unruly(), 42, "the result is a Unruly", "42"),
        ([1, Unruly()], [1, 2], "item 1 of the result is a Unruly", "2"),
    ],
)
def test_the_first_difference_is_named(actual: object, expected: object, found: str, wanted: str) -> None:
    assert failure(lambda: same(actual, expected, "the result")) == (found, wanted)


class EqualsAll(int):
    """Whoever asks is told that it is equal."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


class Pleases:
    """As EqualsAll, and no number."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


@pytest.mark.parametrize("expected", [42, "text", [1, 2], None, {"a": 1}])
def test_an_object_that_equals_everything_equals_nothing(expected: object) -> None:
    failure(lambda: same(Pleases(), expected, "the result"))
    failure(lambda: same([Pleases()], [expected], "the result"))
    failure(lambda: same({"a": [Pleases()]}, {"a": [expected]}, "the result"))
    failure(lambda: same(EqualsAll(7), expected, "the result"))


@pytest.mark.parametrize(("actual", "expected"), [(3.0, 3), (np.int64(3), 3), (True, 1), ([np.float64(0.5)], [0.5])])
def test_numbers_of_different_types_are_equal(actual: object, expected: object) -> None:
    same(actual, expected, "the result")


def test_a_value_is_shown_on_one_short_line() -> None:
    assert short("a\nb") == r"'a\nb'"
    assert short(range(5)) == "range(0, 5)"
    assert len(short("x" * 1000)) == 80
    assert short("x" * 1000).endswith("…")
    assert short(Unruly()) == "a Unruly"


def test_equal_arrays_pass() -> None:
    same_array(np.array([[1, 2]], dtype=np.int16), np.array([[1, 2]], dtype=np.int16), "the picture")


@pytest.mark.parametrize(
    ("actual", "found", "wanted"),
    [
        ([[1, 2], [3, 4]], "the picture is [[1, 2], [3, 4]]", "an array of shape (2, 2)"),
        (np.zeros((2, 3), int), "the picture has shape (2, 3)", "shape (2, 2)"),
        (np.zeros((2, 2)), "the picture holds float64", "int64"),
        (np.zeros((2, 2), np.int32), "the picture holds int32", "int64"),
        (
            np.array([[1, 2], [0, 0]]),
            "2 of 4 values of the picture are wrong, the first at [1, 0]: 0",
            "3 there",
        ),
    ],
)
def test_what_is_wrong_with_an_array_is_named(actual: object, found: str, wanted: str) -> None:
    assert failure(lambda: same_array(actual, np.array([[1, 2], [3, 4]]), "the picture")) == (found, wanted)


def test_an_input_that_is_left_alone_passes() -> None:
    values = [3, 1, 2]
    with left_alone(values):
        sorted(values)


def test_an_input_that_is_changed_fails() -> None:
    values = [3, 1, 2]

    def change() -> None:
        with left_alone(values, what="the list"):
            values.sort()

    assert failure(change) == (
        "the code changed the list: it is now [1, 2, 3]",
        "the list left as it was: [3, 1, 2]",
    )


def test_the_error_that_should_come_out_is_handed_on() -> None:
    assert isinstance(raises(ZeroDivisionError, lambda: 1 // 0, "`render`"), ZeroDivisionError)


def test_an_error_that_does_not_come_out_fails() -> None:
    assert failure(lambda: raises(ZeroDivisionError, lambda: 5, "`render`")) == (
        "`render` raised nothing and returned 5",
        "ZeroDivisionError to come out",
    )
    assert failure(lambda: raises(ZeroDivisionError, lambda: int("five"), "`render`")) == (
        "`render` raised ValueError: invalid literal for int() with base 10: 'five'",
        "ZeroDivisionError",
    )


def test_threads_that_end_pass_also_those_from_before() -> None:
    go = threading.Event()
    earlier = threading.Thread(target=go.wait)
    earlier.start()
    with no_thread_left("`render`"):
        threading.Thread(target=int).start()
    go.set()
    earlier.join()


def test_a_thread_that_is_left_running_fails_with_its_name() -> None:
    go = threading.Event()
    thread = threading.Thread(target=go.wait, name="a worker")

    def leave() -> None:
        with no_thread_left("`render`", wait_s=0.01):
            thread.start()

    assert failure(leave) == ("`render` left a worker running", "every thread that it starts has ended")
    go.set()
    thread.join()


def test_a_thread_that_no_list_of_threads_shows_is_found() -> None:
    held = threading.Lock()
    held.acquire()

    def leave() -> None:
        with no_thread_left("`run_all`", wait_s=0.1):
            _thread.start_new_thread(held.acquire, ())

    assert failure(leave) == ("`run_all` left 1 thread without a name running", "every thread that it starts has ended")
    held.release()
