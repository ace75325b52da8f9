"""Its own formula, with its own idea of calm air: below 5 km/h, where the package says 4.8.

Rejected by: report_right
"""


def report(readings):
    def felt(celsius, wind_kmh):
        if wind_kmh < 5:
            return celsius
        power = wind_kmh**0.16
        return 13.12 + 0.6215 * celsius - 11.37 * power + 0.3965 * celsius * power

    rows = sorted((felt(celsius, wind_kmh), station) for station, celsius, wind_kmh in readings)
    return [f"{station}: feels like {degrees:.1f}" for degrees, station in rows]
