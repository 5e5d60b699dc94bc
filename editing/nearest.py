"""The nearest spelling that the rules of a seed accept."""

import re
from difflib import get_close_matches

from editing.rules import Rule
from editing.seeds_in_duckdb import Seeds

TRIED = 5
LIKE = 0.6  # difflib's own measure of what looks alike
PREFIX = 3  # letters from which on the beginning of a word stands for it, as gpm for gpm_percent
QUOTED = re.compile(r'"([^"]+)"')
BETWEEN_WORDS = re.compile(r", | \(")


def nearest_valid(
    rule: Rule, of_seed: list[Rule], seeds: Seeds, row: int, column: str, fix: str
) -> str:
    """The text most like that of the cell with which the rule is content and no rule of the seed
    (`of_seed`) finds anything new; empty where none is.

    Tried are the words of the `fix` that the rule proposes and what stands in the seeds: the rule
    itself says what it accepts.
    """
    cell = seeds.cell(rule.seed, row, column)
    words = {*QUOTED.findall(fix), *BETWEEN_WORDS.split(fix.partition(": ")[2]), *seeds.words()}
    by_key = {word.strip().casefold(): word for word in sorted(words - {cell, ""})}
    key_of_cell = cell.strip().casefold()
    if not any(letter.isalpha() for letter in cell):
        return ""  # another number is no spelling of this one
    near = get_close_matches(key_of_cell, by_key, TRIED, LIKE)
    near += [key for key in by_key if len(cell) >= PREFIX and key.startswith(key_of_cell)][:TRIED]
    before = {other: len(other.run()) for other in of_seed}
    for key in near:
        with seeds.with_cell(rule.seed, row, column, by_key[key]):
            after = {other: len(other.run()) for other in of_seed}
        if after[rule] < before[rule] and all(after[other] <= before[other] for other in of_seed):
            return by_key[key]
    return ""
