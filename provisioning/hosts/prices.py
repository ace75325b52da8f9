"""What hosts cost. Every figure is one that the organiser or the provider gave; what is not known is said to be."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from foundation.problem import wrong_input

WRITTEN = re.compile(r"(?P<amount>[0-9]+(\.[0-9]+)?) *(?P<currency>[A-Z]{3})")


@dataclass(frozen=True, slots=True)
class Price:
    """So much an hour, in a currency."""

    amount: Decimal
    currency: str

    @classmethod
    def read(cls, text: str) -> Price:
        """The price that is written as "0.98 USD". Raises Problem where it is written otherwise."""
        found = WRITTEN.fullmatch(text.strip())
        if not found:
            raise wrong_input(
                f"the price {text!r} cannot be read",
                "a number and a currency, an hour: 0.98 USD",
                "correct workshop_hourly_price in the inventory, or price in the cloud file",
            )
        return cls(Decimal(found["amount"]), found["currency"])

    def times(self, hours: Decimal | int) -> Price:
        """For so many hours."""
        return Price(self.amount * hours, self.currency)

    def __str__(self) -> str:
        return f"{self.amount:.2f} {self.currency}"


def total(prices: Iterable[Price | None]) -> tuple[list[Price], int]:
    """The sum in each currency, and how many of `prices` are not known."""
    each = list(prices)
    known = [price for price in each if price]
    sums = {price.currency: Decimal(0) for price in known}
    for price in known:
        sums[price.currency] += price.amount
    return [Price(amount, currency) for currency, amount in sorted(sums.items())], len(each) - len(known)


def in_words(prices: Iterable[Price | None], hours_left: float | None) -> str:
    """What it costs an hour, and until the end where that is known."""
    each = list(prices)
    sums, unknown = total(each)
    if not sums:
        return "not known: neither workshop_hourly_price nor the provider says it"
    words = " and ".join(map(str, sums)) + " an hour"
    if hours_left and hours_left > 0:
        rest = Decimal(hours_left)
        words += ", " + " and ".join(str(price.times(rest)) for price in sums) + " until the end"
    return words + (f"; not known for {unknown} of {len(each)} hosts" if unknown else "")
