"""The committed list of broken rules: one change of one line of SQL or of a seed each."""

from dataclasses import dataclass
from pathlib import Path

import yaml

LIST = Path(__file__).with_name("mutations.yml")


class Outdated(Exception):
    """A mutation's text does not stand exactly once in its file any more."""


@dataclass(frozen=True)
class Mutation:
    """`rule` says in words what is broken: in `file` (a path below the project) the text `replace`
    stands once, and becomes `with_`."""

    name: str
    rule: str
    file: str
    replace: str
    with_: str

    def text(self, project: Path) -> str:
        """The whole file as it reads with the rule broken. Raises Outdated."""
        file = project / self.file
        before = file.read_text(encoding="utf-8") if file.is_file() else ""
        found = before.count(self.replace)
        if found != 1:
            raise Outdated(
                f"{self.name}: {self.replace!r} stands {found} times in {self.file}, and must "
                f"stand there once; follow the change of the rule in {LIST.name}"
            )
        return before.replace(self.replace, self.with_)

    def apply(self, project: Path) -> None:
        """Break the rule in a copy of the project. Raises Outdated."""
        (project / self.file).write_text(self.text(project), encoding="utf-8")


def load() -> list[Mutation]:
    """The mutations in the order of mutations.yml, where the keys are their names."""
    return [
        Mutation(name, block["rule"], block["file"], block["replace"], block["with"])
        for name, block in yaml.safe_load(LIST.read_text(encoding="utf-8")).items()
    ]
