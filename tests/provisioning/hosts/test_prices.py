from __future__ import annotations

from decimal import Decimal

import pytest

from foundation.problem import Problem
from provisioning.hosts.prices import Price, in_words

USD = Price.read("0.98 USD")


@pytest.mark.parametrize("text", ["1", "1.2.3 USD", "-1 USD", "1 dollar", "USD 1", "nan USD"])
def test_a_price_is_a_number_and_a_currency(text: str) -> None:
    with pytest.raises(Problem):
        Price.read(text)


def test_an_hour_and_the_rest_of_the_workshop() -> None:
    assert in_words([USD, USD], 10) == "1.96 USD an hour, 19.60 USD until the end"


def test_without_an_end_only_the_hour_is_told() -> None:
    assert in_words([USD], None) == "0.98 USD an hour"
    assert in_words([USD], -1) == "0.98 USD an hour"


def test_currencies_are_not_added_up() -> None:
    assert in_words([USD, Price(Decimal(2), "EUR")], 1) == (
        "2.00 EUR and 0.98 USD an hour, 2.00 EUR and 0.98 USD until the end"
    )


def test_what_is_not_known_is_said() -> None:
    assert in_words([None, None], 5).startswith("not known")
    assert in_words([USD, None], None) == "0.98 USD an hour; not known for 1 of 2 hosts"
