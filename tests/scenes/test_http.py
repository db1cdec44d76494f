"""A file is in the store whole and as announced, or the run is refused: never an error page, never zeros."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from carbonsink.base.problems import Exit, Refusal
from carbonsink.base.rasters import Grid
from carbonsink.base.store import Store
from carbonsink.declared.sensor import read_sensor
from carbonsink.scenes import whole
from carbonsink.scenes.address import check_host, resolved
from carbonsink.scenes.asset import Asset
from carbonsink.scenes.bucket import Bucket, pace
from carbonsink.scenes.http import Patience, asking
from carbonsink.scenes.whole import obtain
from tests.scenes.server import Answer, Script, serving

BODY = bytes(range(256)) * 40
SHA256 = hashlib.sha256(BODY).hexdigest()
PATIENCE = Patience(attempts=3, first_wait=0.01, longest_wait=0.05, read=0.5)
GRID = Grid("EPSG:32631", 0.0, 0.0, 10.0, 1, 1)
ASSET = Asset("red", "catalogue:/red.tif", GRID, "uint16", None, None, None, None)
PINNED = replace(ASSET, checksum="1220" + SHA256, size=len(BODY))
STRONG = {"ETag": '"one"'}
DIALECT = next(iter(read_sensor("sentinel-2-l2a").dialects.values()))


@pytest.fixture
def script() -> Iterator[Script]:
    with serving() as script:
        yield script


def get(script: Script, store: Store, asset: Asset = ASSET) -> str:
    with asking(DIALECT, [], script.url, PATIENCE) as asker:
        return obtain(asset, f"asset {asset.checksum}", "item red", script.url, store, asker)


def refused(script: Script, store: Store, asset: Asset = ASSET) -> Refusal:
    with pytest.raises(Refusal) as caught:
        get(script, store, asset)
    assert not list((store.root / "objects").rglob("*")) if (store.root / "objects").exists() else True
    assert not list((store.root / "parts").glob("*"))
    return caught.value


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def test_a_file_lies_under_the_digest_of_its_bytes(script: Script, store: Store) -> None:
    script.lay("/red.tif", Answer(BODY))
    assert get(script, store) == SHA256
    assert store.path(SHA256).read_bytes() == BODY
    assert store.path(SHA256).parent.name == SHA256[:2]


def test_what_an_item_pins_is_fetched_once_and_what_it_does_not_every_time(script: Script, store: Store) -> None:
    script.lay("/red.tif", Answer(BODY))
    for asset, requests in ((PINNED, 1), (PINNED, 1), (ASSET, 2), (ASSET, 3)):
        get(script, store, asset)
        assert script.count("/red.tif") == requests


@pytest.mark.parametrize(
    "checksum",
    [
        "1114" + hashlib.sha1(BODY).hexdigest(),
        "d50110" + hashlib.md5(BODY).hexdigest(),
        "1340" + hashlib.sha512(BODY).hexdigest(),
        "1620" + hashlib.sha3_256(BODY).hexdigest(),
    ],
    ids=["sha1", "md5", "sha2-512", "sha3-256"],
)
def test_every_kind_of_checksum_is_held_and_remembered(script: Script, store: Store, checksum: str) -> None:
    script.lay("/red.tif", Answer(BODY))
    asset = replace(ASSET, checksum=checksum)
    assert get(script, store, asset) == get(script, store, asset) == SHA256
    assert script.count("/red.tif") == 1
    script.lay("/red.tif", Answer(BODY[::-1]))
    assert [p.code for p in refused(script, Store(store.root / "other"), asset).problems] == ["E-SRC-023"]


def test_an_object_altered_on_disk_is_fetched_again(script: Script, store: Store) -> None:
    script.lay("/red.tif", Answer(BODY))
    get(script, store, PINNED)
    path = store.path(SHA256)
    path.chmod(0o644)
    path.write_bytes(b"x" + BODY[1:])
    assert get(script, store, PINNED) == SHA256
    assert path.read_bytes() == BODY
    assert script.count("/red.tif") == 2


@pytest.mark.parametrize(
    "bad",
    [Answer(status=503), Answer(status=429, headers={"Retry-After": "0"}), Answer(BODY, cut=0), Answer(BODY, cut=5000)],
    ids=["503", "429", "reset", "short body"],
)
def test_two_failures_are_overcome_and_three_refused(script: Script, store: Store, bad: Answer) -> None:
    script.lay("/red.tif", bad, bad, Answer(BODY))
    assert get(script, store) == SHA256
    assert script.count("/red.tif") == 3
    script.lay("/red.tif", bad)
    found = refused(script, Store(store.root / "other"))
    assert [problem.code for problem in found.problems] == ["E-SRC-020"]
    assert found.exit_code == Exit.SOURCE


@pytest.mark.parametrize("ranges", [True, False], ids=["range honoured", "range ignored"])
def test_a_body_that_broke_off_goes_on_where_it_stopped(script: Script, store: Store, ranges: bool) -> None:
    script.lay("/red.tif", Answer(BODY, headers=STRONG, cut=5000), Answer(BODY, headers=STRONG, ranges=ranges))
    assert get(script, store, PINNED) == SHA256
    _, headers = script.asked[1]
    assert (headers["Range"], headers["If-Range"]) == ("bytes=5000-", '"one"')


def test_a_file_that_changed_since_it_broke_off_starts_anew(script: Script, store: Store) -> None:
    fresh = Answer(BODY[::-1], headers={"ETag": '"two"'}, ranges=True)
    script.lay("/red.tif", Answer(BODY, headers=STRONG, cut=5000), fresh)
    assert get(script, store) == hashlib.sha256(BODY[::-1]).hexdigest()
    other = Answer(BODY[5000:], 206, {"Content-Range": f"bytes 5000-{len(BODY) - 1}/{len(BODY)}", "ETag": '"two"'})
    script.lay("/red.tif", Answer(BODY, headers=STRONG, cut=5000), other, Answer(BODY))
    assert get(script, Store(store.root / "other")) == SHA256


def rest(start: int, last: int, total: int = len(BODY)) -> Answer:
    """Bytes of the body, and what the server says they are."""
    return Answer(BODY[start : last + 1], 206, {"Content-Range": f"bytes {start}-{last}/{total}"} | STRONG)


def test_a_rest_that_ends_early_is_asked_on_from_where_it_ended(script: Script, store: Store) -> None:
    script.lay("/red.tif", Answer(BODY, headers=STRONG, cut=5000), rest(5000, 5999), rest(6000, len(BODY) - 1))
    assert get(script, store) == SHA256
    assert [headers.get("Range") for _, headers in script.asked] == [None, "bytes=5000-", "bytes=6000-"]


def test_rests_that_always_end_early_are_never_the_file(script: Script, store: Store) -> None:
    script.lay("/red.tif", Answer(BODY, headers=STRONG, cut=5000), rest(5000, 5999), rest(6000, 6999))
    assert f"7000 bytes of {len(BODY)}" in str(refused(script, store))


@pytest.mark.parametrize(
    "odd",
    [
        rest(5000, len(BODY) - 1, len(BODY) + 7),
        rest(5000, len(BODY) - 1, len(BODY) - 7),
        rest(5001, len(BODY) - 1),
        Answer(BODY[5000:], 206, STRONG),
        Answer(BODY[5000:], 206, STRONG | {"Content-Range": f"bytes 5000-{len(BODY) - 1}/*"}),
        Answer(BODY[5000:], 206, STRONG | {"Content-Range": f"bytes 5000-6000/{len(BODY)}"}),
    ],
    ids=["a longer file", "a shorter file", "another start", "no range", "no length", "more than it says"],
)
def test_a_rest_that_is_not_what_was_asked_for_starts_anew(script: Script, store: Store, odd: Answer) -> None:
    script.lay("/red.tif", Answer(BODY, headers=STRONG, cut=5000), odd, Answer(BODY, headers=STRONG, ranges=True))
    assert get(script, store) == SHA256
    assert "Range" not in script.asked[2][1]


def test_a_part_that_nobody_asked_for_is_not_the_file(script: Script, store: Store) -> None:
    script.lay("/red.tif", rest(0, 4999), rest(0, len(BODY) - 1), Answer(BODY))
    assert get(script, store) == SHA256
    script.lay("/red.tif", rest(0, 4999))
    assert "asked for bytes from 0" in str(refused(script, Store(store.root / "other")))


def test_a_weak_etag_vouches_for_nothing(script: Script, store: Store) -> None:
    script.lay("/red.tif", Answer(BODY, headers={"ETag": 'W/"one"'}, cut=5000), Answer(BODY))
    assert get(script, store) == SHA256
    assert "Range" not in script.asked[1][1]


def test_a_server_that_drips_is_given_up_over_the_whole_request(script: Script, store: Store) -> None:
    script.lay("/red.tif", Answer(BODY, drip=0.05))
    start = time.monotonic()
    with asking(DIALECT, [], script.url, replace(PATIENCE, attempts=2, total=0.3)) as asker, pytest.raises(Refusal, match=r"E-SRC-020.*too slow"):
        obtain(ASSET, "red", "item red", script.url, store, asker)
    assert time.monotonic() - start < 2


def test_a_slow_line_that_keeps_coming_is_waited_for(script: Script, store: Store) -> None:
    script.lay("/red.tif", Answer(BODY[:20], drip=0.03))
    with asking(DIALECT, [], script.url, replace(PATIENCE, attempts=1, total=0.2, slowest=20)) as asker:
        assert store.get(obtain(ASSET, "red", "item red", script.url, store, asker))


def test_a_body_without_an_end_is_cut_off(script: Script, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "LARGEST_FILE", 1000)
    script.lay("/red.tif", Answer(BODY))
    assert "E-SRC-048" in str(refused(script, store))


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [("1", 1.0, 3.0), ("date", 0.5, 4.0), ("86400", 0.0, 0.5), ("soon", 0.0, 0.5)],
    ids=["seconds", "date", "a day is too long", "no date"],
)
def test_a_busy_server_is_asked_again_when_it_says_so(script: Script, store: Store, said: str, least: float, most: float) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True) if said == "date" else said
    script.lay("/red.tif", Answer(status=429, headers={"Retry-After": later}), Answer(BODY))
    start = time.monotonic()
    patience = replace(PATIENCE, longest_wait=0.1 if said == "86400" else 120.0)
    with asking(DIALECT, [], script.url, patience) as asker:
        obtain(ASSET, "red", "item red", script.url, store, asker)
    assert least <= time.monotonic() - start < most


def test_eight_asks_at_once_are_one_transfer(script: Script, store: Store) -> None:
    script.lay("/red.tif", Answer(BODY, delay=0.2))
    with ThreadPoolExecutor(8) as pool, asking(DIALECT, [], script.url, PATIENCE) as asker:
        found = list(pool.map(lambda _: obtain(ASSET, "red", "item red", script.url, store, asker), range(8)))
    assert found == [SHA256] * 8
    assert script.count("/red.tif") == 1


def test_what_fails_for_one_fails_for_all_who_asked_at_once(script: Script, store: Store) -> None:
    script.lay("/red.tif", Answer(status=404, delay=0.2))
    with ThreadPoolExecutor(4) as pool, asking(DIALECT, [], script.url, PATIENCE) as asker:
        asked = [pool.submit(obtain, ASSET, "red", "item red", script.url, store, asker) for _ in range(4)]
        assert all("E-SRC-049" in str(one.exception()) for one in asked)
    assert script.count("/red.tif") == 1


def test_a_bucket_gives_a_second_s_worth_and_then_its_rate() -> None:
    bucket = Bucket(20.0)
    start = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: bucket.take(), range(30)))
    assert 0.45 <= time.monotonic() - start < 1.5
    bucket.hold(0.3)
    start = time.monotonic()
    bucket.take()
    assert time.monotonic() - start >= 0.29


def test_every_host_has_one_bucket_and_this_machine_none() -> None:
    assert pace("files.example.org", 3.0) is pace("files.example.org", 3.0)
    start = time.monotonic()
    for _ in range(100):
        pace("127.0.0.1", 3.0).take()
    assert time.monotonic() - start < 0.5


def test_a_wrong_range_is_not_appended(script: Script, store: Store) -> None:
    wrong = Answer(BODY[100:], 206, {"Content-Range": f"bytes 100-{len(BODY) - 1}/{len(BODY)}"})
    script.lay("/red.tif", Answer(BODY, headers=STRONG, cut=5000), wrong, Answer(BODY))
    assert get(script, store) == SHA256


@pytest.mark.parametrize("status", [403, 404, 410])
def test_what_is_gone_is_asked_for_once(script: Script, store: Store, status: int) -> None:
    script.lay("/red.tif", Answer(b"<html>", status))
    assert f"HTTP {status}" in str(refused(script, store))
    assert script.count("/red.tif") == 1


@pytest.mark.parametrize(
    ("asset", "code", "exit_code"),
    [
        (replace(PINNED, checksum="1220" + "0" * 64), "E-SRC-023", Exit.INTEGRITY),
        (replace(PINNED, size=len(BODY) + 1), "E-SRC-022", Exit.INTEGRITY),
        (replace(PINNED, checksum="1220abc"), "E-SRC-021", Exit.INVALID),
        (replace(PINNED, checksum="9999" + SHA256), "E-SRC-021", Exit.INVALID),
    ],
    ids=["wrong checksum", "wrong size", "odd length", "unknown hash"],
)
def test_bytes_that_differ_from_the_item_never_enter_the_store(script: Script, store: Store, asset: Asset, code: str, exit_code: Exit) -> None:
    script.lay("/red.tif", Answer(BODY))
    if code == "E-SRC-021":
        with pytest.raises(Refusal, match=code) as caught:
            get(script, store, asset)
        assert caught.value.exit_code == exit_code
        return
    found = refused(script, store, asset)
    assert [problem.code for problem in found.problems] == [code]
    assert found.exit_code == exit_code


def test_an_error_page_in_another_encoding_is_no_file(script: Script, store: Store) -> None:
    script.lay("/red.tif", Answer(BODY, headers={"Content-Encoding": "gzip"}))
    assert "content-encoding gzip" in str(refused(script, store))


def test_redirects_stay_on_their_server_and_end(script: Script, store: Store) -> None:
    script.lay("/red.tif", Answer(status=302, headers={"Location": "/moved.tif"}))
    script.lay("/moved.tif", Answer(BODY))
    assert get(script, store) == SHA256
    script.lay("/moved.tif", Answer(status=302, headers={"Location": "/red.tif"}))
    assert "redirects" in str(refused(script, Store(store.root / "round")))
    with serving() as other:
        other.lay("/x", Answer(BODY))
        script.lay("/red.tif", Answer(status=302, headers={"Location": f"{other.url}/x"}))
        assert "E-SEC-025" in str(refused(script, Store(store.root / "away")))
        assert other.asked == []


def test_a_server_that_hangs_up_is_named(store: Store) -> None:
    with serving() as script:
        pass
    assert "E-SRC-041" in str(refused(script, store))


@pytest.mark.parametrize(
    ("href", "code"),
    [
        ("file:///etc/passwd", "E-SEC-001"),
        ("http://127.0.0.1:8786/x", "E-SEC-001"),
        ("https://user:secret@example.org/x", "E-SEC-001"),
        ("/etc/passwd", "E-SEC-002"),
        ("../secret.tif", "E-SEC-002"),
        ("/vsis3/bucket/x.tif", "E-SEC-002"),
        ("vrt://x.tif", "E-SEC-001"),
        ("MEM:::DATAPOINTER=1", "E-SEC-002"),
        ("<VRTDataset/>", "E-SEC-002"),
        ("zip+https://example.org/x", "E-SEC-001"),
        ("C:\\x.tif", "E-SEC-002"),
        ("catalogue:/../x.tif", "E-SEC-002"),
        ("https://example.org:99999/x.tif", "E-SEC-035"),
        ("https://example.org:abc/x.tif", "E-SEC-035"),
        ("https://user:secret@exam\u2100ple.org/x.tif?a=secret@", "E-SEC-035"),
        ("https://xn--\u00e4.org/x.tif", "E-SEC-035"),
        ("https://[::1/x.tif", "E-SEC-035"),
    ],
)
def test_an_address_that_is_no_plain_web_address_is_refused(href: str, code: str) -> None:
    with pytest.raises(Refusal, match=code) as caught:
        resolved(href, "item red", "http://127.0.0.1:1")
    assert "secret@" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.5", "169.254.169.254", "100.100.100.200", "[::1]", "localhost"])
def test_an_https_host_inside_the_network_is_refused(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(Refusal, match="E-SEC-023"):
        check_host(f"https://{host}/x.tif", "item red")


def test_a_catalogue_of_ours_must_be_served() -> None:
    with pytest.raises(Refusal, match="E-SEC-022"):
        resolved("catalogue:/files/x.tif", "item red", None)
