"""The land of a simulated scene: which patches every pixel is made of.

parcels of the plan, and around them bunds, river, road, town, double rice, tea, forest; over all the planted events
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Polygon

from carbonsink.base.problems import Problem, Refusal, refuse
from carbonsink.declared.area import Parcel
from carbonsink.declared.plan import Plan
from carbonsink.declared.simulation import Event
from carbonsink.simulate.chance import box_sum, draw, relief, spread_evenly
from carbonsink.simulate.constants import Constants, Knots
from carbonsink.simulate.draw import Point, polygon_mask, squared_distance
from carbonsink.simulate.extent import Extent
from carbonsink.simulate.practice import Scenario, State, practices_of, problems, simulation_of


@dataclass(frozen=True)
class Sketch:
    """Land treated alike: its name, and what it is from which day on, the first from ever."""

    name: str
    turns: tuple[tuple[date, State], ...]

    def on(self, day: date) -> State:
        """What the land is on a day."""
        return [state for since, state in self.turns if since <= day][-1]


@dataclass(frozen=True)
class Patch(Sketch):
    """Land treated alike, with how many days its calendar is late, and its brightness [per mille]."""

    late_days: int
    gain: int


@dataclass(frozen=True)
class Planted:
    """An event as it was painted: the land it changed [m2] and the cover that is there since."""

    event: Event
    area_m2: int
    cover: str


@dataclass(frozen=True)
class Landscape:
    """Every pixel as a mixture: entries `patch` and `parts` from `first[pixel]` on, parts summing to mixing squared.

    `texture` is the brightness within fields [per mille], of the extent's shape.
    """

    extent: Extent
    patches: tuple[Patch, ...]
    patch: NDArray[np.int64]
    parts: NDArray[np.int64]
    first: NDArray[np.int64]
    texture: NDArray[np.int64]
    events: tuple[Planted, ...] = ()


SCENARIOS: tuple[Scenario, ...] = ("baseline", "project")


def name_of(parcel: str) -> str:
    """The name of a parcel's patch."""
    return f"parcel {parcel}"


def landscape_of(plan: Plan, extent: Extent, constants: Constants) -> Landscape:
    """The landscape of a plan's parcels; refuses land the simulator has no cover for, and what can't be planted."""
    covers = _covers_of_parcels(plan, constants)
    if found := list(problems(plan, constants)):
        raise Refusal(found)
    canvas = _Canvas(extent, constants)
    canvas.paint_surroundings()
    canvas.paint_parcels(plan, covers)
    by_id = {parcel.id: parcel for parcel in plan.land.parcels}
    for number, event in enumerate(simulation_of(plan).event, 1):
        canvas.paint_event(event, by_id.get(event.parcel or ""), number)
    return canvas.landscape()


def _covers_of_parcels(plan: Plan, constants: Constants) -> dict[str, str]:
    """The cover of every stratum that has parcels."""
    if not plan.land.parcels:
        raise refuse("E-SIM-002", "area.toml [land]")
    strata, known = sorted({parcel.stratum for parcel in plan.land.parcels}), constants.landscape.strata
    if unknown := [stratum for stratum in strata if stratum not in known]:
        raise Refusal([Problem("E-SIM-001", "area.toml [strata]", {"found": s, "known": ", ".join(sorted(known))}) for s in unknown])
    return {stratum: known[stratum] for stratum in strata}


class _Canvas:
    """Patch numbers on a grid of sub-pixels, later layers over earlier ones."""

    def __init__(self, extent: Extent, constants: Constants) -> None:
        self.extent, self.constants = extent, constants
        self.mixing = constants.grid.mixing
        self.cell_m = extent.pixel_m // self.mixing
        self.shape = (extent.height * self.mixing, extent.width * self.mixing)
        self.cells = np.zeros(self.shape, dtype=np.int64)
        self.sketches: list[Sketch] = []  # by patch number
        self.events: list[Planted] = []

    def paint_surroundings(self) -> None:
        """Rice in the plain along the river, tea and forest on the hills, then town, road and river."""
        land = self.constants.landscape
        river = self.line(land.river)
        height = self.height(river)
        tea = self.relief("tea", land.relief_m) > 0
        hill = np.where((height < land.hill_reach_m) & tea, 1, 2)
        zone = self.fine(np.where(height < land.plain_reach_m, 0, hill))
        for number, cover in enumerate(("double-rice", "tea", "forest")):
            self.paint(cover, zone == number)
        window, town = polygon_mask([self.line([*land.town, land.town[0]])], self.shape, self.cell_m)
        whole = np.zeros(self.shape, dtype=np.bool_)
        whole[window] = town
        self.paint("built-up", whole | (squared_distance(self.line(land.road), self.shape, self.cell_m) <= land.road_half_m**2))
        self.paint("water", squared_distance(river, self.shape, self.cell_m) <= land.river_half_m**2)

    def paint_parcels(self, plan: Plan, covers: dict[str, str]) -> None:
        """Bunds around the parcels, then each parcel as a patch of its own, whose practices change as the project begins."""
        drawn = [(parcel, *self.masked(rings)) for parcel in plan.land.parcels if (rings := list(self.rings(parcel)))]
        near = np.zeros(self.shape, dtype=np.int64)
        for _, window, inside in drawn:
            near[window] |= inside
        dry = ~np.isin(self.cells, [n for n, sketch in enumerate(self.sketches) if sketch.on(date.min).cover in ("water", "built-up")])
        self.paint("bund", (box_sum(near, self.constants.landscape.bund_reach_m // self.cell_m) > 0) & dry)
        for parcel, window, inside in drawn:
            before, since = (State(covers[parcel.stratum], practices_of(plan, parcel, scenario, self.constants)) for scenario in SCENARIOS)
            self.sketches.append(Sketch(name_of(parcel.id), ((date.min, before), (plan.area.period.start, since))))
            self.cells[window][inside] = len(self.sketches) - 1

    def paint_event(self, event: Event, parcel: Parcel | None, number: int) -> None:
        """Every patch under an event gets a twin that becomes the event's cover on its day."""
        window, inside = self.masked(list(self.rings(parcel)) if parcel else [self.corners(event.box or [])])
        if not inside.any():
            raise refuse("E-SIM-025", f"area.toml [simulation.event {number}]", found=event.box)
        cover, cells = self.constants.events[event.kind].cover, self.cells[window]
        for patch in np.unique(cells[inside]).tolist():
            under = self.sketches[patch]
            self.sketches.append(Sketch(under.name, (*under.turns, (event.on, State(cover)))))
            cells[inside & (cells == patch)] = len(self.sketches) - 1
        self.events.append(Planted(event, int(inside.sum()) * self.cell_m**2, cover))

    def paint(self, cover: str, where: NDArray[np.bool_]) -> None:
        """Lay a cover over cells, divided into patches by its lattice of bricks."""
        width, depth = (size // self.cell_m for size in self.constants.covers[cover].lattice_m)
        rows = np.arange(self.shape[0])[:, None] // depth
        columns = (np.arange(self.shape[1])[None, :] + (rows % 2) * (width // 2)) // width
        across = int(columns.max()) + 1
        numbers = len(self.sketches) + rows * across + columns
        always = ((date.min, State(cover)),)
        self.sketches += [Sketch(f"{cover} {row} {column}", always) for row in range(int(rows.max()) + 1) for column in range(across)]
        self.cells[where] = np.broadcast_to(numbers, self.shape)[where]

    def landscape(self) -> Landscape:
        """The cells gathered into pixels."""
        height, width, mixing = self.extent.height, self.extent.width, self.mixing
        by_pixel = self.cells.reshape(height, mixing, width, mixing).swapaxes(1, 2).reshape(height * width, mixing * mixing)
        ordered = np.sort(by_pixel, axis=1)
        new = np.ones_like(ordered, dtype=np.bool_)
        new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
        position = np.flatnonzero(new)
        parts = np.diff(position, append=ordered.size)
        used, patch = np.unique(ordered.ravel()[position], return_inverse=True)
        patches = tuple(self.patch(int(number)) for number in used)
        first = np.flatnonzero(position % (mixing * mixing) == 0)
        return Landscape(self.extent, patches, patch.astype(np.int64), parts, first, self.texture(), tuple(self.events))

    def patch(self, number: int) -> Patch:
        """A patch with the chances its name gives it."""
        sketch = self.sketches[number]
        land, seed = self.constants.landscape, self.constants.seed
        late = draw(-land.shift_days, land.shift_days, seed, sketch.name, "late")
        return Patch(sketch.name, sketch.turns, late, 1000 + draw(-land.gain_permille, land.gain_permille, seed, sketch.name, "gain"))

    def texture(self) -> NDArray[np.int64]:
        land = self.constants.landscape
        field = relief((self.extent.height, self.extent.width), land.texture_radius_m // self.extent.pixel_m, self.constants.seed, "texture")
        return spread_evenly(field, land.texture_permille)

    def height(self, river: list[Point]) -> NDArray[np.int64]:
        """Distance to the river [m], wandering, on the grid of pixels."""
        distance2 = squared_distance(river, (self.extent.height, self.extent.width), self.extent.pixel_m)
        return np.sqrt(distance2).astype(np.int64) + self.relief("height", self.constants.landscape.relief_m)

    def relief(self, purpose: str, amplitude: int) -> NDArray[np.int64]:
        radius = self.constants.landscape.relief_radius_m // self.extent.pixel_m
        return spread_evenly(relief((self.extent.height, self.extent.width), radius, self.constants.seed, purpose), amplitude)

    def fine(self, pixels: NDArray[np.int64]) -> NDArray[np.int64]:
        """Pixels repeated into cells."""
        return pixels.repeat(self.mixing, axis=0).repeat(self.mixing, axis=1)

    def line(self, permille: Knots) -> list[Point]:
        """Points in per mille of the extent as metres from its north-west corner."""
        width, height = self.extent.width * self.extent.pixel_m, self.extent.height * self.extent.pixel_m
        return [(x * width // 1000, y * height // 1000) for x, y in permille]

    def masked(self, rings: list[list[Point]]) -> tuple[tuple[slice, slice], NDArray[np.bool_]]:
        """The window that rings touch, and the cells inside."""
        return polygon_mask(rings, self.shape, self.cell_m * 100)

    def corners(self, box: list[float]) -> list[Point]:
        """The ring of a box in degrees."""
        west, south, east, north = box
        return [self.extent.to_ground(x, y) for x, y in ((west, north), (west, south), (east, south), (east, north), (west, north))]

    def rings(self, parcel: Parcel) -> Iterator[list[Point]]:
        """The rings of a parcel in centimetres from the north-west corner."""
        parts = getattr(parcel.geometry, "geoms", [parcel.geometry])
        for polygon in parts:
            assert isinstance(polygon, Polygon)
            for ring in (polygon.exterior, *polygon.interiors):
                yield [self.extent.to_ground(point[0], point[1]) for point in ring.coords]
