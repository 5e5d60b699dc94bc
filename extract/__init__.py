"""Reads a ServiceTitan tenant over its API into raw tables. See `python -m extract --help`."""
