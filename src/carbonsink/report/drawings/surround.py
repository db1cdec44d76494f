"""What surrounds a map: degrees along its frame, a scale bar, an arrow to the north, the land's hectares and mu, the grid's name."""

from __future__ import annotations

from pyproj import Transformer

from carbonsink.base.geometry import hectares, hectares_to_mu
from carbonsink.base.rasters import Grid
from carbonsink.declared.plan import Plan
from carbonsink.report.drawings.sketch import INK, MUTED, Canvas

LEFT, BELOW = 15.0, 52.0  # room beside the frame for latitudes, under it for longitudes, scale and area
STEPS = (7200, 3600, 1800, 1200, 600, 300, 120, 60, 30, 20, 10, 5, 2, 1)  # arc seconds between two degrees' marks
LEAST_MARKS = 2
LETTERS = 11.0  # their size


def surround(canvas: Canvas, plan: Plan, grid: Grid, tall: float) -> None:
    """Draw it around a frame that begins at LEFT and is `tall` units high."""
    wide = canvas.width - LEFT
    size = LETTERS
    _degrees(canvas, grid, wide, tall, size - 1)
    _scale(canvas, grid, wide, tall, size)
    area = hectares(plan.land.area_m2)
    said = canvas.say(lambda w: w("atlas.area", ha=w.number(area, 2), mu=w.number(hectares_to_mu(area), 1)))
    canvas.figure.text(LEFT / canvas.width, 1 - (tall + 44) / canvas.height, said, va="center", fontsize=size, color=MUTED)
    _arrow(canvas)


def _degrees(canvas: Canvas, grid: Grid, wide: float, tall: float, size: float) -> None:
    """Marks and degrees: longitudes where their meridians meet the lower edge, latitudes at the left one."""
    west, south, east, north = grid.bounds
    out, back = (Transformer.from_crs(*pair, always_xy=True) for pair in ((grid.crs, "EPSG:4326"), ("EPSG:4326", grid.crs)))
    (first_lon, low), (last_lon, _), (_, high) = (out.transform(x, y) for x, y in ((west, south), (east, south), (west, north)))
    for seconds in _marks(first_lon, last_lon):
        at = LEFT + (back.transform(seconds / 3600, low)[0] - west) / (east - west) * wide
        _mark(canvas, (at, tall, at, tall + 4))
        canvas.figure.text(at / canvas.width, 1 - (tall + 11) / canvas.height, degrees(seconds, "EW"), ha="center", va="center", fontsize=size, color=MUTED)
    for seconds in _marks(low, high):
        at = tall - (back.transform(first_lon, seconds / 3600)[1] - south) / (north - south) * tall
        _mark(canvas, (LEFT - 4, at, LEFT, at))
        label = degrees(seconds, "NS")
        canvas.figure.text(5 / canvas.width, 1 - at / canvas.height, label, rotation=90, ha="center", va="center", fontsize=size, color=MUTED)


def _marks(low: float, high: float) -> list[int]:
    """Round arc seconds within a span of degrees, at least two, clear of its ends."""
    room = (high - low) * 0.08
    first, last = (low + room) * 3600, (high - room) * 3600
    for step in STEPS:
        found = list(range(-(-int(first) // step) * step, int(last) + 1, step))
        if len(found) >= LEAST_MARKS:
            return found
    return []


def degrees(seconds: int, letters: str) -> str:
    """Arc seconds as degrees, minutes and seconds; `letters` name the positive and the negative side."""
    minutes, rest = divmod(abs(seconds), 60)
    whole = f"{minutes // 60}°{minutes % 60:02d}′"
    return (whole + f"{rest:02d}″" if rest else whole) + letters[seconds < 0]


def _scale(canvas: Canvas, grid: Grid, wide: float, tall: float, size: float) -> None:
    """A bar of a round length, and the grid's name."""
    metres = _round_length(grid.width * grid.resolution / 4)
    long = metres / (grid.width * grid.resolution) * wide
    _mark(canvas, (LEFT, tall + 28, LEFT + long, tall + 28), 3)
    at = 1 - (tall + 28) / canvas.height
    length = canvas.say(lambda w: w("map.kilometres", length=w.number(metres * 1e-3, 0 if metres >= 1000 else 1)))
    pixel = canvas.say(lambda w: w("map.grid", crs=grid.crs, metres=w.number(grid.resolution, 0)))
    canvas.figure.text((LEFT + long + 6) / canvas.width, at, length, va="center", fontsize=size, color=MUTED)
    canvas.figure.text(1, at, pixel, va="center", ha="right", fontsize=size, color=MUTED)


def _arrow(canvas: Canvas) -> None:
    """An arrow to the grid's north with an N, on white, in the upper right corner."""
    from matplotlib.patches import Circle, Polygon
    from matplotlib.transforms import Affine2D

    x, y, half = canvas.width - 20, canvas.height - 22, 15.0
    units = Affine2D().scale(1 / canvas.width, 1 / canvas.height) + canvas.figure.transFigure
    disc = Circle((x, y), half, transform=units, facecolor="#ffffff", edgecolor=MUTED, linewidth=0.6, alpha=0.9)
    canvas.figure.add_artist(disc)
    canvas.figure.add_artist(Polygon([(x, y + 12), (x - 5, y + 1), (x, y + 3.5), (x + 5, y + 1)], closed=True, facecolor=INK, transform=units))
    canvas.figure.text(x / canvas.width, (y - 6) / canvas.height, "N", ha="center", va="center", fontsize=9, color=INK)


def _mark(canvas: Canvas, ends: tuple[float, float, float, float], width: float = 0.8) -> None:
    from matplotlib.lines import Line2D

    x0, y0, x1, y1 = ends
    line = Line2D(
        [x0 / canvas.width, x1 / canvas.width], [1 - y0 / canvas.height, 1 - y1 / canvas.height],
        color=INK if width > 1 else MUTED, linewidth=width, solid_capstyle="butt",
    )  # fmt: skip
    canvas.figure.add_artist(line)


def _round_length(metres: float) -> float:
    """The longest of 1, 2 or 5 times a power of ten that isn't longer."""
    return max(step * 10.0**power for power in range(1, 7) for step in (1, 2, 5) if step * 10.0**power <= max(metres, 10))
