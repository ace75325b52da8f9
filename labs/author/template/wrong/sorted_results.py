"""In the order in which they are done, not in the order of the numbers.

Rejected by: values
"""


def squares(numbers, workers, square=lambda number: number * number):
    with ThreadPoolExecutor(workers) as pool:
        return sorted(pool.map(square, numbers))
