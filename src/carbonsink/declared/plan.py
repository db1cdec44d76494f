"""The Plan: everything a run may know, resolved and frozen, with one digest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

from carbonsink.declared.area import AreaFile, Land
from carbonsink.declared.calendar import Span, spans, twelve_months
from carbonsink.declared.checkpoint import Checkpoint
from carbonsink.declared.confirmation import Confirmation
from carbonsink.declared.earlier import Earlier, earlier_files
from carbonsink.declared.justification import Justification
from carbonsink.declared.measured.declarations import measured_files
from carbonsink.declared.methodology import Methodology, open_questions
from carbonsink.declared.paths import expand
from carbonsink.declared.pipeline import Pipeline
from carbonsink.declared.plots import plot_files
from carbonsink.declared.radar import of_radar
from carbonsink.declared.sensor import Dialect, Sensor
from carbonsink.declared.zones import ZoneFinding

SIMULATED = "carbonsink:simulated"  # the item property that marks what no satellite has seen


@dataclass(frozen=True)
class Plan:
    """One object for every stage; `folder` is where the area's relative paths start and is no part of the digest."""

    folder: Path
    area: AreaFile
    land: Land
    pipeline: Pipeline
    sensor: Sensor
    methodology: Methodology
    vintages: tuple[int, ...]
    pipeline_file: Path = Path()
    copies: Mapping[str, Path] = field(default_factory=dict)  # declared path text -> its copy in a run folder, for the verifier
    confirmation: Confirmation | None = None  # valid, where there is one
    radar_sensor: Sensor | None = None  # of the second series, where the pipeline asks for one
    zones: tuple[ZoneFinding, ...] = ()  # the zones found for the strata, whose keys hold them already
    checkpoint: Checkpoint | None = None  # of the ledger that the run is meant for, where the area has one
    justification: Justification | None = None  # a valid signed reason for a credit above the plausible, where there is one
    earlier: Earlier | None = None  # the run of the period before that this one goes on from, checked

    @cached_property
    def radar(self) -> Plan | None:
        """The plan as the radar's series knows it: its sensor, bands and catalogue, the same land and time; None where no radar is asked for."""
        if self.radar_sensor is None or self.pipeline.practice is None or self.pipeline.practice.radar is None:
            return None
        source = self.area.imagery.of_radar
        if source is None:
            return None
        area = self.area.model_copy(update={"imagery": source})
        return replace(self, area=area, pipeline=of_radar(self.pipeline, self.radar_sensor), sensor=self.radar_sensor, radar_sensor=None)

    @property
    def fetched(self) -> dict[str, Plan]:
        """What stage 1 fetches, by its folder in the run: the imagery, and the radar beside it."""
        return {"scenes": self} | ({"scenes/radar": self.radar} if self.radar else {})

    def path(self, declared: str) -> Path:
        """Where a declared file lies: its copy in a run, else below the area's folder, with ${NAME} from the environment."""
        if declared in self.copies:
            return self.copies[declared]
        return self.folder / expand(declared, "area.toml")

    def declared_files(self) -> dict[str, list[Path]]:
        """Every declared file by the text that names it; a shapefile comes with its parts."""
        reference = self.area.reference
        texts = [self.area.land.file, *([reference.file] if reference else []), *([reference.clusters] if reference and reference.clusters else [])]
        texts += [text for samples in self.area.samples for text in samples.files]
        texts += [*self.area.value_files, *dict.fromkeys(value.quantiles for value in self.area.value if value.quantiles)]
        texts += plot_files(self.area.plots, self.area.changes)
        texts += measured_files(self.area.soil_samples, self.area.census, self.area.stocking)
        texts += [*(one.file for one in self.area.protection), *(one.file for one in self.area.model)]
        texts += [self.area.confirmation] if self.area.confirmation else []
        texts += [self.area.ledger.checkpoint] if self.area.ledger else []
        texts += dict.fromkeys(text for one in self.area.checklist for text in one.files)
        texts += [self.area.justification] if self.area.justification else []
        texts += [zone.file for zone in self.area.zones.values() if zone.file]
        return {
            "area.toml": [self.copies.get("area.toml", self.folder / "area.toml")],
            self.area.pipeline: [self.pipeline_file],
            **({self.area.earlier.manifest: earlier_files(self.path(self.area.earlier.manifest))} if self.area.earlier else {}),
            **{text: _parts(self.path(text)) for text in (*texts, *self.pipeline.land.files)},
        }

    @property
    def imagery_span(self) -> tuple[date, date]:
        """First and last day of imagery: the vintages with the pipeline's lead and tail months, to the end of every period, and every year of features."""
        first, last = self._months_span
        return min([first, *(year.start for year in self.feature_years)]), max([last, *(span.end for span in self.spans)])

    @property
    def feature_years(self) -> tuple[Span, ...]:
        """The twelve months that the features of each vintage are of; none where the pipeline asks for no features."""
        composites = self.pipeline.composites
        return tuple(twelve_months(year, composites.features_from) for year in self.vintages) if composites.features else ()

    @property
    def spans(self) -> tuple[Span, ...]:
        """The periods of the composites, in order of time."""
        return tuple(spans(*self._months_span, self.pipeline.composites))

    @property
    def _months_span(self) -> tuple[date, date]:
        imagery = self.pipeline.imagery
        first = self.vintages[0] * 12 - imagery.lead_months  # months since year 0
        after = self.vintages[-1] * 12 + 12 + imagery.tail_months
        return date(first // 12, first % 12 + 1, 1), date(after // 12, after % 12 + 1, 1) - timedelta(days=1)

    @property
    def dialect(self) -> Dialect:
        """The provider's words in which the area's imagery is asked for; a mirror or simulation of our own asks for no credentials."""
        dialect, name = self.sensor.dialect_named(self.area.imagery.dialect), self.area.imagery.catalogue
        own = name is not None and not name.startswith("https://")
        return dialect.model_copy(update={"credentials": "none", "sign_url": None}) if own else dialect

    @property
    def simulated(self) -> bool:
        """Whether the imagery is the simulator's."""
        return self.area.imagery.catalogue == "simulated"

    def withholding(self, area_methods: Iterable[str]) -> tuple[str, ...]:
        """Why nothing may be issued, as codes: simulated, not_issuable, unconfirmed, checklist where a question of the methodology isn't answered
        with yes, area_method:<method> for the ways areas were known."""
        methods = sorted(set(area_methods) - set(self.methodology.area_methods))
        asked = ("checklist",) if open_questions(self.methodology.checklist, self.area.checklist) else ()
        simulated = ("simulated",) if self.simulated else ()
        unconfirmed = ("unconfirmed",) if self.methodology.unconfirmed and self.confirmation is None else ()
        issuable = () if self.methodology.issuable else ("not_issuable",)
        return (*simulated, *issuable, *unconfirmed, *asked, *(f"area_method:{method}" for method in methods))


def _parts(path: Path) -> list[Path]:
    if path.suffix.lower() != ".shp":
        return [path]
    parts = (".shx", ".dbf", ".prj", ".cpg")
    return [path, *sorted(p for p in path.parent.iterdir() if p.stem == path.stem and p.suffix.lower() in parts)]
