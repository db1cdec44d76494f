"""What goes wrong while a file is fetched (F04 to F08, F18 to F28): the very bytes arrive, or none are believed."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from carbonsink.base.problems import Exit
from tests.faults.actions import (
    body,
    chunks_of_one,
    cut,
    delay,
    drip,
    etag,
    gzipped,
    hang,
    html,
    ignore_range,
    length,
    no_length,
    redirect,
    reset,
    status,
    wrong_range,
)  # fmt: skip
from tests.faults.conftest import Make
from tests.faults.invariants import digests, n2_names_are_whole, n3_as_undisturbed, n5_pixels_balance, n9_no_secret
from tests.faults.server import Action, Content, Exchange, serving
from tests.faults.trial import Trial

RED = r"/files/S2A_31UDS_20180101_0_L2A/red\.tif"
WHERE = "S2A_31UDS_20180101_0_L2A red"
ANY = r"/files/.*"


def asked(trial: Trial, path: str = RED) -> list[str]:
    """The Range headers with which a file was asked for, empty where all of it was."""
    return [one.headers.get("range", "") for one in trial.script.asked if re.fullmatch(path, one.path)]


def test_f04_a_file_refused_with_429_is_asked_for_less_and_less_often(loose: Trial) -> None:
    loose.script.fault(RED, status(429))
    outcome = loose.refuses(Exit.SOURCE, "E-SRC-0", WHERE, "429", "3 x")
    assert outcome.requests < 40


@pytest.mark.parametrize("text", ["86400", "Wed, 21 Oct 2065 07:28:00 GMT", "Wed, 21 Oct 1965 07:28:00 GMT", "in a while", "-5", "1e9", "9" * 400])
def test_f05_a_retry_after_of_a_day_or_of_nonsense_never_holds_a_file_up(trial: Trial, text: str) -> None:
    trial.script.fault(RED, status(503, Retry_After=text), 1)
    trial.survives()


def test_f06_a_file_without_a_byte_of_answer_is_given_up(loose: Trial) -> None:
    loose.script.fault(RED, hang())
    loose.refuses(Exit.SOURCE, "E-SRC-0", WHERE, "3 x", seconds=5)


def test_f07_a_file_that_drips_is_given_up(loose: Trial) -> None:
    loose.script.fault(RED, drip(0.1))
    loose.refuses(Exit.SOURCE, "E-SRC-0", WHERE, seconds=6)


def test_f07_a_file_in_chunks_of_some_bytes_is_the_file(loose: Trial) -> None:
    loose.script.fault(ANY, chunks_of_one)
    loose.survives(seconds=30)


def test_f07_a_file_that_comes_late_is_the_file(loose: Trial) -> None:
    loose.script.fault(ANY, delay(0.1))
    loose.survives()


@pytest.mark.parametrize("act", [html(), gzipped(), gzipped(after=500), gzipped(bomb=5_000_000)], ids=["login page", "gzip", "gzip cut", "gzip bomb"])
def test_f08_a_page_in_place_of_a_file_is_not_believed(loose: Trial, act: Action) -> None:
    loose.script.fault(RED, act)
    loose.refuses((Exit.SOURCE, Exit.INTEGRITY), "E-S", WHERE)


def test_f19_files_redirected_in_a_circle_are_given_up(loose: Trial) -> None:
    loose.script.fault(RED, redirect("/files/again.tif"))
    loose.script.fault(r"/files/again\.tif", redirect("/files/S2A_31UDS_20180101_0_L2A/red.tif"))
    loose.refuses(Exit.SOURCE, "E-SRC-0", WHERE, "redirect", requests=20)


def test_f18_a_file_redirected_to_another_server_is_not_fetched_there(loose: Trial) -> None:
    with serving() as other:
        loose.script.fault(RED, redirect(other.url + "/red.tif"))
        loose.refuses(Exit.SOURCE, "E-SEC-025", WHERE)
        assert not other.asked


@pytest.mark.parametrize("to", ["http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "//169.254.169.254/x", "http://127.0.0.1:99999/x"])
def test_f18_a_file_redirected_into_the_network_is_not_fetched_there(trial: Trial, to: str) -> None:
    trial.script.fault(RED, redirect(to))
    trial.refuses(Exit.SOURCE, "E-SEC-025", WHERE)


@pytest.mark.parametrize("to", ["http://[::1", "https://example.org:abc/x", "http://exam\u2100ple.org/x".encode().decode("latin-1")])
def test_f18_a_redirect_that_leads_to_no_address_is_not_followed(trial: Trial, to: str) -> None:
    trial.script.fault(RED, redirect(to))
    trial.refuses(Exit.SOURCE, "E-S", WHERE)


@pytest.mark.parametrize("code", [404, 410])
def test_f20_a_file_that_is_gone_is_not_asked_for_again_and_again(loose: Trial, code: int) -> None:
    loose.script.fault(RED, status(code))
    loose.refuses(Exit.SOURCE, "E-SRC-0", WHERE, str(code))
    assert sum(one.path.endswith("20180101_0_L2A/red.tif") for one in loose.script.asked[: loose.refused_after]) <= 2


def test_f20_all_files_that_are_gone_are_named_at_once(trial: Trial) -> None:
    paths = [made.path(key) for made in trial.made for key in ("red", "scl")]
    for path in paths:
        trial.script.fault(re.escape(path), status(404))
    outcome = trial.refuses(Exit.SOURCE, "E-SRC-0", *(f"{made.item['id']} {key}" for made in trial.made for key in ("red", "scl")))
    assert len(outcome.en) == len(paths)


def test_f22_a_file_refused_twice_with_503_comes_at_the_third_asking(loose: Trial) -> None:
    loose.script.fault(RED, status(503), 1, 2)
    loose.survives()
    assert len(set(asked(loose)[:3])) == 1


@pytest.mark.parametrize("act", [reset(), reset(after=30_001), cut(30_001)], ids=["before the headers", "in the body", "cut in the body"])
def test_f23_a_connection_that_breaks_twice_goes_on_where_it_broke(trial: Trial, act: Action) -> None:
    trial.script.fault(RED, act, 1, 2)
    trial.survives()
    ranges = asked(trial)
    assert len(ranges) == 3
    if act.__qualname__.startswith("cut"):
        assert ranges[1:] == ["bytes=30001-", "bytes=60002-"]


def test_f23_a_range_that_breaks_off_is_asked_for_again(window: Trial) -> None:
    window.script.fault(ANY, reset(after=1000), 2, 5, 7)
    window.survives()


def test_f24_a_file_that_always_breaks_off_is_given_up(make: Make) -> None:
    trial = make(query="?sv=2024&sig=canary-signature")
    trial.script.fault(RED, cut(10))
    trial.refuses(Exit.SOURCE, "E-SRC-020", WHERE, "3 x", "bytes")


def test_f24_a_window_that_always_breaks_off_is_given_up(window: Trial) -> None:
    window.script.fault(RED, cut(10))
    window.refuses(Exit.SOURCE, "E-SRC-020", WHERE, "3 x")


def test_f25_a_length_that_is_too_long_is_never_reached(loose: Trial) -> None:
    """On the wire this is F24: what was promised didn't come."""
    loose.script.fault(RED, length(+100))
    loose.refuses(Exit.SOURCE, "E-SRC-020", WHERE, "3 x")


def test_f25_a_length_that_is_too_short_is_another_file(trial: Trial) -> None:
    trial.script.fault(RED, length(-100))
    trial.refuses(Exit.INTEGRITY, "E-SRC-022", WHERE)


def test_f25_a_length_that_is_too_short_is_found_without_a_checksum(loose: Trial) -> None:
    loose.script.fault(RED, length(-100))
    loose.refuses((Exit.SOURCE, Exit.INTEGRITY), "E-SRC-0", WHERE)


def test_f25_a_file_without_a_length_ends_with_its_connection(loose: Trial) -> None:
    loose.script.fault(ANY, no_length())
    loose.survives()


def test_f25_a_file_without_a_length_that_breaks_off_is_found_by_what_it_lacks(trial: Trial) -> None:
    trial.script.fault(RED, no_length(after=9_000))
    trial.refuses(Exit.INTEGRITY, "E-SRC-022", WHERE)


def test_f25_without_length_and_checksum_a_broken_file_is_found_by_its_tiles(loose: Trial) -> None:
    loose.script.fault(RED, no_length(after=9_000))
    loose.refuses((Exit.SOURCE, Exit.INTEGRITY), "E-SRC-0", WHERE)


def test_f26_a_rest_of_other_bytes_is_found_by_the_checksum(trial: Trial) -> None:
    trial.script.fault(RED, cut(30_001), 1)
    trial.script.fault(RED, wrong_range(64, admitted=False))
    trial.refuses(Exit.INTEGRITY, "E-SRC-023", WHERE)


def test_f26_a_rest_that_begins_elsewhere_is_not_appended(trial: Trial) -> None:
    trial.script.fault(RED, cut(30_001), 1)
    trial.script.fault(RED, wrong_range(64, admitted=True), 2)
    trial.survives()


def test_f26_a_rest_that_begins_elsewhere_and_ends_as_it_should_is_not_appended(trial: Trial) -> None:
    """It is as long as the rest that was asked for, so only its Content-Range tells."""

    def shifted(x: Exchange) -> None:
        reply, content = x.reply(), x.content
        assert content is not None and reply.status == 206
        total, start = len(content.body), len(content.body) - len(reply.body) - 64
        x.send(reply.but(body=content.body[start : total - 64], Content_Range=f"bytes {start}-{total - 1}/{total}"))

    trial.script.fault(RED, cut(30_001), 1)
    trial.script.fault(RED, shifted, 2)
    trial.survives()


def test_f26_ranges_that_begin_elsewhere_are_refused(window: Trial) -> None:
    window.script.fault(RED, wrong_range(64, admitted=True))
    window.refuses(Exit.SOURCE, "E-SRC-020", WHERE, "asked for bytes")


def test_f26_ranges_of_other_bytes_are_found_by_what_they_hold(window: Trial) -> None:
    window.script.fault(RED, wrong_range(64, admitted=False), *range(2, 40))
    window.refuses(Exit.INTEGRITY, "E-S", WHERE)


def test_f26_a_range_with_one_other_byte_is_found_by_the_tiles_own_checksum(window: Trial) -> None:
    """Deflate ends with one; the file's own checksum can't be held against a part of it."""
    window.script.fault(RED, body(lambda data: data[:100] + bytes([data[100] ^ 1]) + data[101:]), *range(2, 40))
    window.refuses(Exit.INTEGRITY, "E-SRC-0", WHERE)


def test_f27_a_server_that_ignores_range_gives_the_file_from_its_start(trial: Trial) -> None:
    trial.script.fault(RED, cut(30_001), 1)
    trial.script.fault(RED, ignore_range())
    trial.survives()
    assert asked(trial) == ["", "bytes=30001-"]


def test_f27_a_server_without_ranges_is_asked_for_whole_files(window: Trial) -> None:
    """The chips are those of windows, though the bytes were fetched whole."""
    chips = {name: digest for name, digest in window.calm.items() if name.endswith(".tif")}
    window.script.fault(ANY, ignore_range())
    assert window.attempt(window.go).exit_code == Exit.WELL
    n2_names_are_whole(window.store, window.out)
    n3_as_undisturbed({name: digest for name, digest in digests(window.out).items() if name.endswith(".tif")}, chips)
    n5_pixels_balance(window.out)


def test_f28_a_file_that_changed_while_it_came_is_begun_anew(trial: Trial) -> None:
    trial.script.fault(RED, etag('"old"'), 9)
    trial.script.fault(RED, lambda x: cut(30_001)(x), 1)
    trial.script.fault(RED, etag('"new"'), 2)
    trial.survives()


@pytest.mark.parametrize(("etag", "longer"), [('"new"', 0), ('"old"', 100)], ids=["another ETag", "another length"])
def test_f28_the_rest_of_another_version_is_not_appended_though_the_server_gives_it(trial: Trial, etag: str, longer: int) -> None:
    """A server that doesn't know If-Range."""

    def old(x: Exchange) -> None:
        reply = x.reply()
        x.head(reply.but(ETag='"old"', Content_Length=str(len(reply.body) + longer)))
        x.write(bytes(30_001))
        x.close()

    def rest(x: Exchange) -> None:
        x.asked.headers.pop("if-range", None)
        x.send(x.reply().but(ETag=etag))

    trial.script.fault(RED, old, 1)
    trial.script.fault(RED, rest, 2)
    trial.survives()
    assert asked(trial)[:3] == ["", "bytes=30001-", ""]


def test_f28_ranges_of_another_version_are_refused_though_the_server_gives_them(window: Trial) -> None:
    names = iter(range(1000))

    def other(x: Exchange) -> None:
        x.asked.headers.pop("if-range", None)
        x.send(x.reply().but(ETag=f'"{next(names)}"'))

    window.script.fault(RED, other)
    window.refuses(Exit.SOURCE, "E-SRC-046", WHERE)


def test_f28_a_file_that_changes_under_its_ranges_is_begun_anew(window: Trial) -> None:
    window.script.fault(RED, etag('"old"'), 1)
    window.survives()


def test_f28_a_file_that_changes_under_every_range_is_given_up(window: Trial) -> None:
    names = iter(range(1000))
    window.script.fault(RED, lambda x: x.send(x.reply().but(ETag=f'"{next(names)}"')))
    window.refuses(Exit.SOURCE, "E-SRC-046", WHERE)


def test_f28_two_versions_of_a_file_are_never_mixed(window: Trial) -> None:
    """The server gives the first request of one file and all others of its successor, both under the same weak ETag."""
    path = "/files/S2A_31UDS_20180101_0_L2A/red.tif"
    successor = Content(window.made[1].files["red"])

    def weak(content: Content) -> Action:
        def act(x: object) -> None:
            x.content = content  # type: ignore[attr-defined]
            x.send(x.reply().but(ETag='W/"one"'))  # type: ignore[attr-defined]

        return act

    window.script.fault(re.escape(path), weak(window.script.laid[path]), 1)
    window.script.fault(re.escape(path), weak(successor))
    outcome = window.attempt(window.go)
    chips = {name: digest for name, digest in digests(window.out).items() if name.endswith("red.tif")}
    whole = {digest for name, digest in window.calm.items() if name.endswith("red.tif")}
    assert outcome.exit_code != Exit.WELL or set(chips.values()) <= whole, "a chip of two versions"


def test_f21_no_secret_of_a_signed_address_is_written_anywhere(make: Make) -> None:
    trial = make(query="?sv=2024&se=2026-01-01&sig=canary-signature")
    trial.script.fault(RED, status(403))
    outcome = trial.attempt(trial.go)
    assert outcome.exit_code == Exit.SOURCE
    n9_no_secret([*outcome.en, *outcome.zh], trial.folder)
    trial.script.heal()
    trial.go()
    n9_no_secret([], trial.folder)


def test_f22_a_file_that_is_refused_while_another_comes_holds_nobody_up(trial: Trial) -> None:
    trial.patience = replace(trial.patience, first_wait=0.3)
    trial.script.fault(RED, status(503), 1, 2)
    trial.survives(seconds=3)
