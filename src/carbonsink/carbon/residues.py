"""Nitrogen that crop residues bring back to soil (IPCC Guidelines, Volume 4, Chapter 11, Equation 11.6).

Amounts are of one harvest: `harvests` makes them a year's. Below-ground residue is a share of crop and above-ground dry matter together.
"""

from __future__ import annotations

from carbonsink.carbon.equation import Number, equation


@equation(cites="ipcc-2006-v4 table 11.2", returns="residue_ratio")
def above_ground_ratio(crop_yield: Number, dry_matter_fraction: Number, residue_slope: Number, residue_intercept: Number) -> Number:
    """Above-ground residue to harvested dry matter [1], by the table's straight line."""
    crop = crop_yield * dry_matter_fraction
    return (crop * residue_slope + residue_intercept) / crop


@equation(cites="ipcc-2006-v4 table 11.2", returns="residue_dry_matter")
def above_ground(crop_yield: Number, dry_matter_fraction: Number, residue_ratio: Number) -> Number:
    """Above-ground residue of a harvest [t_dm/ha]."""
    return crop_yield * dry_matter_fraction * residue_ratio


@equation(cites="ipcc-2006-v4 table 11.2", returns="residue_dry_matter")
def below_ground(crop_yield: Number, dry_matter_fraction: Number, residue_ratio: Number, residue_root_shoot: Number) -> Number:
    """Below-ground residue of a harvest [t_dm/ha]."""
    return crop_yield * dry_matter_fraction * (1 + residue_ratio) * residue_root_shoot


@equation(cites="ipcc-2006-v4 eq 11.6", returns="residue_nitrogen_rate")
def nitrogen(
    crop_yield: Number,
    dry_matter_fraction: Number,
    harvests: Number,
    renewed_share: Number,
    residue_ratio: Number,
    nitrogen_above: Number,
    removed_share: Number,
    residue_root_shoot: Number,
    nitrogen_below: Number,
    t_per_kg: Number,
) -> Number:
    """Nitrogen of residues that stay on the field [kg_N/ha/yr]."""
    above = residue_ratio * nitrogen_above * (1 - removed_share)
    below = (1 + residue_ratio) * residue_root_shoot * nitrogen_below
    return crop_yield * dry_matter_fraction * harvests * renewed_share * (above + below) / t_per_kg


@equation(cites="ipcc-2019-v4 eq 11.6", returns="residue_nitrogen_rate")
def nitrogen_unburnt(
    crop_yield: Number,
    dry_matter_fraction: Number,
    harvests: Number,
    renewed_share: Number,
    residue_ratio: Number,
    nitrogen_above: Number,
    removed_share: Number,
    burnt_share: Number,
    combustion_factor: Number,
    residue_root_shoot: Number,
    nitrogen_below: Number,
    t_per_kg: Number,
) -> Number:
    """The same less what is burnt on the field [kg_N/ha/yr]."""
    above = residue_ratio * nitrogen_above * (1 - removed_share - burnt_share * combustion_factor)
    below = (1 + residue_ratio) * residue_root_shoot * nitrogen_below
    return crop_yield * dry_matter_fraction * harvests * renewed_share * (above + below) / t_per_kg
