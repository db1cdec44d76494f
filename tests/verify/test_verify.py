"""A run verified as a stranger does it: class, papers, signatures, bundles, a sample of its source, and tampering named."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from carbonsink.base.attestation import envelope_path
from carbonsink.base.evidence import digest, file_sha256, read_json, write_json
from carbonsink.base.library import library_digests
from carbonsink.base.manifest import content_digest, results_digest
from carbonsink.base.problems import Exit, Problem
from carbonsink.base.records import SceneAsset
from carbonsink.base.tables import read_csv
from carbonsink.bundle import write_bundle
from carbonsink.declared.language import read_languages
from carbonsink.declared.signatures import sign_run
from carbonsink.run import Means
from carbonsink.verify import Asked, Verdict, verify, write_verdict
from carbonsink.verify.source import drawn
from carbonsink.verify.statement import statement_languages
from tests.command import carbonsink
from tests.verify.conftest import quiet
from tests.verify.runs import DAY, SUBMITTER, key_list

RECORDS = Asked(again=False)


def checked(run: Path, asked: Asked = RECORDS) -> Verdict:
    return verify(run, Means(run.parent / "store"), quiet, asked=asked)


def failed(verdict: Verdict) -> list[int]:
    return [check.number for check in verdict.checks if not check.passed]


def rewritten(run: Path) -> None:
    """A manifest with new digests everywhere, as somebody writes it who changed a file."""
    manifest = read_json(run / "manifest.json")
    manifest.pop("digest")
    for link in manifest["stages"]:
        link["writes"] = {path: {"sha256": file_sha256(run / path), "content": content_digest(run / path)} for path in link["writes"]}
        link["reads"] = {path: file_sha256(run / path) for path in link["reads"]}
    manifest["declared"] = {path: file_sha256(run / path) for path in manifest["declared"]}
    manifest |= {"results": results_digest(manifest["stages"]), **library_digests(run / "declared" / "library")}
    write_json(run / "manifest.json", manifest | {"digest": digest(manifest)})


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_signed_bundle_is_recalculated_elsewhere_with_an_empty_store(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = key_list(tmp_path)
    sign_run(run, SUBMITTER, "submitter", keys, DAY)
    desk = tmp_path / "verifier"
    desk.mkdir()
    bundle = write_bundle(run, desk / "evidence.zip")
    monkeypatch.chdir(desk)
    monkeypatch.setenv("CARBONSINK_STORE", str(tmp_path / "empty"))
    monkeypatch.setenv("CARBONSINK_LANG", "zh")
    done = carbonsink("verify", bundle, "--keys", tmp_path / "keys.toml", "--pin", keys.sha256, "--on", DAY.isoformat())
    assert done.exit_code == 0, done.stdout + done.stderr
    assert "V0：重新计算，结果完全一致" in done.stdout and "县农技站" in done.stdout

    verdict = read_json(desk / f"{run.name}.verification.json")
    manifest = read_json(run / "manifest.json")
    assert (verdict["class"], verdict["notes"], verdict["exit"], verdict["passed"]) == ("V0", [], 0, True)
    assert (verdict["manifest"], verdict["results"], verdict["simulated"]) == (manifest["digest"], manifest["results"], True)
    assert [check["number"] for check in verdict["checks"]] == list(range(10))
    assert verdict["signers"][0]["holder"] == "县农技站" and verdict["keys_sha256"] == keys.sha256
    assert all(stage["equal"] and stage["inputs_equal"] for stage in verdict["comparison"]["stages"])
    assert {figure["percent"] for figure in verdict["comparison"]["figures"]} == {0.0}

    english, chinese = ((desk / f"{run.name}.statement.{code}.md").read_text(encoding="utf-8") for code in ("en", "zh"))
    assert "**V0: recalculated, identical.**" in english and "SIMULATED imagery" in english and "Signed by the submitter: 县农技站" in english
    assert "核证声明" in chinese and "模拟影像" in chinese and "小块稻田" in chinese and manifest["results"] in chinese
    assert english.count("| area |") == 2 and "| composites | equal |" in english
    assert {path.name for path in desk.iterdir()} == {
        "evidence.zip",
        *(f"{run.name}.{end}" for end in ("verification.json", "statement.en.md", "statement.zh.md")),
    }


def test_raised_tonnes_with_a_rewritten_manifest_are_a_material_misstatement(run: Path) -> None:
    path = run / "credit" / "statement.csv"
    lines = path.read_text().splitlines()
    values = {line.split(",")[1]: float(line.split(",")[2]) for line in lines[1:]}
    whole = int(values["withheld"])
    replaced(path, f"withheld,{whole},", f"withheld,{whole + 3},")
    rewritten(run)
    verdict = checked(run, Asked())
    assert 9 in failed(verdict) and verdict.outcome == "V3" and verdict.exit_code == Exit.DIFFERS
    assert verdict.comparison is not None and verdict.comparison.stages[-1].stage == "credit"
    (withheld,) = (one for one in verdict.comparison.figures if one.kind == "posting" and one.name == "withheld" and one.year == 2020)
    assert (withheld.stated, withheld.again, withheld.difference) == (whole + 3, whole, -3)
    write_verdict(verdict, run)
    english = (run.parent / f"{run.name}.statement.en.md").read_text(encoding="utf-8")
    assert "V3: material misstatement" in english and f"| posting | 2020 |  | withheld | t CO2e | {whole + 3} | {whole} | −3 |" in english


def test_a_friendlier_table_of_the_same_name_is_named_and_stamped(run: Path) -> None:
    """S26: the whole run may have been worked with it, digests and all."""
    table = run / "declared" / "library" / "factors" / "ipcc-2019" / "rice.csv"
    ours = file_sha256(table)
    replaced(table, "1.32", "2.64")
    rewritten(run)
    verdict = checked(run)
    assert failed(verdict) == [2] and (verdict.outcome, verdict.exit_code) == ("V6", Exit.INTEGRITY)
    assert verdict.custom_tables == (Problem("E-VER-010", "factors/ipcc-2019/rice.csv", {"theirs": file_sha256(table), "ours": ours}),)
    write_verdict(verdict, run)
    for code, stamp in (("en", "CUSTOM TABLES: 1 library"), ("zh", "自定义库表：本次运行有 1 个")):
        page = (run.parent / f"{run.name}.statement.{code}.md").read_text(encoding="utf-8")
        assert stamp in page and "factors/ipcc-2019/rice.csv" in page


def test_records_alone_say_nothing_of_the_numbers(run: Path) -> None:
    verdict = checked(run)
    assert (verdict.outcome, verdict.notes, verdict.exit_code, len(verdict.checks)) == (None, (), Exit.WELL, 8)
    replaced(run / "manifest.json", '"python": "3.', '"python": "3.99.')
    rewritten(run)
    elsewhere = checked(run)
    assert elsewhere.passed and elsewhere.notes == ("V5",) and "the run had 3.99." in elsewhere.environment[0].line("en")


def test_a_contradiction_that_nobody_can_weigh_is_material(run: Path) -> None:
    budget = run / "scenes" / "pixel_budget.csv"
    lines = budget.read_text().splitlines()
    budget.write_text("\n".join([lines[0], lines[1][:-1] + "7", *lines[2:], ""]))
    rewritten(run)
    verdict = checked(run)
    assert failed(verdict) == [4] and verdict.outcome == "V3"


def test_what_is_unsigned_is_still_recalculated_and_what_is_forged_isn_t(run: Path, tmp_path: Path) -> None:
    keys = key_list(tmp_path)
    asked = Asked(again=False, keys=keys, day=DAY)
    unsigned = checked(run, asked)
    assert (failed(unsigned), unsigned.notes, unsigned.exit_code) == ([0], ("V4",), Exit.INTEGRITY)
    assert "E-SIG-007" in unsigned.checks[0].detail("en") and len(unsigned.checks) == 9
    sign_run(run, SUBMITTER, "submitter", keys, DAY)
    signed = checked(run, asked)
    assert signed.passed and [one["role"] for one in signed.signers] == ["submitter"]
    assert checked(run, Asked(again=False, keys=keys, day=date(2031, 1, 1))).outcome == "V6"
    replaced(run / "manifest.json", '"python": "3.', '"python": "3.99.')
    rewritten(run)
    forged = checked(run, asked)
    assert (len(forged.checks), failed(forged), forged.outcome, forged.signers) == (1, [0], "V6", ())
    assert "E-SIG-010" in forged.checks[0].detail("en")
    shutil.copy(run / "plan.json", envelope_path(run))
    assert "E-SIG-001" in checked(run, asked).checks[0].detail("en")


def test_a_sample_is_the_same_for_both_sides_and_another_for_another_seed() -> None:
    assets = [(f"item{number}", band) for number in range(40) for band in ("red", "nir")]
    assert len(drawn(assets, 10.0, 7)) == 8 and drawn(assets, 10.0, 7) == drawn(assets[::-1], 10.0, 7)
    assert drawn(assets, 10.0, 7) != drawn(assets, 10.0, 8)
    assert set(drawn(assets, 10.0, 7)) < set(drawn(assets, 20.0, 7)) and len(drawn(assets, 0.1, 7)) == 1
    assert sorted(drawn(assets, 100.0, 7)) == sorted(assets)


def test_a_sampled_source_that_changed_leaves_the_run_standing(run: Path, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Level B by a sample: only its assets are asked for again, and one that changed is V4 with its share of the pixels."""
    (catalogue,) = (made.parent.parent / "store" / "simulated").iterdir()
    elsewhere = Path(shutil.copytree(catalogue, run.parent / "catalogue", copy_function=shutil.copyfile))
    rows = read_csv(run / "scenes" / "scenes.csv", SceneAsset)
    chosen = drawn([(row.item, row.band) for row in rows], 10.0, 3)
    first, other = (next(row for row in rows if (row.item, row.band) == name) for name in chosen[:2])
    (elsewhere / first.href.removeprefix("catalogue:/files/")).write_bytes((elsewhere / other.href.removeprefix("catalogue:/files/")).read_bytes())
    done = carbonsink("verify", run, "--not-again", "--sample", "10%", "--seed", "3", "--catalogue", elsewhere, "--json")
    assert done.exit_code == Exit.SOURCE, done.stdout + done.stderr
    verdict = json.loads(done.stdout)
    assert verdict["sampled"] == {"assets": len(chosen), "of": len(rows), "percent": 10.0, "seed": 3} and len(verdict["sources"]) == len(chosen)
    assert [(one["item"], one["band"]) for one in verdict["sources"] if one["state"] == "changed"] == [(first.item, first.band)]
    assert verdict["notes"] == ["V4"] and 0 < verdict["unsourced_percent"] < 100
    chinese = (run.parent / f"{run.name}.statement.zh.md").read_text(encoding="utf-8")
    assert f"重新获取 {len(rows)} 个资产中的 {len(chosen)} 个（10 %，种子 3）" in chinese and "已改动" in chinese


def test_every_class_account_and_kind_of_flow_has_words() -> None:
    report = read_languages(["en"])[0]
    accounts = {key for key in report.words if key.startswith("account.") and not key.endswith("-more")}
    for w in statement_languages():
        assert all(w.has(f"{part}.{outcome}") for part in ("class", "opinion") for outcome in ("V0", "V1", "V2", "V3", "V6", "none"))
        assert not {key for key in accounts if not w.has(key)}
        assert all(w.has(key.replace("kind.", "flow.")) for key in ("kind.removal", "kind.avoided", "kind.emission"))
        assert all(w.has(f"check.{number}") for number in range(11))
