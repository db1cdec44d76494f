"""The account of a county or a province: every finished run of its areas, rolled up; what couldn't be counted stands in its problems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from carbonsink.base.problems import Exit, Problem, Refusal
from carbonsink.portfolio.alerts import AreaAlert, AreaStamp, alerts, stamps
from carbonsink.portfolio.credits import Credit, area_credits, credits
from carbonsink.portfolio.find import Found, find
from carbonsink.portfolio.interval import Combined, combined, shared_rows
from carbonsink.portfolio.inventory import InventoryRow, inventory
from carbonsink.portfolio.land import LandArea, LandTransition, land_areas, land_transitions
from carbonsink.portfolio.member import Member, read_member
from carbonsink.portfolio.overlaps import Overlap, overlaps
from carbonsink.run import Progress


@dataclass(frozen=True)
class Portfolio:
    """Everything that is rolled up, and why some areas aren't."""

    members: tuple[Member, ...]
    left_out: tuple[str, ...]  # ids of finished runs that aren't counted, since they overlap
    covered: tuple[str, ...]  # projects inside an inventory: counted by their credits, while land and emissions are the inventory's
    overlaps: tuple[Overlap, ...]
    problems: tuple[Problem, ...]
    exit_code: Exit  # of the worst problem
    land_areas: tuple[LandArea, ...]
    land_transitions: tuple[LandTransition, ...]
    inventory: tuple[InventoryRow, ...]
    credits: tuple[Credit, ...]
    area_credits: tuple[Credit, ...]
    spreads: tuple[Combined, ...]  # of what is credited: inventories aren't in it
    shared_rows: int  # rows of factor tables that several of these areas share
    alerts: tuple[AreaAlert, ...]
    stamps: tuple[AreaStamp, ...]

    @property
    def years(self) -> tuple[int, ...]:
        """Every vintage of any area."""
        return tuple(sorted({year for member in self.members for year in member.plan.vintages}))

    @property
    def credited(self) -> tuple[Credit, ...]:
        """The statements of projects, by area: what an inventory states isn't over a baseline."""
        names = {member.id for member in self.members if not member.inventory}
        return tuple(row for row in self.area_credits if row.area in names)

    @property
    def simulated(self) -> tuple[str, ...]:
        """Ids of areas whose imagery is simulated."""
        return tuple(member.id for member in self.members if member.plan.simulated)


def roll_up(folders: Sequence[Path], runs: Path, progress: Progress) -> Portfolio:
    """Roll up the finished runs of areas; a Refusal with every problem where none of them can be counted."""
    found, problems = find(folders, runs, progress)
    members, broken = _read(found, progress)
    shared = overlaps(members, progress)
    out = {name for one in shared if one.rejected for name in (one.area, one.other)}
    twice = [one.problem for one in shared if one.rejected]
    told = (*problems, *broken, *twice)
    exit_code = Exit.DOUBLE_COUNTING if twice else Exit.INTEGRITY if broken else Exit.SOURCE if problems else Exit.WELL
    counted = [member for member in members if member.id not in out]
    if not counted:
        raise Refusal(told, exit_code)
    covered = {one.covered for one in shared if one.covered and not {one.area, one.other} & out}
    crediting = [member for member in counted if not member.inventory]
    on_land = [member for member in counted if member.id not in covered]
    progress("tables", 0, 1)
    return Portfolio(
        tuple(counted), tuple(sorted(out)), tuple(sorted(covered)), tuple(shared), told, exit_code,
        tuple(land_areas(on_land)), tuple(land_transitions(on_land)), tuple(inventory(on_land)),
        tuple(credits(counted)), tuple(area_credits(counted)), tuple(combined(crediting, progress)), shared_rows(crediting),
        tuple(alerts(counted)), tuple(stamps(counted)),
    )  # fmt: skip


def _read(found: Sequence[Found], progress: Progress) -> tuple[list[Member], list[Problem]]:
    members: list[Member] = []
    problems: list[Problem] = []
    for number, one in enumerate(found):
        progress("tables", number, len(found))
        try:
            members.append(read_member(one))
        except Refusal as refusal:
            problems.extend(refusal.problems)
    return members, problems
