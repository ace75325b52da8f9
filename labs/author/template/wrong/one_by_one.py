"""One after the other.

Rejected by: together
"""


def squares(numbers, workers, square=lambda number: number * number):
    return [square(number) for number in numbers]
