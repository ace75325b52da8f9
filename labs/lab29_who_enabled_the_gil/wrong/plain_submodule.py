"""Takes the Python version from inside the package, whose `__init__` runs first.

Rejected by: stays_off
"""


def report(readings):
    from weather.units.plain import feels_like

    felt = sorted((feels_like(celsius, wind_kmh), station) for station, celsius, wind_kmh in readings)
    return [f"{station}: feels like {degrees:.1f}" for degrees, station in felt]
