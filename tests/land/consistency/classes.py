"""Four classes and maps written as letters: p paddy, t tea, f forest, b built-up, . not monitored."""

from __future__ import annotations

import numpy as np

from carbonsink.declared.land import LandClass
from carbonsink.land.consistency.sequences import Maps

CODES = {".": 0, "p": 10, "t": 20, "f": 30, "b": 40}
NAMES = {"p": "paddy", "t": "tea", "f": "forest", "b": "built-up"}
CLASSES = [
    LandClass.model_validate({"id": name, "code": CODES[letter], "ipcc": "cropland", "name": {"zh": "试", "en": name}, "colour": "#7cb342"})
    for letter, name in NAMES.items()
]


def cover(*rows: str) -> np.ndarray:
    """A map of class codes from rows of letters."""
    return np.array([[CODES[letter] for letter in row] for row in rows], np.uint8)


def letters(codes: np.ndarray) -> tuple[str, ...]:
    """The rows of letters of a map."""
    back = {code: letter for letter, code in CODES.items()}
    return tuple("".join(back[int(code)] for code in row) for row in codes)


def years(*pixels: str) -> Maps:
    """Maps of as many years as each pixel has letters, the pixels one under the other."""
    return {2000 + year: cover(*(pixel[year] for pixel in pixels)) for year in range(len(pixels[0]))}


def histories(maps: Maps) -> tuple[str, ...]:
    """What each pixel is over the years."""
    columns = [letters(one) for one in maps.values()]
    return tuple("".join(column[row] for column in columns) for row in range(len(columns[0])))
