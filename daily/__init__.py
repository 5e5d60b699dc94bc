"""The daily run: sync, source freshness, build, summary."""
