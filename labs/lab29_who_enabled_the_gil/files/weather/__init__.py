"""weather: what the stations measured, in words. Stands for any package that you did not write yourself."""
