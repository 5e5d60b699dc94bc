"""What is said of a day: one short text for a screen, a mail or a chat, and the same as JSON."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

# Of each section so many lines are shown; all of them are in the JSON.
LINES = 5
# Of one line so many characters: an error may be long.
LENGTH = 400


@dataclass(frozen=True)
class Section:
    """Part of a summary: `name` in the JSON, `title` above its lines, what each line says and the
    same as `items`; `is_to_do` where somebody has to look at it, `more` where to see the rest."""

    name: str
    title: str
    lines: Sequence[str]
    items: Sequence[Any]
    is_to_do: bool = False
    more: str = ""


@dataclass
class Summary:
    """A run: when it began (UTC), the last finished day of the numbers (None: not known), its exit
    code and in words what failed, what became of its steps, and the sections, the most urgent
    first."""

    begun: datetime
    day: date | None = None
    exit_code: int = 0
    fault: str = ""
    steps: list[str] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)

    def add(self, section: Section) -> None:
        """Adds a section, behind those to do where it is not; one without lines is left out."""
        if section.lines:
            self.sections.append(section)
            self.sections.sort(key=lambda each: not each.is_to_do)

    @property
    def title(self) -> str:
        """One line, for the subject of a mail."""
        to_do = sum(len(section.lines) for section in self.sections if section.is_to_do)
        said = [self.fault or "the run failed"] if self.exit_code else []
        if to_do:
            said.append(f"{to_do} thing{'' if to_do == 1 else 's'} to look at")
        subject = f"KPIs up to {self.day:%A} {self.day}" if self.day else "KPIs"
        return f"{subject}: {', '.join(said) or 'nothing to do'}"

    def markdown(self) -> str:
        return self._written("# ", "## ")

    def text(self) -> str:
        """The same without marks, for a chat or a terminal."""
        return self._written("", "")

    def _written(self, title: str, heading: str) -> str:
        parts = [f"{title}{self.title}", "\n".join(f"- {step}" for step in self.steps)]
        for section in self.sections:
            shown = [f"- {_cut(line)}" for line in section.lines[:LINES]]
            if rest := len(section.lines) - len(shown):
                shown.append(f"- … and {rest} more" + (f": {section.more}" if section.more else ""))
            gap = "\n\n" if heading else "\n"
            parts.append(f"{heading}{section.title}{gap}" + "\n".join(shown))
        return "\n\n".join(part for part in parts if part) + "\n"

    def json(self) -> str:
        whole = {
            "title": self.title,
            "day": self.day,
            "begun": self.begun,
            "exit_code": self.exit_code,
            "to_do": any(section.is_to_do for section in self.sections),
            "steps": self.steps,
        }
        whole |= {section.name: list(section.items) for section in self.sections}
        return json.dumps(whole, indent=1, ensure_ascii=False, default=_plain) + "\n"


def _cut(line: str) -> str:
    line = " ".join(line.split())
    return line if len(line) <= LENGTH else f"{line[: LENGTH - 1]}…"


def _plain(value: object) -> object:
    if isinstance(value, date):  # an instant is one, too
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")
