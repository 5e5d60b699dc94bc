"""What helps people edit the seeds: `check` before a build, `suggest` for rows that are missing,
`preview` for what an edit moves; `diff` says it of the models, too."""


class EditingError(Exception):
    """What cannot be checked, suggested or compared: names thing, place and next step."""
