"""From satellite scenes to retired units: a real, confirmed, verified and signed run is issued, moved, retired, checked and exported."""

from __future__ import annotations

import csv
import io
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

from carbonsink.base.evidence import read_json, write_json
from carbonsink.base.records import Posting
from carbonsink.base.signing import make_key
from carbonsink.base.tables import read_csv
from carbonsink.declared.signatures import sign_run
from carbonsink.ledger import exports
from carbonsink.ledger.checking import check
from carbonsink.ledger.checkpoints import make_checkpoint
from carbonsink.ledger.moves import retire, transfer
from carbonsink.ledger.submission import read_submission
from carbonsink.ledger.submit import endorsed, submit, terms_of
from carbonsink.run import Means, estimate
from carbonsink.verify import verify, write_verdict
from tests.conftest import REPOSITORY
from tests.ledger.making import FARMERS, OPERATOR, new_ledger, refused
from tests.signing import confirm_folder
from tests.verify.runs import key_list, listed

VERIFIER = make_key()


def quiet(*_: object) -> None:
    """Progress nobody watches."""


def test_what_a_run_of_real_scenes_states_is_what_is_issued_moved_and_retired(tmp_path: Path, shared: Path) -> None:
    with new_ledger(tmp_path) as ledger:
        first = make_checkpoint(ledger, OPERATOR)
        means = Means(tmp_path / "store")
        run = estimate(flanders(tmp_path, first), tmp_path / "runs", means, quiet)
        stated = sum((one.co2e_t for one in read_csv(run / "credit" / "statement.csv", Posting) if one.account == "issued"), Decimal(0))
        assert stated >= 1
        refused(lambda: read_submission(run), "E-LED-024")
        write_verdict(verify(run, means, quiet), run)
        submission = read_submission(run)
        keys = key_list(tmp_path, listed(FARMERS, "submitter", "farm"), listed(VERIFIER, "verifier", "verifier"))
        sign_run(run, FARMERS, "submitter", keys, date(2026, 11, 21))
        sign_run(run, VERIFIER, "verifier", keys, date(2026, 11, 21))
        signers = endorsed(run, keys, date(2026, 11, 21), FARMERS)
        made = submit(ledger, submission, terms_of(submission, "350627", "farm", "", None, ""), FARMERS, signers)
        issued = made.entries[-1].facts
        assert Decimal(issued["quantity"]) == stated and issued["manifest"] == read_json(run / "manifest.json")["digest"]
        assert issued["checkpoint"] == {"seq": 1, "head": first["head"]}
        (held,) = [row for row in exports.units(ledger) if row["account"] == "farm"]
        transfer(ledger, held["serial"], "farm", "mill", 2)
        (theirs,) = [row for row in exports.units(ledger) if row["account"] == "mill"]
        retire(ledger, theirs["serial"], "mill", "flour of 2018", "")
        report = check(ledger.path, [first, make_checkpoint(ledger, OPERATOR)])
        assert report.passed and (report.totals["held"], report.totals["retired"]) == (int(stated) - 2, 2)
        tables = {form: exports.tables(ledger, form) for form in ("cadt", "ccer")}
    (issuance,) = csv.DictReader(io.StringIO(tables["ccer"]["issuances"]))
    assert Decimal(issuance["核证减排量(tCO2e)"]) == stated and issuance["审定核查机构"] == "verifier"
    assert [row["unitStatus"] for row in csv.DictReader(io.StringIO(tables["cadt"]["units"])) if row["unitOwner"] == "mill"] == ["Retired"]


def flanders(folder: Path, checkpoint: dict[str, object]) -> Path:
    """The area of real scenes, its methodology confirmed and the ledger's checkpoint in its folder."""
    area = Path(shutil.copytree(REPOSITORY / "tests" / "aoi" / "flanders", folder / "aoi" / "flanders"))
    shutil.copytree(REPOSITORY / "pipelines", folder / "pipelines")
    confirm_folder(area)
    write_json(area / "ledger-checkpoint.json", checkpoint)
    declaration = area / "area.toml"
    said = 'ledger = { checkpoint = "ledger-checkpoint.json" }\nplace = { boundary_source = "imagery-10m" }\n'
    declaration.write_text(said + declaration.read_text(encoding="utf-8"), encoding="utf-8")
    return area
