"""Submits first, asks later."""


def squares(numbers, workers, square=lambda number: number * number):
    with ThreadPoolExecutor(workers) as pool:
        promises = [pool.submit(square, number) for number in numbers]
    return [promise.result() for promise in promises]
