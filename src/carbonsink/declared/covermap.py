"""The published maps an area takes its cover from: `[cover_map]` of area.toml.

[cover_map]
files = [{ file = "clcd_2020.tif", year = 2020 }, { file = "clcd_2021.tif", year = 2021 }]
stands_in = { 2022 = 2021 }                # the vintage 2022 takes the map of 2021, which is said in the report

[cover_map]
folder = "clcd"
name = "CLCD_v01_{year}*.tif"              # several files of one year are its tiles

[cover_map]
catalogue = "https://..."                  # a STAC API or a folder; without it the legend's own
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import Field

from carbonsink.declared.schema import Declared

YEAR = "{year}"


class MapFile(Declared):
    """One raster, and the year it is a map of."""

    file: str
    year: int = Field(ge=1900, le=2200)


class CoverMap(Declared):
    """Where the maps are: files, a folder, or a STAC catalogue; and which year's map a vintage without its own takes."""

    files: list[MapFile] = []
    folder: str | None = None
    name: str | None = None  # of the folder's files, with {year} and, for tiles, *
    catalogue: str | None = None
    stands_in: dict[str, int] = {}

    def year_of(self, vintage: int) -> int:
        """The year whose map a vintage takes."""
        return self.stands_in.get(str(vintage), vintage)

    def years(self, vintages: Sequence[int]) -> tuple[int, ...]:
        """The years whose maps the vintages take, each once."""
        return tuple(sorted({self.year_of(vintage) for vintage in vintages}))

    @property
    def ways(self) -> tuple[str, ...]:
        """Which of the three ways is declared; none means the legend's own catalogue."""
        found = {"files": self.files, "folder": self.folder, "catalogue": self.catalogue}
        return tuple(way for way, value in found.items() if value)

    @property
    def served(self) -> bool:
        """Whether the maps come from a STAC catalogue."""
        return self.ways in ((), ("catalogue",))

    def found(self, folder: Path | None, year: int) -> Iterator[str]:
        """The declared texts of a year's files; `folder` is where `self.folder` lies, and its files come by name."""
        yield from (one.file for one in self.files if one.year == year)
        if folder is not None and self.folder and self.name:
            yield from sorted(f"{self.folder}/{path.name}" for path in folder.glob(self.name.replace(YEAR, str(year))))
