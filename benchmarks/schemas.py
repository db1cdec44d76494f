"""library/schemas/*.schema.json: what report.json and manifest.json hold, from the records that they are written of.

    python -m benchmarks.schemas     `make readme`

A row's key is a field of its record, its description the comment that stands beside the field. A test holds the files against this.
"""

from __future__ import annotations

import inspect
import io
import json
import tokenize
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from carbonsink.base import records as r
from carbonsink.declared.area import DeclaredArea
from carbonsink.declared.checkpoint import Checkpoint
from carbonsink.declared.confirmation import Confirmation
from carbonsink.declared.methodology import Clause, Deduction
from carbonsink.declared.schema import Declared, Words
from carbonsink.declared.submitter import Submitter
from carbonsink.declared.zones import ZoneFinding
from carbonsink.report.parts.parcels import Outcome
from carbonsink.report.results import CREDITED, DEDUCTED, SETTLED

FOLDER = Path(__file__).parent.parent / "src" / "carbonsink" / "library" / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
UNITS = {
    "_t_co2e": "t CO2e", "_t_co2": "t CO2", "_ha": "ha", "_mu": "mu (1/15 ha)", "_m2": "m2", "_percent": "%", "_days": "days", "_px": "pixels", "_t": "t",
    "_t_ha": "t/ha", "_kg": "kg",
}  # fmt: skip
Schema = dict[str, Any]
DECIMAL: Schema = {
    "type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?$", "description": "A number in its shortest exact decimal form, as text, so that no program rounds it.",
}  # fmt: skip
SHA256: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
NUMBER: Schema = {"$ref": "#/$defs/decimal"}
TEXT: Schema = {"type": "string"}
YEAR: Schema = {"type": "integer", "description": "calendar year"}


def closed(description: str, properties: Mapping[str, Schema], optional: Sequence[str] = ()) -> Schema:
    """An object of these keys and no others."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "description": description, "properties": dict(properties), "required": required, "additionalProperties": False}


def said(schema: Schema, description: str) -> Schema:
    """A schema with its words."""
    return schema | {"description": description} if description else schema


def mapping(value: Schema, description: str = "", keys: Schema | None = None) -> Schema:
    """An object of keys that the run names."""
    return said({"type": "object", "additionalProperties": value} | ({"propertyNames": keys} if keys else {}), description)


def listed(items: Schema, description: str = "") -> Schema:
    """A list of one kind of item."""
    return said({"type": "array", "items": items}, description)


def maybe(schema: Schema, description: str = "") -> Schema:
    """The same, or null."""
    return said({"anyOf": [schema, {"type": "null"}]}, description)


def named_as(name: str) -> Schema:
    """A definition, by name."""
    return {"$ref": f"#/$defs/{name}"}


def named(record: type[Any]) -> Schema:
    """A record's definition."""
    return named_as(record.__name__)


def rows(record: type[Any]) -> Schema:
    """A list of a record's rows."""
    return listed(named(record))


def definition(record: type[Any]) -> Schema:
    """A record: its fields by their annotations, with the comments that stand beside them; those of the records it stands on come after its own."""
    hints = typing.get_type_hints(record)
    homes = [one for one in record.__mro__ if one.__module__.startswith("carbonsink.")]
    notes = {name: note for home in reversed(homes) for name, note in comments(home).items()}
    names = dict.fromkeys(name for home in homes for name in inspect.get_annotations(home))
    return closed((record.__doc__ or "").partition("\n")[0], {name: said(kind(hints[name]), described(name, notes.get(name, ""))) for name in names})


def described(name: str, note: str) -> str:
    """A field's words: the comment beside it, and the unit its name ends with."""
    unit = next((unit for ending, unit in sorted(UNITS.items(), key=lambda pair: -len(pair[0])) if name.endswith(ending)), "")
    return " ".join(part for part in (note, f"[{unit}]" if unit and "[" not in note else "") if part)


def comments(record: type[Any]) -> dict[str, str]:
    """The comment at the end of each field's line."""
    found: dict[str, str] = {}
    for token in tokenize.generate_tokens(io.StringIO(inspect.getsource(record)).readline):
        name, colon, _ = token.line.strip().partition(":")
        if token.type == tokenize.COMMENT and colon and name.isidentifier():
            found[name] = token.string.removeprefix("#").strip()
    return found


def kind(hint: Any) -> Schema:
    """The schema of an annotation."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        others = [kind(one) for one in arguments if one is not type(None)]
        return {"anyOf": [*others, {"type": "null"}]}
    if origin is typing.Annotated:
        return kind(arguments[0])
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (list, tuple):
        return listed(kind(arguments[0]))
    if origin is not None:
        return mapping(kind(arguments[1]))
    simple: dict[Any, Schema] = {bool: {"type": "boolean"}, int: {"type": "integer"}, float: NUMBER, Decimal: NUMBER, str: TEXT, date: TEXT}
    if hint in simple:
        return simple[hint]
    assert is_dataclass(hint) or issubclass(hint, Declared), hint
    return definition(hint)


IMAGERY = closed("The scenes that were used, and why others weren't.", {
    "catalogue": TEXT, "collection": TEXT, "sensor": TEXT, "items": said({"type": "integer"}, "scenes"), "days": said({"type": "integer"}, "days with a scene"),
    "first": said(TEXT, "day of the first scene"), "last": said(TEXT, "day of the last scene"),
    "dropped": mapping({"type": "integer"}, "scenes that were not used, by reason"), "attribution": TEXT, "licence": TEXT,
})  # fmt: skip
AREA = closed("The area as it is declared and was measured.", {
    "id": TEXT, "name": named(Words), "country": said(TEXT, "ISO 3166-1, two letters"), "submitter": maybe(named(Submitter), "who submits"),
    "period": closed("First and last day.", {"start": TEXT, "end": TEXT}),
    "area_ha": said(NUMBER, "geodesic area on GRS80 [ha]"), "area_mu": said(NUMBER, "the same [mu, 1/15 ha]"),
    "declared": maybe(named(DeclaredArea), "the area that people state"), "crs": said(TEXT, "of the declared file"), "parcels": {"type": "integer"},
    "strata": mapping(named(Words), "names by stratum"),
})  # fmt: skip
METHODOLOGY = closed("The methodology, its rules of deduction, and what is left to confirm.", {
    "id": TEXT, "version": TEXT, "document": TEXT, "edition": said(TEXT, "of the IPCC's default factors"), "gwp": said(TEXT, "IPCC assessment report"),
    "status": said(TEXT, "how its text came here: confirmed, transcribed, recalled, proposed"), "issuable": {"type": "boolean"}, "name": named(Words),
    "deductions": rows(Deduction), "confirm": rows(Clause), "confirmation": maybe(named(Confirmation), "the signed confirmation of its clauses"),
})  # fmt: skip
BOUNDS = ("level_percent", "mean_t", "median_t", "low_t", "high_t", "half_width_percent")
SPREAD = closed("An interval of uncertainty.", {name: said(NUMBER, described(name, "")) for name in BOUNDS}, optional=("median_t",))
VINTAGE = closed("One vintage of the statement; its postings add up to zero.", {
    "vintage": YEAR,
    "gross_t_co2e": said(NUMBER, "removals and avoided emissions over the baseline, before anything is taken off [t CO2e]"),
    "deducted_t_co2e": said(NUMBER, "emissions, leakage, uncertainty, buffer and carried shortfall [t CO2e]"),
    "withheld_t_co2e": said(NUMBER, "whole tonnes that may not be issued, by the stamps [t CO2e]"), "issued_t_co2e": said(NUMBER, "whole tonnes [t CO2e]"),
    "shortfall_t_co2e": said(NUMBER, "a net loss, which later vintages pay [t CO2e]"),
    "postings": mapping(NUMBER, "account -> amount [t CO2e], credits negative", {"enum": [*CREDITED, *DEDUCTED, *SETTLED]}),
    "uncertainty": mapping(named_as("interval"), "interval by quantity, approach (1: propagated, 2: Monte Carlo) and, but for 95 %, level"),
})  # fmt: skip
ACCURACY = closed("Overall accuracy of a year's map by a split of the reference samples.", {
    "year": YEAR, "split": said(TEXT, "sample, parcel or pixel"), "used": said({"type": "boolean"}, "whether areas stand on it"),
    "samples": {"type": "integer"}, "overall": said(NUMBER, "share"), "standard_error": said(NUMBER, "share"),
})  # fmt: skip
PUBLISHED = closed("A published figure beside ours.", {
    "quantity": TEXT, "unit": TEXT, "published": NUMBER, "ours": NUMBER, "difference_percent": said(NUMBER, "[%]"), "source": TEXT, "place": TEXT,
})  # fmt: skip
STAMP = closed("What must be said on page one.", {"code": TEXT, "rows": listed(TEXT), "zh": TEXT, "en": TEXT}, optional=("zh", "en"))
DIGESTS = closed("What the report is made of, by SHA-256.", {
    "results": said(SHA256, "over the content of all stages before the report"), "land": said(SHA256, "of the declared land"),
    "library": said(SHA256, "of the numbers of the tables"),
    "files": mapping(SHA256, "of each file of the run that was read, chips left out"),
})  # fmt: skip
RECORDS = (
    r.Activity, r.Agreement, r.Balance, r.BenchmarkYear, r.CensusStock, r.ClassArea, r.EstimatorArea, r.Measured, r.ParcelShare, r.PlotChange, r.PlotEstimate,
    r.SoilChange, r.Transition, r.Variable, Outcome, Clause, Confirmation, DeclaredArea, Deduction, Submitter, Words, ZoneFinding,
)  # fmt: skip


def report_schema() -> Schema:
    """report.json"""
    signed = definition(Checkpoint)
    signed["properties"]["signer"] = said(TEXT, "fingerprint of the key")
    signed["required"].append("signer")
    properties: dict[str, Schema] = {
        "schema": {"const": "carbonsink-report/1"},
        "tool": said(TEXT, "version of carbonsink"),
        "simulated": said({"type": "boolean"}, "whether the imagery is the simulator's: then nothing can be issued"),
        "area": AREA,
        "imagery": named_as("imagery"),
        "radar": named_as("imagery"),
        "methodology": METHODOLOGY,
        "vintages": listed(VINTAGE),
        "period_uncertainty": mapping(named_as("interval"), "the same of all vintages together and of their trend; empty with one vintage"),
        "areas_ha": mapping(mapping(NUMBER), "year -> stratum -> hectares of the project [ha]"),
        "activity": rows(r.Activity),
        "parcels": listed(named(Outcome), "parcels and hectares by vintage and outcome"),
        "left_out": listed(named(r.ParcelShare), "the parcels that don't count"),
        "land_cover": rows(r.ClassArea),
        "estimators": rows(r.EstimatorArea),
        "transitions": rows(r.Transition),
        "plots": rows(r.PlotEstimate),
        "plot_changes": rows(r.PlotChange),
        "agreement": rows(r.Agreement),
        "zones": rows(ZoneFinding),
        "measured": rows(r.Measured),
        "soil_changes": rows(r.SoilChange),
        "census": rows(r.CensusStock),
        "balance": rows(r.Balance),
        "benchmarks": rows(r.BenchmarkYear),
        "accuracy": listed(ACCURACY),
        "published": maybe(PUBLISHED),
        "stamps": listed(STAMP),
        "factors": listed(named(r.Variable), "the rows of tables and declarations that the equations used"),
        "ledger_checkpoint": maybe(signed, "the state of the ledger that the run is meant for"),
        "digests": DIGESTS,
    }
    optional = ("radar", "measured", "soil_changes", "census", "balance", "benchmarks")
    body = closed("A carbonsink run's result for machines. Amounts are decimal texts; empty lists mean that the run made no such table.", properties, optional)
    return whole("report", body, {"decimal": DECIMAL, "interval": SPREAD, "imagery": IMAGERY} | {one.__name__: definition(one) for one in RECORDS})


def manifest_schema() -> Schema:
    """manifest.json"""
    file = closed("A file: its bytes, and what it says (pixels of a raster).", {"sha256": SHA256, "content": SHA256})
    stage = closed("A stage: what it read and wrote.", {"stage": TEXT, "reads": mapping(SHA256), "writes": mapping(file)})
    properties: dict[str, Schema] = {
        "schema": TEXT, "tool": said(TEXT, "version of carbonsink"), "environment": mapping(TEXT, "Python, machine, GDAL and packages"),
        "results": said(SHA256, "over the content of all stages before the report"), "plan": SHA256,
        "library": said(SHA256, "of the library's numbers"), "words": said(SHA256, "of the library's words"), "lock": SHA256, "radar_lock": SHA256,
        "simulated": {"type": "boolean"}, "declared": mapping(SHA256), "stages": listed(stage), "digest": said(SHA256, "of all other keys, by RFC 8785"),
    }  # fmt: skip
    return whole("manifest", closed("What a run is made of, written last: a folder without it is no finished run.", properties, ("radar_lock", "words")), {})


def whole(name: str, body: Schema, definitions: Mapping[str, Schema]) -> Schema:
    """A schema with its name and its definitions."""
    head = {"$schema": DIALECT, "$id": f"urn:carbonsink:schema:{name}", "title": f"carbonsink {name}.json"}
    return head | body | ({"$defs": dict(definitions)} if definitions else {})


def texts() -> dict[str, str]:
    """The files' texts, by name."""
    made = {"report": report_schema(), "manifest": manifest_schema()}
    return {f"{name}.schema.json": json.dumps(schema, ensure_ascii=False, indent=1) + "\n" for name, schema in made.items()}


if __name__ == "__main__":
    for name, text in texts().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
