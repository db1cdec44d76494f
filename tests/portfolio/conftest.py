"""A county of a dozen and a half areas: paddies, tilled fields and an inventory, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from carbonsink.base import records as r
from carbonsink.portfolio import Portfolio, roll_up, write
from tests.portfolio.making import finished_run, inventory_area, quiet, rice_area, soil_area

RICE, SOIL = 14, 5
ALERT = r.Alert("A-1", "basic-farmland", "C-1", "built-up", "2021-05-06", "2021-04-01", "2021-05-31", 0.25, "P-1", 117.4, 24.6, "", "", "", "", "")
CONTRADICTED = r.PracticeEvidence(
    2021, "P-2", "single-rice", "water_regime", 1, "2021-05-01", "2021-09-01", "continuously_flooded", "multiple_drainage", "contradicts", 0.97, 0.01,
    80, 3, 0, None, 12, "",
)  # fmt: skip


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with `aoi` and `runs`: 14 areas of rice, 5 of soil carbon, one inventory; nothing may be changed in it."""
    folder = tmp_path_factory.mktemp("county")
    for number in range(RICE):
        years = (2020, 2021) if number % 3 else (2021, 2021)
        area = rice_area(folder / "aoi" / f"rice-{number:02d}", f"rice-{number:02d}", 3 * number, years, 150.0 + number, real=number != 13)
        finished_run(area.folder, folder / "runs", alerts=[ALERT] if number == 4 else (), practice=[CONTRADICTED] if number == 5 else ())
    for number in range(SOIL):
        area = soil_area(folder / "aoi" / f"soil-{number:02d}", f"soil-{number:02d}", 60 + 3 * number)
        finished_run(area.folder, folder / "runs", errors=0.1 * (number + 1))
    finished_run(inventory_area(folder / "aoi" / "inventory", "county-inventory", 90).folder, folder / "runs", errors=0.2)
    return folder


@pytest.fixture(scope="session")
def rolled(county: Path) -> Portfolio:
    """The county's account."""
    return roll_up([county / "aoi"], county / "runs", quiet)


@pytest.fixture(scope="session")
def written(county: Path, rolled: Portfolio) -> Path:
    """The account's folder."""
    write(rolled, county / "portfolio")
    return county / "portfolio"
