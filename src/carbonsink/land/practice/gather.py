"""The stage's part on practice: composites/series.csv beside the farm record -> land/practice.csv"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from carbonsink.base.records import PracticeEvidence, SeriesPoint
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.declared.area import Parcel
from carbonsink.declared.plan import Plan
from carbonsink.declared.practice import Practices, read_practices
from carbonsink.land.practice.fields import burning, crops, residue, winter_cover
from carbonsink.land.practice.planting import planting
from carbonsink.land.practice.radar import calendar_of, rises
from carbonsink.land.practice.record import Finding, evidence
from carbonsink.land.practice.seasons import Growth, growths
from carbonsink.land.practice.series import Look, having, looks_of, noise_of
from carbonsink.land.practice.water import Case, case_by_radar, case_of, declared_regimes, nothing, water_rows

FIELDS = {"cropland", "grassland"}  # covers on which crops, winter cover, residue and burning are looked for
FOREST = {"forest land"}


def gather(plan: Plan, run: Path) -> None:
    """Write the evidence of every vintage; nothing where the pipeline asks for none."""
    if plan.pipeline.practice is None:
        return
    looks = looks_of(read_csv(run / "composites" / "series.csv", SeriesPoint), read_practices().observation)
    write_csv(run / "land" / "practice.csv", rows(plan, looks), PracticeEvidence)


def rows(plan: Plan, looks: Mapping[str, Sequence[Look]], rules: Practices | None = None) -> list[PracticeEvidence]:
    """The evidence of every parcel from its looks, by year, parcel, practice and season.

    Whatever layers the looks have serve: NDVI with LSWI, VH in power, or both.
    """
    work = Work(plan, looks, rules or read_practices())
    found = [*work.water(), *work.findings()]
    return sorted(found, key=lambda row: (row.year, row.parcel, row.practice, row.season))


@dataclass(frozen=True)
class Work:
    """A plan's parcels with their looks."""

    plan: Plan
    looks: Mapping[str, Sequence[Look]]
    rules: Practices

    @property
    def wanted(self) -> frozenset[str]:
        """The kinds of evidence that the pipeline asks for."""
        practice = self.plan.pipeline.practice
        return frozenset(practice.evidence) if practice else frozenset()

    @property
    def south(self) -> bool:
        """Whether the land lies south of the equator."""
        return float(self.plan.land.boundary.bounds[1]) < 0

    def growing(self, parcel: Parcel) -> dict[int, list[Growth]]:
        """A parcel's crops by the year of their peak."""
        seen = having(self.looks.get(parcel.id, ()), "ndvi")
        found = growths(seen, self.rules.crops)
        return {year: [growth for growth in found if growth.peak.year == year] for year in self.plan.vintages}

    def parcels(self, ipcc: set[str]) -> Iterator[Parcel]:
        """The parcels whose stratum's cover is of some categories."""
        covers = {one.id for one in self.plan.pipeline.land.classes if one.ipcc in ipcc}
        return (parcel for parcel in self.plan.land.parcels if self.plan.area.strata[parcel.stratum].cover in covers)

    def water(self) -> Iterator[PracticeEvidence]:
        """The water regime of every season of the paddies."""
        declared = declared_regimes(self.plan.area.strata) if "water_regime" in self.wanted else {}
        paddies = [parcel for parcel in self.plan.land.parcels if parcel.stratum in declared]
        noise = noise_of((self.looks.get(parcel.id, ()) for parcel in paddies), "lswi", self.rules.water.optical.noise_days)
        shown = {parcel.id: rises(self.looks.get(parcel.id, ()), self.rules) for parcel in paddies}
        calendar = calendar_of(((growth, self.looks[name]) for name, growing in shown.items() for growth in growing), self.rules)
        cases: list[Case] = []
        for parcel in paddies:
            mine = self.looks.get(parcel.id, ())
            for year, growing in self.growing(parcel).items():
                found = self._seasons(growing, [growth for growth in shown[parcel.id] if growth.peak.year == year])
                for n, (growth, by_radar) in enumerate(found, 1):
                    known = year, parcel, n, growth, mine, self.rules, noise
                    cases.append(case_by_radar(*known, calendar) if by_radar and calendar else case_of(*known))
                if not found:
                    yield nothing(year, parcel, declared[parcel.stratum])
        yield from water_rows(cases, declared, self.rules)

    def _seasons(self, growing: Sequence[Growth], shown: Sequence[Growth]) -> list[tuple[Growth, bool]]:
        """A year's seasons in time, and which are radar's: those of NDVI, but where one is unsure or lacks, that which VH shows instead."""
        longest = self.rules.water.season.longest_gap_days
        more = [one for one in shown if not any(_meet(one, growth) for growth in growing if growth.gap <= longest)]
        kept = [growth for growth in growing if not any(_meet(one, growth) for one in more)]
        return sorted([*((growth, False) for growth in kept), *((growth, True) for growth in more)], key=lambda found: found[0].start)

    def findings(self) -> Iterator[PracticeEvidence]:
        """Everything else."""
        for parcel in self.parcels(FIELDS):
            yield from (evidence(found, year, parcel, self.plan.area.strata[parcel.stratum]) for year, found in self._of_field(parcel))
        for parcel in self.parcels(FOREST) if "planting" in self.wanted else ():
            found = planting(self.looks.get(parcel.id, ()), self.plan.vintages, self.rules)
            yield from (evidence(one, year, parcel, self.plan.area.strata[parcel.stratum]) for year, one in found)

    def _of_field(self, parcel: Parcel) -> Iterator[tuple[int, Finding]]:
        looks, growing, wanted = self.looks.get(parcel.id, ()), self.growing(parcel), self.wanted
        every = [growth for mine in growing.values() for growth in mine]
        for year, mine in growing.items():
            if "crops" in wanted:
                yield year, crops(looks, mine, year, self.south, self.rules)
            if "winter_cover" in wanted:
                yield year, winter_cover(looks, year, self.south, self.rules)
            if "residue" in wanted:
                yield from ((year, found) for found in residue(looks, mine, self.rules))
            if "burning" in wanted:
                yield from ((year, found) for found in burning(looks, mine, every, self.rules))


def _meet(one: Growth, other: Growth) -> bool:
    """Whether two seasons share a day."""
    return one.start <= other.end and other.start <= one.end
