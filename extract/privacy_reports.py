"""What of a report's row is stored: no contact data, and with hashed names no name."""

from collections.abc import Mapping
from typing import Any

from extract.privacy import Names, Screen, is_contact, looks_like_contact

# The roles of extract/warehouse/reports.py that are somebody's name.
NAME_ROLES = frozenset({"customer_name", "location_name"})


class Columns:
    """The columns of one report, judged by their names and by the labels that people see.

    `labels`: column name -> label; `roles`: column name -> the role that it fills, for those that
    fill one. `names` hashes people's names, None leaves them as they are.
    """

    def __init__(self, labels: Mapping[str, str], roles: Mapping[str, str], names: Names | None):
        self._contacts = {c for c, label in labels.items() if is_contact(c) or is_contact(label)}
        self._labels = labels
        self._roles = roles
        self._names = names
        self._screen = Screen(names)

    def cells(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The cells of a row that may be stored, by column name."""
        kept = {}
        for column, cell in row.items():
            if column in self._contacts:
                continue
            if isinstance(cell, str):
                cell = self._cell(column, cell)
                if cell is None:
                    continue
            elif isinstance(cell, list | dict):
                continue  # no report is known to have such a cell
            kept[column] = cell
        return kept

    def roles(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """What a row's roles say, as it may be stored."""
        withheld = {role for column, role in self._roles.items() if column in self._contacts}
        return {
            role: None if role in withheld else self._named(role, value)
            for role, value in said.items()
        }

    def _cell(self, column: str, text: str) -> str | None:
        """A cell's text as it may be stored, None where it may not."""
        role = self._roles.get(column)
        if role is not None:
            return self._named(role, text)
        if looks_like_contact(text):
            return None
        for known_as in (column, self._labels[column]):
            if kept := self._screen.named("", known_as, text):
                return kept
        return None if text else text

    def _named(self, role: str, value: Any) -> Any:
        if self._names is None or role not in NAME_ROLES or not isinstance(value, str):
            return value
        return self._names.hashed(value)
