"""Readings as lines of text."""

from collections.abc import Iterable

from weather.units import feels_like


def lines(readings: Iterable[tuple[str, float, float]]) -> list[str]:
    """One line for each (station, degrees Celsius, wind in km/h), the coldest to the skin first."""
    felt = sorted((feels_like(celsius, wind_kmh), station) for station, celsius, wind_kmh in readings)
    return [f"{station}: feels like {degrees:.1f}" for degrees, station in felt]
