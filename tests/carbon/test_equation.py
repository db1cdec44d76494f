"""An equation is code and formula text, and both agree; its units meet, or it isn't registered."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from carbonsink.base.formula import FUNCTIONS, evaluate, names_in
from carbonsink.base.topics import LIBRARY, read_topics
from carbonsink.base.units import symbols
from carbonsink.carbon import equation as room
from carbonsink.carbon.book import equations
from carbonsink.carbon.equation import Equation, EquationError, Number, equation, symbol_of

EVERY = [pytest.param(one, id=name) for name, one in equations().items()]
positive = st.floats(0.01, 10.0)


def registered() -> set[str]:
    return {name.partition(".")[2] for name in room.registered()}


@pytest.mark.parametrize("one", EVERY)
@settings(max_examples=30)
@given(data=st.data())
def test_the_formula_text_reckons_what_the_function_reckons(one: Equation, data: st.DataObject) -> None:
    values = {argument: data.draw(positive) for argument in one.arguments}
    assert evaluate(one.formula, values, FUNCTIONS) == one(**values)


@pytest.mark.parametrize("one", EVERY)
def test_arrays_give_what_floats_give(one: Equation) -> None:
    columns = {argument: np.array([0.5, 1.5, 2.5]) + place for place, argument in enumerate(one.arguments)}
    apart = [one(**{argument: float(column[i]) for argument, column in columns.items()}) for i in range(3)]
    np.testing.assert_allclose(one(**columns), apart, rtol=1e-15)


@pytest.mark.parametrize("one", EVERY)
def test_xarray_keeps_its_coordinates_and_gives_what_arrays_give(one: Equation) -> None:
    columns = {argument: np.array([0.5, 1.5, 2.5]) + place for place, argument in enumerate(one.arguments)}
    strata = {argument: xr.DataArray(column, dims="stratum", coords={"stratum": ["a", "b", "c"]}) for argument, column in columns.items()}
    found = one(**strata)
    np.testing.assert_array_equal(found.values, one(**columns))
    assert list(found.coords["stratum"].values) == ["a", "b", "c"]


@pytest.mark.parametrize("one", EVERY)
def test_help_tells_source_shapes_and_every_argument_with_its_unit(one: Equation) -> None:
    told = one.body.__doc__ or ""
    assert f"Source: {one.cites}." in told and "arrays that broadcast" in told
    for argument in one.arguments:
        assert f"    {argument}: " in told and f"[{symbols()[symbol_of(argument)].unit}]" in told, argument


@pytest.mark.parametrize("one", EVERY)
def test_an_equation_names_its_symbols_and_its_source(one: Equation) -> None:
    assert names_in(one.formula) == tuple(sorted(one.arguments))
    assert {symbol_of(argument) for argument in one.arguments} <= set(symbols())
    assert one.cites.partition(" ")[0] in read_topics(LIBRARY / "sources")
    assert one.body.__doc__ and "[" in one.body.__doc__, "the docstring names the unit"


def test_a_forgotten_carbon_fraction_is_refused() -> None:
    with pytest.raises(EquationError, match="t_dm"):

        @equation(cites="ipcc-2019-v4 eq 2.9", returns="carbon_change")
        def forgetful_gain(area: Number, growth: Number, root_shoot: Number) -> Number:
            return area * growth * (1 + root_shoot)

    assert "forgetful_gain" not in registered()


def test_a_forgotten_kilogram_is_refused() -> None:
    with pytest.raises(EquationError, match="kg_CH4"):

        @equation(cites="ipcc-2019-v4 eq 5.1", returns="ch4_emission")
        def kilograms(area: Number, ef_rice: Number, cultivation_period: Number, harvests: Number) -> Number:
            return area * ef_rice * cultivation_period * harvests


def test_a_coefficient_in_the_body_is_refused() -> None:
    with pytest.raises(EquationError, match="bare number"):

        @equation(cites="ipcc-2019-v4 eq 2.9", returns="carbon_change")
        def typed_in(area: Number, growth: Number) -> Number:
            return area * growth * 0.47


def test_a_word_outside_the_vocabulary_is_refused() -> None:
    with pytest.raises(EquationError, match="hectarage"):

        @equation(cites="ipcc-2019-v4 eq 2.9", returns="carbon_change")
        def strange(hectarage: Number) -> Number:
            return hectarage


def test_a_body_with_a_branch_has_no_formula() -> None:
    with pytest.raises(EquationError, match="one return"):

        @equation(cites="ipcc-2019-v4 eq 2.25", returns="soc_stock")
        def branching(soc_ref: Number) -> Number:
            if soc_ref:
                return soc_ref
            return soc_ref


def test_a_call_has_no_formula() -> None:
    with pytest.raises(EquationError, match="not arithmetic"):

        @equation(cites="ipcc-2019-v4 eq 2.25", returns="soc_stock")
        def calling(soc_ref: Number) -> Number:
            return abs(soc_ref)


def test_assignments_go_into_the_formula_in_the_order_they_are_worked() -> None:
    assert equations()["biomass.gain"].formula == "area * (growth * (1 + root_shoot)) * carbon_fraction"
