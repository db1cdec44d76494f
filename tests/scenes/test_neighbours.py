"""Areas that are searched together keep what each would have found alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shapely.geometry import box

from carbonsink.base.problems import Refusal
from carbonsink.catalogue.serve import Catalogue
from carbonsink.declared.plan import Plan
from carbonsink.scenes import neighbours, pages
from carbonsink.scenes.lock import search
from carbonsink.scenes.neighbours import neighbourhoods, of_area, search_together
from carbonsink.scenes.pages import Found
from tests.scenes.plans import plan_of

WOODS = [(15.9, 45.9, 15.95, 45.95), (16.0, 46.0, 16.05, 46.05), (16.3, 45.95, 16.35, 46.0)]


def plans() -> list[Plan]:
    return [plan_of(box(*bounds), 2023) for bounds in WOODS]


def test_areas_within_a_degree_are_one_neighbourhood_and_far_ones_another() -> None:
    groups = neighbourhoods([((10.0, 50.0, 10.1, 50.1),), ((117.3, 24.6, 117.4, 24.7),), ((10.8, 50.2, 10.9, 50.3),), ((11.2, 50.0, 11.3, 50.1),)])
    assert [sorted(members) for members, _ in groups] == [[0, 2], [3], [1]]
    assert groups[0][1] == ((10.0, 50.0, 10.9, 50.3),)


def test_an_area_on_both_sides_of_the_antimeridian_stays_alone() -> None:
    across = ((179.9, -17.0, 180.0, -16.9), (-180.0, -17.0, -179.9, -16.9))
    assert [members for members, _ in neighbourhoods([across, ((179.8, -17.0, 179.9, -16.9),)])] == [[1], [0]]


def test_each_lock_is_the_one_of_its_own_search_and_the_catalogue_is_walked_once(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    walks = []
    monkeypatch.setattr(neighbours, "walk", lambda *given: walks.append(given) or pages.walk(*given))
    with Catalogue(shared / "imagery" / "zagreb-2023") as catalogue:
        together = search_together(plans(), catalogue.url, catalogue.url)
        alone = [search(plan, catalogue.url, catalogue.url) for plan in plans()]
    assert json.dumps(together) == json.dumps(alone)
    assert len(walks) == 1
    assert len({len(lock["items"]) for lock in alone}) > 1, "the woods lie in different tiles, or the case shows nothing"


def test_an_area_without_scenes_is_refused_and_its_neighbours_are_not(shared: Path) -> None:
    nowhere = plan_of(box(14.96, 45.95, 14.98, 46.0), 2023)  # west of both tiles
    with Catalogue(shared / "imagery" / "zagreb-2023") as catalogue:
        found = search_together([nowhere, *plans()], catalogue.url, catalogue.url)
    assert isinstance(found[0], Refusal) and {problem.code for problem in found[0].problems} <= {"E-STAC-010", "E-SRC-009"}
    assert all(isinstance(lock, dict) for lock in found[1:])


def test_a_catalogue_that_fails_refuses_all_who_asked_it() -> None:
    found = search_together(plans(), "http://127.0.0.1:1", "http://127.0.0.1:1")
    assert all(isinstance(lock, Refusal) for lock in found)


def test_an_item_whose_geometry_can_not_be_read_stays_to_be_refused_by_name() -> None:
    broken = {"id": "torn", "geometry": {"type": "Polygon", "coordinates": [[[0, 0]]]}}
    elsewhere = {"id": "far", "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}}
    kept = of_area(Found((broken, elsewhere), 2), [(100.0, 30.0, 101.0, 31.0)])
    assert ([item["id"] for item in kept.items], kept.matched) == (["torn"], 1)
