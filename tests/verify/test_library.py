"""Numbers and words of the library, told apart: a friendlier table is stamped, withheld and found; another word is a notice and no more."""

from __future__ import annotations

import html
from pathlib import Path

import pytest

from carbonsink.base.evidence import digest, read_json, write_json
from carbonsink.base.library import first_digest, numbers_digest, published
from carbonsink.base.manifest import FIRST
from carbonsink.base.problems import Exit, Problem
from carbonsink.base.records import Posting
from carbonsink.base.tables import read_csv
from carbonsink.declared.withholding import withholding
from carbonsink.run import Means
from carbonsink.verify import Asked, Chips, Verdict, check_declared, check_statement, load_declared, verify, write_verdict
from carbonsink.verify.words import fit_for_pages, unprinted
from tests.verify.conftest import quiet
from tests.verify.installation import estimated, installed
from tests.verify.test_verify import failed, replaced, rewritten

EN = Path("declared", "library", "languages", "en.toml")
RICE = Path("factors", "ipcc-2019", "rice.csv")
OTHER = 'vintage = "Vintage"', 'vintage = "Year of the credit"'


def checked(run: Path, asked: Asked | None = None) -> Verdict:
    return verify(run, Means(run.parent / "store"), quiet, asked=asked or Asked())


def withheld(run: Path) -> list[str]:
    return [one.note for one in read_csv(run / "credit" / "statement.csv", Posting) if one.account == "withheld" and one.note]


# --- numbers ---


@pytest.fixture(scope="session")
def friendlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of an installation whose emission factor of rice is as high as its range allows, under the same name."""
    folder = tmp_path_factory.mktemp("friendlier")
    library = installed(folder / "program")
    replaced(library / RICE, "ef_rice,1.32,", "ef_rice,1.9,")
    return estimated(folder / "program", folder / "area", folder / "store")


def test_a_friendlier_table_of_the_same_name_is_stamped_on_page_one_and_withheld(friendlier: Path, made: Path) -> None:
    """S26, at the submitter's: the installation itself says that its tables are nobody's."""
    report = read_json(friendlier / "report" / "report.json")
    first, own = report["stamps"][0], numbers_digest(friendlier / "declared" / "library")
    assert first["code"] == "CUSTOM_FACTORS" and own in first["en"] and own in first["zh"] and own == report["digests"]["library"]
    assert first["en"].startswith("CUSTOM FACTORS") and first["zh"].startswith("自定义因子")
    page = html.unescape((friendlier / "report" / "report.html").read_text(encoding="utf-8"))
    assert first["en"] in page and first["zh"] in page
    assert withheld(friendlier)[0].split() == ["custom_factors", *withheld(made)[0].split()]
    assert report["vintages"][0]["issued_t_co2e"] == "0"
    gross, usual = (float(one["vintages"][0]["gross_t_co2e"]) for one in (report, read_json(made / "report" / "report.json")))
    assert gross > 1.4 * usual, "it was worth somebody's while"


def test_another_installation_finds_it(friendlier: Path) -> None:
    verdict = checked(friendlier)
    assert failed(verdict) == [2] and (verdict.outcome, verdict.exit_code) == ("V6", Exit.INTEGRITY)
    assert [table.where for table in verdict.custom_tables] == [RICE.as_posix()] and not verdict.words


def test_tonnes_issued_on_tables_of_nobody_s_are_found(run: Path) -> None:
    plan = load_declared(run)
    before = withholding(plan, run)
    assert "custom_factors" not in before and not list(check_statement(run, Chips(run)))
    replaced(run / "declared" / "library" / RICE, "1.32", "2.64")
    assert withholding(plan, run) == ("custom_factors", *before)
    replaced(run / "credit" / "statement.csv", "2020,withheld,", "2020,issued,")
    (found,) = (one for one in check_statement(run, Chips(run)) if one.code == "E-VER-026")
    assert str(found.facts["stamps"]).startswith("custom_factors ")


def test_the_run_of_this_version_bears_no_such_stamp(made: Path) -> None:
    report = read_json(made / "report" / "report.json")
    assert "CUSTOM_FACTORS" not in {stamp["code"] for stamp in report["stamps"]} and report["digests"]["library"] in published()


# --- words ---


@pytest.fixture(scope="session")
def reworded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of an installation whose pages say one thing in another word."""
    folder = tmp_path_factory.mktemp("reworded")
    replaced(installed(folder / "program") / "languages" / "en.toml", *OTHER)
    return estimated(folder / "program", folder / "area", folder / "store")


def test_another_word_is_a_notice_with_both_texts_and_no_difference_of_numbers(reworded: Path) -> None:
    verdict = checked(reworded)
    assert verdict.passed and (verdict.outcome, verdict.notes, verdict.exit_code) == ("V0", ("words",), Exit.WELL)
    assert verdict.words == (Problem("W-VER-002", "languages/en.toml column.vintage", {"theirs": "Year of the credit", "ours": "Vintage"}),)
    write_verdict(verdict, reworded)
    for code, words in (("en", "WORDS DIFFER: 1 words"), ("zh", "用词不同：本次运行的页面有 1 处")):
        assert words in (reworded.parent / f"{reworded.name}.statement.{code}.md").read_text(encoding="utf-8")


def test_a_page_forged_behind_another_word_is_still_material(run: Path) -> None:
    replaced(run / EN, *OTHER)
    (run / "report" / "report.html").write_text("5,000 t issued")
    rewritten(run)
    verdict = checked(run)
    assert (verdict.outcome, verdict.notes) == ("V3", ("words",))


@pytest.mark.parametrize("text", ["{year.__class__}", "{year:>9999}", "{", "{somebody}"])
def test_words_that_ask_for_more_than_ours_aren_t_printed(run: Path, text: str) -> None:
    assert fit_for_pages(run) and not unprinted(run)
    replaced(run / EN, OTHER[0], f'vintage = "{text}"')
    assert not fit_for_pages(run) and unprinted(run)


def test_pages_of_unfit_words_are_held_against_ours(run: Path) -> None:
    replaced(run / EN, OTHER[0], 'vintage = "{somebody}"')
    rewritten(run)
    verdict = checked(run)
    assert verdict.outcome == "V0" and verdict.notes == ("words",), "its pages were printed with this version's"


def test_the_meaning_of_a_symbol_is_a_word_too(run: Path) -> None:
    replaced(run / "declared" / "library" / "symbols" / "general.toml", 'en = "', 'en = "the ')
    rewritten(run)
    verdict = checked(run, Asked(again=False))
    assert verdict.passed and verdict.notes == ("words",) and verdict.words[0].where.startswith("symbols/general.toml ") and unprinted(run)


# --- the first schema of the manifest ---


def first_schema(run: Path) -> None:
    manifest = {name: one for name, one in read_json(run / "manifest.json").items() if name not in ("digest", "words")}
    manifest |= {"schema": FIRST, "library": first_digest(run / "declared" / "library")}
    write_json(run / "manifest.json", manifest | {"digest": digest(manifest)})


def test_a_manifest_of_the_first_schema_is_still_read(run: Path) -> None:
    first_schema(run)
    verdict = checked(run)
    assert verdict.passed and verdict.outcome == "V0" and not verdict.notes
    replaced(run / EN, *OTHER)
    assert [(one.code, one.facts["what"]) for one in check_declared(run, Chips(run))] == [("E-VER-009", "library")]
