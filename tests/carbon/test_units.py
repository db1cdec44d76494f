"""A tonne of carbon is not a tonne of carbon dioxide, and a kilogram is not a tonne."""

from __future__ import annotations

import pytest

from carbonsink.base.units import SUBSTANCES, same, symbols, unit


def test_substances_don_t_mix() -> None:
    tonnes = [unit(f"t_{name}") for name in SUBSTANCES]
    for one in tonnes:
        assert [one.is_compatible_with(other) for other in tonnes].count(True) == 1


def test_adding_carbon_to_carbon_dioxide_is_an_error() -> None:
    with pytest.raises(TypeError, match="t_C"):
        1 * unit("t_C") + 1 * unit("t_CO2e")


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("t_C ha^-1", "ha^-1 t_C", True),
        ("kg_N ha^-1 yr^-1", "t_N ha^-1 yr^-1", False),
        ("t_C yr^-1", "t_CO2e yr^-1", False),
        ("t_CH4 day^-1", "t_CH4 yr^-1", False),
        ("1", "1", True),
        ("t_X", "t_X", False),
    ],
)
def test_same_unit(one: str, other: str, alike: bool) -> None:
    assert same(one, other) is alike


def test_fifteen_mu_are_a_hectare() -> None:
    assert (15 * unit("mu")).to(unit("ha")).magnitude == pytest.approx(1.0, rel=1e-15)


def test_an_unknown_unit_is_named() -> None:
    with pytest.raises(ValueError, match="acre"):
        unit("t_C acre^-1")


def test_every_symbol_has_a_unit_and_two_meanings() -> None:
    for symbol in symbols().values():
        unit(symbol.unit)
        assert set(symbol.meaning) == {"zh", "en"} and all(symbol.meaning.values()) and symbol.ipcc
