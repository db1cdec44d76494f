"""Somebody who has only read docs/design.md adds a table, an equation and a methodology: in as many places as it promises, and it works."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.bad.area import AREA_TOML, GOOD, PIPELINE_TOML, collection

REPOSITORY = Path(__file__).parent.parent
NEEDED = ("src/carbonsink", "pipelines", "tests/carbon", "tests/cases", "tests/conftest.py", "tests/__init__.py", "tests/test_library.py", "pyproject.toml")
HECTARES = 10.0

PLACES = {
    "src/carbonsink/library/sources/moss.toml": """\
[made-up-book]
citation = "The Made-Up Book of Moss"
edition = "2025"
read_in = "nowhere; it is made up"
""",
    "src/carbonsink/library/symbols/moss.toml": """\
[moss_growth]
unit = "t_dm ha^-1 yr^-1"
meaning.zh = "苔藓年生长量"
meaning.en = "growth of a mat of moss in a year"
ipcc = "M"

[moss_carbon]
unit = "t_C t_dm^-1"
meaning.zh = "苔藓含碳率"
meaning.en = "carbon in the dry matter of moss"
ipcc = "CF_M"

[moss_lasting]
unit = "1"
meaning.zh = "苔藓碳留存比例"
meaning.en = "share of the carbon of moss that lasts"
ipcc = "f_M"
""",
    "src/carbonsink/library/factors/moss/growth.csv": """\
symbol,value,unit,low,high,distribution,light,source,place,status,note
moss_growth,2,t_dm ha^-1 yr^-1,1.6,2.4,normal,full,made-up-book,Table 1,transcribed,
moss_growth,0.5,t_dm ha^-1 yr^-1,0.4,0.6,normal,shade,made-up-book,Table 1,transcribed,
moss_carbon,0.5,t_C t_dm^-1,,,exact,,made-up-book,Table 2,transcribed,no range given
moss_lasting,0.25,1,,,exact,,made-up-book,Table 3,transcribed,no range given
""",
    "src/carbonsink/carbon/moss.py": """\
\"\"\"Mats of moss.\"\"\"

from __future__ import annotations

from carbonsink.carbon.equation import Number, equation


@equation(cites="made-up-book eq 1", returns="carbon_change")
def gain(area: Number, moss_growth: Number, moss_carbon: Number, moss_lasting: Number) -> Number:
    \"\"\"Carbon that a stratum's moss gains in one year [t_C yr^-1].\"\"\"
    grown = moss_growth * moss_carbon
    return area * grown * moss_lasting
""",
    "src/carbonsink/library/methodologies/moss.toml": """\
id = "moss"
version = "1.0.0"
document = "The Made-Up Book of Moss, part 2"
edition = "ipcc-2019"
tables = ["moss"]
gwp = "ar5"
status = "transcribed"
issuable = true
area_methods = ["parcels"]
baseline = "zero"

[name]
zh = "苔藓固碳"
en = "Carbon in moss"

[note]
zh = "虚构的方法学。"
en = "A made-up methodology."

[[flow]]
id = "moss_gain"
pool = "biomass"
gas = "CO2"
kind = "removal"
equation = "moss.gain"
to_co2e = "co2_per_c"
name = { zh = "苔藓", en = "moss" }

[[deduction]]
rule = "buffer"
of = "removals"
rate = 0.1
source = "made-up-book"
place = "part 2, step 3"
status = "transcribed"

[[applicability]]
clause = "enough-light"
requires = "light == full or light == shade"
source = "made-up-book"
place = "part 2, step 1"
[applicability.name]
zh = "光照已知"
en = "the light is known"
""",
    "tests/cases/moss.toml": """\
name = "Ten hectares of moss"
source = "The Made-Up Book of Moss"
place = "example 1"
kind = "equations"
expect = 2.5
[[term]]
equation = "moss.gain"
given = { area = 10.0, moss_growth = 2.0, moss_carbon = 0.5, moss_lasting = 0.25 }
""",
}
STRATUM = re.compile(r"keys = .*\nbaseline = .*\nproject = .*\n")
AREA = STRATUM.sub('keys = { light = "full" }\n', AREA_TOML.partition("[[value]]")[0]).replace('imagery = { catalogue = "simulated" }\n', "")
WORK = """\
import json, sys
from pathlib import Path
from carbonsink.base.records import Activity, Posting
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.carbon.work import work
from carbonsink.credit.statement import credit
from carbonsink.run import load_complete
from carbonsink.uncertainty import propagate

plan, run = load_complete(Path(sys.argv[1])), Path(sys.argv[2])
write_csv(run / "areas" / "activity.csv", [Activity(y, "project", "single-rice", float(sys.argv[3]), 0.0, "parcels") for y in plan.vintages], Activity)
for stage in (work, propagate, credit):
    stage(plan, run)
print(json.dumps([[p.vintage, p.account, str(p.co2e_t)] for p in read_csv(run / "credit" / "statement.csv", Posting) if p.co2e_t]))
"""


def house(folder: Path, places: dict[str, str]) -> Path:
    """A copy of the house with these new files; none of them may be there already."""
    for name in NEEDED:
        source, target = REPOSITORY / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__")) if source.is_dir() else shutil.copy(source, target)
    for name, text in places.items():
        assert not (folder / name).exists(), name
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def area(folder: Path) -> Path:
    """A small area of moss with a pipeline of its own."""
    folder.mkdir()
    (folder / "area.toml").write_text(AREA.replace('"tiny"', '"moss.toml"'), encoding="utf-8")
    (folder / "moss.toml").write_text(PIPELINE_TOML.replace("rice-water-management", "moss"), encoding="utf-8")
    (folder / "parcels.geojson").write_text(json.dumps(collection(*GOOD)), encoding="utf-8")
    return folder


def python(where: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Python in a copy of the house."""
    environment = os.environ | {"PYTHONPATH": str(where / "src"), "PYTHONDONTWRITEBYTECODE": "1", "CARBONSINK_LANG": "en"}
    return subprocess.run([sys.executable, *map(str, arguments)], cwd=where, env=environment, capture_output=True, text=True, timeout=300)


def carbonsink(where: Path, *arguments: object) -> str:
    done = python(where, "-m", "carbonsink", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def moss(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The house with moss in it, and an area beside it."""
    made = house(tmp_path_factory.mktemp("outsider"), PLACES)
    area(made / "moss-hill")
    return made


def promised() -> list[str]:
    """The places of the list in docs/design.md, as patterns of files in the repository."""
    listed = re.findall(
        r"^\d\. `([^`]+)`", (REPOSITORY / "docs" / "design.md").read_text(encoding="utf-8").partition("### A methodology of your own")[2], re.MULTILINE
    )
    return [re.sub("<[a-z]+>", "*", name if name.startswith("tests/") else f"src/carbonsink/{name}") for name in listed]


def test_it_takes_as_many_places_as_the_house_promises() -> None:
    patterns = promised()
    assert len(PLACES) == len(patterns) == 6
    assert all(fnmatch(name, pattern) for name, pattern in zip(PLACES, patterns, strict=True))


def test_the_copy_is_what_runs(moss: Path) -> None:
    assert str(moss) in python(moss, "-c", "import carbonsink; print(carbonsink.__file__)").stdout


def test_the_library_and_the_worked_example_hold(moss: Path) -> None:
    chosen = ("tests/test_library.py", "tests/carbon/test_cases.py", "-k", "moss or every_source or every_symbol")
    done = python(moss, "-m", "pytest", "-vv", "-p", "no:cacheprovider", *chosen)
    assert done.returncode == 0 and "test_worked_example[moss] PASSED" in done.stdout, done.stdout[-3000:]


def test_the_methodology_is_shown_with_its_formula(moss: Path) -> None:
    said = carbonsink(moss, "methods", "moss")
    assert "moss.gain [made-up-book eq 1] x co2_per_c" in said
    assert "carbon_change = area * (moss_growth * moss_carbon) * moss_lasting" in said
    assert "Buffer, removals: rate 0.1" in said
    assert "The Made-Up Book of Moss, eq 1" in carbonsink(moss, "methods", "--equations", "moss")


def test_the_row_is_found(moss: Path) -> None:
    found = carbonsink(moss, "factors", "moss_growth", "--table", "moss", "--key", "light=shade")
    assert "0.5" in found and "The Made-Up Book of Moss" in found and "moss/growth.csv:3" in found


def test_the_area_is_well_declared_and_its_credit_is_right(moss: Path, tmp_path: Path) -> None:
    assert "methodology moss" in carbonsink(moss, "check", moss / "moss-hill")
    done = python(moss, "-c", WORK, moss / "moss-hill", tmp_path, HECTARES)
    assert done.returncode == 0, done.stderr
    accounts = {(year, account): float(tonnes) for year, account, tonnes in json.loads(done.stdout)}
    removed = HECTARES * 2.0 * 0.5 * 0.25 * 44 / 12
    for year in (2020, 2021):
        assert accounts[year, "removals"] == pytest.approx(-removed)
        assert accounts[year, "buffer"] == pytest.approx(removed / 10)
        # Nobody has published this library's digest, so its whole tonnes are withheld (custom_factors).
        assert accounts[year, "withheld"] == 8 and accounts[year, "rounding"] == pytest.approx(0.25)


def test_a_clause_that_is_not_met_is_told(moss: Path, tmp_path: Path) -> None:
    dark = area(tmp_path / "cellar")
    (dark / "area.toml").write_text((dark / "area.toml").read_text(encoding="utf-8").replace('light = "full"', 'soil = "lac"'), encoding="utf-8")
    done = python(moss, "-m", "carbonsink", "check", dark)
    assert done.returncode == 3 and "E-MET-002" in done.stderr and "enough-light" in done.stderr and "light" in done.stderr


@pytest.mark.parametrize(
    ("place", "right", "wrong", "told"),
    [
        ("src/carbonsink/carbon/moss.py", "grown = moss_growth * moss_carbon", "grown = moss_growth", "moss.gain: comes out as"),
        ("src/carbonsink/carbon/moss.py", "grown * moss_lasting", "grown * moss_lasting * 0.9", "0.9 is a bare number"),
        ("src/carbonsink/library/factors/moss/growth.csv", "moss_carbon,0.5,t_C t_dm^-1", "moss_carbon,0.5,t_C t_C^-1", "E-FAC-003 moss/growth.csv:4"),
        ("src/carbonsink/library/factors/moss/growth.csv", "full,made-up-book", "full,lost-book", "source “lost-book” is not in library/sources"),
    ],
    ids=["forgotten carbon fraction", "bare number", "unit of a row", "source of a row"],
)
def test_a_mistake_is_refused_where_it_was_made(tmp_path: Path, place: str, right: str, wrong: str, told: str) -> None:
    assert right in PLACES[place]
    broken = house(tmp_path / "house", PLACES | {place: PLACES[place].replace(right, wrong)})
    done = python(broken, "-m", "carbonsink", "check", area(tmp_path / "moss-hill"))
    assert done.returncode != 0 and told in done.stderr
