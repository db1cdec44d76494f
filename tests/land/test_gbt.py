"""The library's tables of classes: China's standard, and the legends of published maps."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import get_args

import pytest

from carbonsink.declared.categories import IPCC
from carbonsink.declared.gbt import categories_of, category_of, uses
from carbonsink.declared.legend import legend_names, read_legend, values_of
from carbonsink.declared.paths import Places

SECOND_LEVEL = {1: 3, 2: 4, 3: 7, 4: 4, 5: 7, 6: 4, 7: 2, 8: 10, 9: 6, 10: 9, 11: 10, 12: 7}  # classes of the standard's table 1: 73 in all


def test_the_standard_has_twelve_classes_and_seventy_three_below_them() -> None:
    codes = list(uses())
    assert codes == sorted(codes)
    for first, count in SECOND_LEVEL.items():
        assert [code for code in codes if code.startswith(f"{first:02d}") and len(code) == 4] == [f"{first:02d}{n:02d}" for n in range(1, count + 1)]
    assert len(codes) == 12 + 73


def test_every_class_has_its_names_a_category_a_source_and_a_status() -> None:
    for use in uses().values():
        assert use.name_zh and use.name_en and use.source and use.place and use.status in ("confirmed", "transcribed", "recalled")
        assert (use.ipcc in get_args(IPCC)) == (len(use.code) == 4), use.code
        assert use.also in ("", *get_args(IPCC))


def test_the_table_says_what_the_shared_one_says(shared: Path) -> None:
    with (shared / "factors" / "gbt21010_2017_to_ipcc.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["gb_code"].isdigit():
                use = uses()[row["gb_code"]]
                assert (use.name_zh, use.ipcc) == (row["gb_name_zh"], row["ipcc_category"].lower())


@pytest.mark.parametrize(
    ("code", "follows", "allowed"),
    [
        ("0101", "cropland", ("cropland",)),
        ("0203", "cropland", ("forest land", "cropland")),
        ("0603", "wetlands", ("wetlands",)),
        ("05", "settlements", ("settlements",)),
        ("06", None, ("wetlands", "settlements")),
        ("04", None, ("grassland", "wetlands")),
        ("0104", None, ()),
        ("99", None, ()),
    ],
)
def test_a_category_follows_where_only_one_can(code: str, follows: str | None, allowed: tuple[str, ...]) -> None:
    assert category_of(code) == follows
    assert categories_of(code) == allowed


@pytest.mark.parametrize("name", legend_names())
def test_a_legend_of_the_library_is_whole(name: str) -> None:
    legend = read_legend(name, Places(Path()), "-")
    assert legend.years == sorted(set(legend.years)) and legend.years
    assert not set(values_of(legend)) & set(legend.nodata)
    assert {meaning.ipcc for meaning in legend.classes.values()} == set(get_args(IPCC)), "six categories, none forgotten"


def test_worldcover_s_values_are_those_of_its_manual() -> None:
    legend = read_legend("esa-worldcover", Places(Path()), "-")
    assert list(values_of(legend)) == [10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100]
    assert legend.classes["40"].en == "Cropland"
