"""Nitrous oxide of managed soils (IPCC Guidelines, Volume 4, Chapter 11), by the nitrogen that is put there, left there or set free.

Every source of nitrogen but synthetic fertiliser is optional: a term of which nobody declares an amount is left out of the worksheet.
Nitrogen of crop residues may be worked by `residues`, nitrogen of lost soil organic matter by `mineralised`.
"""

from __future__ import annotations

from carbonsink.carbon.equation import Number, equation, maximum


@equation(cites="ipcc-2019-v4 eq 11.1, dryland fields", returns="n2o_emission")
def direct(
    area: Number,
    nitrogen_rate: Number,
    ef1: Number,
    organic_nitrogen_rate: Number,
    residue_nitrogen_rate: Number,
    mineralised_nitrogen_rate: Number,
    ef1_organic: Number,
    n2o_per_n: Number,
    t_per_kg: Number,
) -> Number:
    """Nitrous oxide from nitrogen on dryland fields in one year [t_N2O/yr]."""
    synthetic = area * nitrogen_rate * t_per_kg * ef1
    organic = area * (organic_nitrogen_rate + residue_nitrogen_rate + mineralised_nitrogen_rate) * t_per_kg * ef1_organic
    return (synthetic + organic) * n2o_per_n


@equation(cites="ipcc-2019-v4 eq 11.1, flooded rice", returns="n2o_emission")
def rice_direct(
    area: Number,
    nitrogen_rate: Number,
    organic_nitrogen_rate: Number,
    residue_nitrogen_rate: Number,
    mineralised_nitrogen_rate: Number,
    ef1_rice: Number,
    n2o_per_n: Number,
    t_per_kg: Number,
) -> Number:
    """Nitrous oxide from nitrogen on paddies in one year [t_N2O/yr]."""
    applied = nitrogen_rate + organic_nitrogen_rate + residue_nitrogen_rate + mineralised_nitrogen_rate
    return area * applied * t_per_kg * ef1_rice * n2o_per_n


@equation(cites="ipcc-2019-v4 eq 11.1, organic soils", returns="n2o_emission")
def organic_soils(area: Number, ef2: Number, n2o_per_n: Number, t_per_kg: Number) -> Number:
    """Nitrous oxide from drained organic soil in one year [t_N2O/yr]."""
    return area * ef2 * t_per_kg * n2o_per_n


@equation(cites="ipcc-2019-v4 eq 11.1, grazing animals", returns="n2o_emission")
def grazing(area: Number, grazing_nitrogen_rate: Number, ef3_grazing: Number, n2o_per_n: Number, t_per_kg: Number) -> Number:
    """Nitrous oxide from urine and dung of grazing animals in one year [t_N2O/yr]."""
    return area * grazing_nitrogen_rate * t_per_kg * ef3_grazing * n2o_per_n


@equation(cites="ipcc-2019-v4 eq 11.9", returns="n2o_emission")
def volatilised(
    area: Number,
    nitrogen_rate: Number,
    frac_gasf: Number,
    organic_nitrogen_rate: Number,
    grazing_nitrogen_rate: Number,
    frac_gasm: Number,
    ef4: Number,
    n2o_per_n: Number,
    t_per_kg: Number,
) -> Number:
    """Nitrous oxide from nitrogen that volatilises and is deposited, in one year [t_N2O/yr]."""
    synthetic = area * nitrogen_rate * t_per_kg * frac_gasf
    organic = area * (organic_nitrogen_rate + grazing_nitrogen_rate) * t_per_kg * frac_gasm
    return (synthetic + organic) * ef4 * n2o_per_n


@equation(cites="ipcc-2019-v4 eq 11.10", returns="n2o_emission")
def leached(
    area: Number,
    nitrogen_rate: Number,
    organic_nitrogen_rate: Number,
    grazing_nitrogen_rate: Number,
    residue_nitrogen_rate: Number,
    mineralised_nitrogen_rate: Number,
    frac_leach: Number,
    ef5: Number,
    n2o_per_n: Number,
    t_per_kg: Number,
) -> Number:
    """Nitrous oxide from nitrogen leached and run off, in one year [t_N2O/yr]."""
    there = nitrogen_rate + organic_nitrogen_rate + grazing_nitrogen_rate + residue_nitrogen_rate + mineralised_nitrogen_rate
    return area * there * t_per_kg * frac_leach * ef5 * n2o_per_n


@equation(cites="ipcc-2019-v4 eq 11.8", returns="mineralised_nitrogen_rate")
def mineralised(
    soc_ref: Number,
    f_land_use: Number,
    f_management: Number,
    f_input: Number,
    f_land_use_before: Number,
    f_management_before: Number,
    f_input_before: Number,
    transition_time: Number,
    soil_c_per_n: Number,
    t_per_kg: Number,
) -> Number:
    """Nitrogen set free where a change of practice loses soil organic matter [kg_N/ha/yr]; none where soil gains."""
    before = f_land_use_before * f_management_before * f_input_before
    after = f_land_use * f_management * f_input
    return soc_ref * maximum(0, before - after) / transition_time / soil_c_per_n / t_per_kg
