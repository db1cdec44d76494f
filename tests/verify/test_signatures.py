"""Who signed a run, and the ways to make it look as if somebody had (S23)."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from carbonsink.base.attestation import envelope_path
from carbonsink.base.dsse import Envelope, envelope_bytes, read_envelope, signed
from carbonsink.base.evidence import digest, read_json, write_json
from carbonsink.base.problems import Refusal, messages
from carbonsink.declared.keys import Keys, read_keys
from carbonsink.declared.signatures import sign_run, signers_of
from tests.verify.runs import DAY, STRANGER, SUBMITTER, VERIFIER, key_list, listed, small_run

EMPTY = Keys((), "0" * 64)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run that the submitter and then the verifier signed."""
    run = small_run(tmp_path)
    keys = key_list(tmp_path)
    sign_run(run, SUBMITTER, "submitter", keys, DAY)
    sign_run(run, VERIFIER, "verifier", keys, DAY)
    return run


def refused(run: Path, keys: Keys, day: date = DAY) -> list[str]:
    with pytest.raises(Refusal) as caught:
        signers_of(run, keys, day)
    assert all(problem.line(language) for problem in caught.value.problems for language in ("en", "zh"))
    assert caught.value.exit_code == 5
    return [problem.code for problem in caught.value.problems]


def changed(run: Path, change: Callable[[Envelope], Envelope]) -> Path:
    path = envelope_path(run)
    path.write_bytes(envelope_bytes(change(read_envelope(path.read_bytes(), path.name))))
    return run


def test_both_signatures_hold_over_the_manifest_and_the_file_is_the_same_again(run: Path, tmp_path: Path) -> None:
    keys = key_list(tmp_path)
    assert [(one.role, one.holder) for one in signers_of(run, keys, DAY)] == [("submitter", "县农技站"), ("verifier", "Verifier & Co")]
    before = envelope_path(run).read_bytes()
    payload = json.loads(read_envelope(before, "-").payload)
    manifest = read_json(run / "manifest.json")
    assert {one["name"]: one["digest"]["sha256"] for one in payload["subject"]} == {"results": manifest["results"], "content": manifest["digest"]}
    assert payload["predicate"] == manifest and payload["_type"] == "https://in-toto.io/Statement/v1"
    sign_run(run, SUBMITTER, "submitter", keys, DAY)
    assert envelope_path(run).read_bytes() == before


def test_a_manifest_that_was_edited_afterwards_says_both_digests(run: Path, tmp_path: Path) -> None:
    manifest = read_json(run / "manifest.json")
    signed_digest = manifest.pop("digest")
    manifest["simulated"] = True
    write_json(run / "manifest.json", manifest | {"digest": digest(manifest)})
    with pytest.raises(Refusal, match=f"E-SIG-010 .*signed is {signed_digest}, here is {digest(manifest)}"):
        signers_of(run, key_list(tmp_path), DAY)


def test_a_signature_of_another_run_says_both_plans(run: Path, tmp_path: Path) -> None:
    other = small_run(tmp_path / "other", plan="c" * 64)
    shutil.copy(envelope_path(run), envelope_path(other))
    with pytest.raises(Refusal, match=f"E-SIG-009 .*{'a' * 64}.*{'c' * 64}"):
        signers_of(other, key_list(tmp_path), DAY)


def test_a_signature_is_checked_before_the_payload_is_looked_into(run: Path, tmp_path: Path) -> None:
    changed(run, lambda envelope: replace(envelope, payload=b"\x00 no JSON"))
    assert refused(run, key_list(tmp_path)) == ["E-SIG-015", "E-SIG-015"]


def test_a_well_signed_payload_that_is_no_statement_is_refused(run: Path, tmp_path: Path) -> None:
    changed(run, lambda envelope: signed(replace(envelope, payload=b"[]", signatures=()), SUBMITTER))
    assert refused(run, key_list(tmp_path)) == ["E-SIG-001"]


def test_nobody_an_unknown_key_and_an_empty_list_of_signatures(run: Path, tmp_path: Path) -> None:
    assert refused(small_run(tmp_path / "unsigned"), EMPTY) == ["E-SIG-007"]
    assert refused(run, EMPTY) == ["E-SIG-004", "E-SIG-004"]
    assert refused(changed(run, lambda envelope: replace(envelope, signatures=())), key_list(tmp_path)) == ["E-SIG-008"]


def test_a_key_is_believed_only_while_it_is_valid_and_not_revoked(run: Path, tmp_path: Path) -> None:
    verifier = listed(VERIFIER, "verifier", "V")
    assert refused(run, key_list(tmp_path), date(2028, 1, 1)) == ["E-SIG-005", "E-SIG-005"]
    assert refused(run, key_list(tmp_path), date(2025, 12, 31)) == ["E-SIG-005", "E-SIG-005"]
    keys = key_list(tmp_path, listed(SUBMITTER, "submitter", "S", revoked=date(2026, 11, 21)), verifier)
    assert refused(run, keys) == ["E-SIG-006"]
    assert len(signers_of(run, keys, date(2026, 11, 20))) == 2


def test_one_signer_counts_once(run: Path, tmp_path: Path) -> None:
    keys = key_list(tmp_path)
    twice = changed(run, lambda envelope: replace(envelope, signatures=(*envelope.signatures, envelope.signatures[0])))
    assert refused(twice, keys) == ["E-SIG-017"]


def test_who_submits_can_t_be_who_verifies(run: Path, tmp_path: Path) -> None:
    assert refused(run, key_list(tmp_path, listed(SUBMITTER, "submitter", "One Ltd"), listed(VERIFIER, "verifier", "One Ltd"))) == ["E-SIG-018"]


def test_a_verifier_alone_is_no_submission(run: Path, tmp_path: Path) -> None:
    keys = key_list(tmp_path)
    changed(run, lambda envelope: signed(replace(envelope, signatures=()), VERIFIER))
    assert refused(run, keys) == ["E-SIG-011"]
    with pytest.raises(Refusal, match="E-SIG-011"):
        sign_run(small_run(tmp_path / "new"), VERIFIER, "verifier", keys, DAY)


def test_a_key_signs_only_in_the_role_it_is_listed_in(tmp_path: Path) -> None:
    run, keys = small_run(tmp_path), key_list(tmp_path)
    with pytest.raises(Refusal, match="E-SIG-016 .*listed as verifier, not as submitter"):
        sign_run(run, VERIFIER, "submitter", keys, DAY)
    with pytest.raises(Refusal, match="E-SIG-004"):
        sign_run(run, STRANGER, "submitter", keys, DAY)
    with pytest.raises(Refusal, match="E-SIG-005"):
        sign_run(run, SUBMITTER, "submitter", keys, date(2030, 1, 1))
    assert not envelope_path(run).exists()


def test_nothing_is_added_to_an_envelope_that_is_broken(tmp_path: Path) -> None:
    run, keys = small_run(tmp_path), key_list(tmp_path)
    sign_run(run, SUBMITTER, "submitter", keys, DAY)
    changed(run, lambda envelope: replace(envelope, signatures=(replace(envelope.signatures[0], sig=bytes(64)),)))
    before = envelope_path(run).read_bytes()
    with pytest.raises(Refusal, match="E-SIG-015"):
        sign_run(run, VERIFIER, "verifier", keys, DAY)
    assert envelope_path(run).read_bytes() == before


# --- the list of keys ---


def test_the_list_comes_back_as_it_was_written_and_is_pinned_by_its_digest(tmp_path: Path) -> None:
    keys = key_list(tmp_path, listed(SUBMITTER, "submitter", 'a "quoted" \\ name'), listed(VERIFIER, "verifier", "核验机构", revoked=DAY))
    assert [key.holder for key in keys.keys] == ['a "quoted" \\ name', "核验机构"] and keys.keys[1].revoked == DAY
    assert read_keys(tmp_path / "keys.toml", keys.sha256) == keys
    with pytest.raises(Refusal, match=f"E-SIG-012 .*{keys.sha256}.*{'0' * 64}"):
        read_keys(tmp_path / "keys.toml", "0" * 64)


BROKEN = {
    "E-SIG-003": ('algorithm = "ed25519"', 'algorithm = "none"'),
    "E-SIG-014": ('public = "', f'public = "{base64.b64encode(bytes(44)).decode()}'),
    "E-CFG-007": ('role = "submitter"', 'role = "king"'),
    "E-CFG-001": ("valid_to", "valid_too"),
    "E-SEC-007": ('holder = "', 'holder = "\\u202e'),
}


@pytest.mark.parametrize("code", BROKEN)
def test_a_list_with_a_mistake_is_refused(tmp_path: Path, code: str) -> None:
    key_list(tmp_path)
    path = tmp_path / "keys.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(*BROKEN[code], 1), encoding="utf-8")
    with pytest.raises(Refusal) as caught:
        read_keys(path)
    assert code in {problem.code for problem in caught.value.problems}


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    key_list(tmp_path, listed(SUBMITTER, "submitter", "S"))
    path = tmp_path / "keys.toml"
    path.write_text(path.read_text() * 2)
    with pytest.raises(Refusal, match="E-SIG-013"):
        read_keys(tmp_path / "keys.toml")


def test_every_message_of_signatures_has_a_broken_input() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("test_*.py")))
    assert not [code for code in messages() if code.startswith(("E-SIG", "E-VER")) and code not in tests]
