"""Times extraction and build beside what they cannot do without. See `python -m tests.bench -h`."""
