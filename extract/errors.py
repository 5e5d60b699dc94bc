"""What can go wrong, as the person at the terminal needs to hear it."""


class ExtractError(Exception):
    """Something that stops an entity; its text names the thing, the place and the next step."""


class SettingsError(ExtractError):
    """A setting is missing or wrong (by name): nothing can start. Ends the command with code 2."""


class RowError(ExtractError):
    """A record that cannot be stored as it is: names entity, record, field and value."""


class ReportError(ExtractError):
    """A report cannot be pulled, or not as reports.yml declares it: names report and thing."""


class WarehouseError(ExtractError):
    """The warehouse cannot be opened or written."""


class ApiError(ExtractError):
    """The API did not give what was asked for.

    `status` is the HTTP status of the last answer, None when there was no usable answer.
    """

    def __init__(self, message: str, status: int | None = None):
        super().__init__(message)
        self.status = status


class CredentialsError(ApiError):
    """The auth host refuses the client, or the API refuses a fresh token: no entity can be read."""
