"""What helps people edit the seeds: `check` before a build, `suggest` for rows that are missing."""


class EditingError(Exception):
    """What cannot be checked or suggested: names the thing, the place and the next step."""
