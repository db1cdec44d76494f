"""What a change is called, from what a person would know of it."""

from __future__ import annotations

import pytest

from carbonsink.declared.change import read_change
from carbonsink.land.change.kinds import kind_of, severity_of

CUT = {"magnitude": -0.5, "nbr_change": -0.5, "nbr_after": 0.1, "nir_after": 0.22, "ndvi_peak": 0.4, "days_after": 300.0, "forest": 1.0, "settlement": 0.0}


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("felling", {}),
        ("fire", {"nbr_change": -0.8, "nbr_after": -0.2, "nir_after": 0.1}),
        ("felling", {"nbr_change": -0.8, "nbr_after": -0.05, "nir_after": 0.22}),  # bare soil after a cut is bright in the near infrared
        ("built-up", {"settlement": 0.9}),
        ("built-up", {"forest": 0.0, "ndvi_peak": 0.2}),
        ("loss", {"forest": 0.0, "ndvi_peak": 0.2, "days_after": 60.0}),  # two months without green are a fallow as well
        ("inundation", {"nir_after": 0.05, "ndvi_peak": -0.1}),
        ("loss", {"forest": 0.2}),
        ("gain", {"magnitude": 0.4}),
    ],
)
def test_a_change_has_its_kind(kind: str, facts: dict[str, float]) -> None:
    assert kind_of(CUT | facts, read_change()) == kind


def test_a_rule_whose_names_aren_t_there_isn_t_tried() -> None:
    without = {name: value for name, value in CUT.items() if not name.startswith(("nbr", "forest", "settlement"))}
    assert kind_of(without, read_change()) == "loss"


@pytest.mark.parametrize(
    ("dnbr", "level"),
    [
        (-0.3, "regrowth-high"),
        (-0.25, "regrowth-low"),
        (0.0, "unburned"),
        (0.1, "low"),
        (0.27, "moderate-low"),
        (0.44, "moderate-high"),
        (0.66, "high"),
        (3.0, "high"),
    ],
)
def test_severity_follows_key_and_benson(dnbr: float, level: str) -> None:
    assert severity_of(dnbr, read_change()) == level
