"""Two threads, each with the lock that the other one waits for."""

import threading

left, right = threading.Lock(), threading.Lock()
both_have_one = threading.Barrier(2)


def one() -> None:
    with left:
        both_have_one.wait()
        with right:  # one waits here
            pass


def two() -> None:
    with right:
        both_have_one.wait()
        with left:  # two waits here
            pass


def answer() -> int:
    threads = [threading.Thread(target=one), threading.Thread(target=two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 42
