"""A stratified random sample of a map's pixels, the same on every machine.

Every pixel has a random number of its own, a hash of the seed and of its place on the ground; a class's sample are its
pixels with the smallest numbers (sequential simple random sampling by permanent random numbers: Ohlsson 1995, in
Business Survey Methods, chapter 9). So a larger sample of the same seed holds the smaller one, and neither the order
of reading nor the window of the project can be seen in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from carbonsink.areas.sampling.frame import Frame, centres
from carbonsink.areas.sampling.points import Point
from carbonsink.base.problems import Problem, Refusal
from carbonsink.base.rasters import Grid, Raster, pixel_digest
from carbonsink.declared.plan import Plan

Words = NDArray[np.uint64]
STRIP_PIXELS = 1 << 20  # whose random numbers are held at once
LEAST_POINTS = 2  # a spread needs two
DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no letter that looks like a digit
ID_DIGITS = 8
DEGREE_PLACES = 7  # a centimetre


@dataclass(frozen=True)
class Share:
    """What a class of the map brings to the sample."""

    land_class: str
    code: int
    pixels: int
    drawable: int
    points: int


def counted(plan: Plan, frame: Frame) -> list[Share]:
    """The classes the map shows in the area, in the order of the pipeline, without points yet.

    Refuses classes that have fewer than two pixels outside the training labels: their error could never be known.
    """
    pixels, drawable = (np.bincount(frame.codes[part], minlength=256) for part in (frame.codes > 0, (frame.codes > 0) & ~frame.trained))
    shares = [Share(c.id, c.code, int(pixels[c.code]), int(drawable[c.code]), 0) for c in plan.pipeline.land.classes if pixels[c.code]]
    lacking = [Problem("E-SMP-005", s.land_class, {"pixels": s.pixels, "left": s.drawable}) for s in shares if s.drawable < LEAST_POINTS]
    if lacking:
        raise Refusal(lacking)
    return shares


def draw(frame: Frame, cover: Raster, year: int, shares: Sequence[Share], seed: int) -> tuple[Point, ...]:
    """The points of each class, by id. `cover` is the map the frame was made of."""
    digest = pixel_digest(cover)
    back = Transformer.from_crs(frame.grid.crs, "EPSG:4326", always_xy=True).transform
    points = []
    for share in shares:
        rows, columns = np.divmod(_smallest(frame, share.code, share.points, seed), frame.grid.width)
        x, y = centres(frame.grid, rows, columns)
        lon, lat = (np.round(axis, DEGREE_PLACES) for axis in back(x, y))
        facts = (share.land_class, share.pixels, share.drawable, share.points, share.points / share.drawable, seed, digest)
        names = _names(keys(frame.grid, rows, columns, seed, "id"))
        for place in zip(names, x.tolist(), y.tolist(), lon.tolist(), lat.tolist(), strict=True):
            points.append(Point(place[0], year, place[1], place[2], frame.grid.crs, frame.grid.resolution, place[3], place[4], *facts))
    return tuple(sorted(points, key=lambda point: point.id))


def keys(grid: Grid, rows: NDArray[np.int64], columns: NDArray[np.int64], seed: int, purpose: str) -> Words:
    """A random 64-bit number of each pixel: of the seed, of what it is for, and of the pixel's place in the CRS counted in pixels."""
    salt = np.frombuffer(hashlib.sha256(f"{purpose}|{seed}|{grid.crs}|{grid.resolution!r}".encode()).digest()[:16], "<u8").astype(np.uint64)
    east = (columns + round(grid.west / grid.resolution)).astype(np.uint64)
    south = (rows - round(grid.north / grid.resolution)).astype(np.uint64)
    return _mixed(_mixed(_mixed(east + salt[:1]) ^ south) + salt[1:])


def _mixed(words: Words) -> Words:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195): every bit of the input moves half of the output's."""
    words = words + np.uint64(0x9E3779B97F4A7C15)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Words = words ^ (words >> np.uint64(31))
    return mixed


def _smallest(frame: Frame, code: int, points: int, seed: int) -> NDArray[np.int64]:
    """Numbers (row by row) of the class's pixels with the smallest random numbers, smallest first; a few rows are held at once."""
    width = frame.grid.width
    step = max(1, STRIP_PIXELS // width)
    best, held = np.zeros(0, np.uint64), np.zeros(0, np.int64)
    for row in range(0, frame.grid.height, step):
        part = slice(row, row + step)
        rows, columns = np.nonzero((frame.codes[part] == code) & ~frame.trained[part])
        words = keys(frame.grid, rows + row, columns, seed, "draw")
        near = words <= _limit(best, words, points)  # few of a strip's, so that little is sorted
        found, numbers = np.concatenate((best, words[near])), np.concatenate((held, (rows[near] + row) * width + columns[near]))
        order = np.lexsort((numbers, found))[:points]
        best, held = found[order], numbers[order]
    return held


def _limit(best: Words, words: Words, points: int) -> np.uint64:
    """A number that none of the smallest exceeds: the largest of those found so far, else the strip's own so many-th."""
    if best.size == points:
        return np.uint64(best[-1])
    return np.uint64(np.partition(words, points - 1)[points - 1] if words.size > points else np.iinfo(np.uint64).max)


def _names(words: Words) -> list[str]:
    """Ids that tell nothing of the class: forty bits in base 32, in two halves."""
    texts = ["".join(DIGITS[(word >> 5 * place) & 31] for place in range(ID_DIGITS)) for word in words.tolist()]
    return [f"{text[:4]}-{text[4:]}" for text in texts]
