"""What is wrong with a seed, and how it is told."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One fault: where, what stands there, the rule that refuses it, and what to write instead.

    `line` is that of the row, the header being 1 (None: of no line alone); `also` are the lines of
    the other rows that it takes to break the rule. `rule` is empty where the file itself cannot be
    read. Where `warns`, the build goes on all the same.
    """

    file: str
    line: int | None
    value: str = ""
    column: str = ""
    found: str = ""
    fix: str = ""
    nearest: str = ""
    rule: str = ""
    also: tuple[int, ...] = ()
    warns: bool = False

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        words = [f'{self.column} "{self.value}"' if self.column else self.value]
        if self.also:
            words.append(f"(with line {', '.join(map(str, self.also))})")
        lines = [" ".join([f"{place}: {'warning: ' if self.warns else ''}{words[0]}", *words[1:]])]
        if self.found and self.found != f'{self.column} is "{self.value}"':
            lines.append(self.found)
        if self.fix:
            lines.append(self.fix)
        if self.nearest:
            lines.append(f'nearest: "{self.nearest}"')
        if self.rule:
            lines.append(f"rule: {self.rule}")
        return "\n    ".join(line.rstrip() for line in lines)
