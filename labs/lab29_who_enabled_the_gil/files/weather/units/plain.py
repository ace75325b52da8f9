"""The wind chill in Python."""

LEAST_WIND_KMH = 4.8


def feels_like(celsius: float, wind_kmh: float) -> float:
    """What `celsius` feels like in a wind of `wind_kmh`: the index of Environment Canada and the US NWS, 2001."""
    if wind_kmh < LEAST_WIND_KMH:
        return celsius
    power = wind_kmh**0.16
    return 13.12 + 0.6215 * celsius - 11.37 * power + 0.3965 * celsius * power
