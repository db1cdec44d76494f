"""Attacks on the imagery, each named by its number in the threat model. S5 to S7, S11 to S18 come with declared files: tests/bad."""

from __future__ import annotations

import io
import os
import resource
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

from carbonsink.base.problems import Refusal
from carbonsink.base.rasters import read_raster
from carbonsink.base.records import SceneAsset
from carbonsink.base.tables import read_csv
from carbonsink.base.tiff.tags import first_directory
from carbonsink.scenes import window
from carbonsink.scenes.address import stored_item
from carbonsink.scenes.chips import Kind, cut
from carbonsink.scenes.fetch import fetch
from carbonsink.scenes.http import Patience
from carbonsink.scenes.item import parse
from carbonsink.scenes.source import compare
from tests.scenes.plans import lonlat, plan_of
from tests.scenes.server import Answer, Script, json_answer, lay_api, query_of, serving
from tests.scenes.synthetic import EPSG, INNER, NORTH, RED, SIDE, WEST, bands, item, lay_asset, lay_scene, lock_of, tif

PATIENCE = Patience(attempts=2, first_wait=0.01)
PIXELS = np.full((SIDE, SIDE), RED, dtype="uint16")
CANARY = "canary-0815"
MODES = ("whole", "window")


class Victim:
    """An office that computes a lock which somebody else has prepared."""

    def __init__(self, script: Script, folder: Path) -> None:
        self.script, self.folder, self.raw = script, folder, lay_scene(script, item(), bands())

    def fetch(self, mode: Any = "whole") -> dict[str, SceneAsset]:
        plan = plan_of(lonlat(INNER, EPSG), 2018, fetch=mode)
        fetch(plan, lock_of(self.raw), self.script.url, self.folder / "store", self.folder / "scenes", lambda *_: None, PATIENCE)
        return {row.band: row for row in read_csv(self.folder / "scenes/scenes.csv", SceneAsset)}

    def refused(self, mode: Any = "whole") -> Refusal:
        with pytest.raises(Refusal) as caught:
            self.fetch(mode)
        assert not (self.folder / "scenes/scenes.csv").exists()
        return caught.value

    def body(self, body: bytes) -> None:
        lay_asset(self.script, self.raw, "red", body)


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Victim]:
    with serving() as script:
        yield Victim(script, tmp_path)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


def codes(refusal: Refusal) -> set[str]:
    return {problem.code for problem in refusal.problems}


@pytest.mark.parametrize(
    "href", ["file:///etc/passwd", "/etc/hostname", "../../secret.tif", "C:\\x.tif", "catalogue:/../../secret.tif", "catalogue://etc/passwd"]
)
def test_S1_a_local_file_is_no_asset(victim: Victim, href: str) -> None:
    victim.raw["assets"]["red"]["href"] = href
    assert codes(victim.refused()) <= {"E-SEC-001", "E-SEC-002", "E-STAC-020", "E-SRC-049"}
    assert not any("passwd" in path and ".." in path for path, _ in victim.script.asked)


@pytest.mark.parametrize(
    "href",
    [
        "/vsicurl/http://10.0.0.5/x.tif", "/vsizip/vsicurl/x", "/vsis3/b/x.tif", "/vsitar/x", "/vsimem/x", "/vsistdin/", "/vsisubfile/0_1,x",
        "vrt://x.tif", "GTIFF_DIR:1:/p", "zip+https://example.org/x", "MEM:::DATAPOINTER=1", "<VRTDataset/>", "https://example.org/vsicurl/x",
    ],
)  # fmt: skip
def test_S2_no_prefix_of_gdal_s_is_an_asset(victim: Victim, href: str) -> None:
    victim.raw["assets"]["red"]["href"] = href
    assert codes(victim.refused()) <= {"E-SEC-001", "E-SEC-002", "E-STAC-020"}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "body",
    [
        b"<VRTDataset rasterXSize='64' rasterYSize='64'><VRTRasterBand band='1'><SourceFilename>/etc/passwd</SourceFilename></VRTRasterBand></VRTDataset>",
        b"<GDAL_WMS><Service name='TMS'/></GDAL_WMS>",
        b"<html>log in</html>",
        b"\x89HDF\r\n\x1a\n",
        b"\0\0\0\x0cjP  \r\n\x87\n",
        b"II*",
    ],
    ids=["VRT", "WMS", "HTML", "HDF", "JP2", "three bytes"],
)
def test_S3_a_body_that_is_no_geotiff_is_never_opened(victim: Victim, body: bytes, mode: str) -> None:
    victim.body(body)
    found = victim.refused(mode)
    assert codes(found) == {"E-SEC-003"}
    assert str(body[:3])[2:-1] in str(found)


@pytest.mark.parametrize(
    "href",
    [
        "https://169.254.169.254/x.tif", "https://100.100.100.200/x.tif", "https://127.0.0.1:8786/x.tif", "https://[::1]/x.tif", "https://0x7f000001/x.tif",
        "https://10.0.0.5/x.tif", "https://[::ffff:169.254.169.254]/x.tif", "https://localhost/x.tif",
    ],
)  # fmt: skip
def test_S4_an_address_inside_the_network_is_never_connected_to(victim: Victim, href: str) -> None:
    victim.raw["assets"]["red"]["href"] = href
    assert codes(victim.refused()) == {"E-SEC-023"}


@pytest.mark.parametrize("href", ["http://169.254.169.254/x.tif", "http://example.org/x.tif", "ftp://example.org/x.tif"])
def test_S4_only_https_is_asked(victim: Victim, href: str) -> None:
    victim.raw["assets"]["red"]["href"] = href
    assert codes(victim.refused()) == {"E-SEC-001"}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("target", ["http://169.254.169.254/", "https://example.org/red.tif", "file:///etc/passwd", "//10.0.0.5/x"])
def test_S4_a_redirect_leads_nowhere_else(victim: Victim, target: str, mode: str) -> None:
    victim.script.lay(f"/files/{victim.raw['id']}/red.tif", Answer(status=302, headers={"Location": target}))
    assert codes(victim.refused(mode)) == {"E-SEC-025"}


def test_S4_a_page_link_leads_nowhere_else(victim: Victim) -> None:
    from carbonsink.scenes.lock import search

    lay_api(victim.script, [[victim.raw]], matched=2, last_links=[{"rel": "next", "href": "http://169.254.169.254/page", "method": "GET"}])
    with pytest.raises(Refusal, match="E-SEC-024"):
        search(plan_of(lonlat(INNER, EPSG), 2018), victim.script.url, victim.script.url)


def strip(**profile: Any) -> bytes:
    """30,000 x 30,000 pixels in one strip: a megabyte on the line, two gigabytes in memory."""
    from rasterio.io import MemoryFile

    base = {"driver": "GTiff", "count": 1, "height": 30_000, "width": 30_000, "dtype": "uint16", "crs": f"EPSG:{EPSG}", "compress": "deflate"}
    with MemoryFile() as memory:
        with memory.open(**base, transform=rasterio.Affine(10, 0, WEST, 0, -10, NORTH), SPARSE_OK="TRUE", **profile):
            pass
        return bytes(memory.read())


@pytest.mark.parametrize("mode", MODES)
def test_S8_a_file_that_swells_is_refused_by_its_header(victim: Victim, mode: str) -> None:
    victim.body(strip(blockysize=30_000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = victim.refused(mode)
    assert {"E-SEC-005", "E-SRC-001"} <= codes(found)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kB


def with_private_tag(data: bytes, count: int) -> bytes:
    """The same TIFF, its directory at its end, with one more tag of so many bytes."""
    start = int.from_bytes(data[4:8], "little")
    many = int.from_bytes(data[start : start + 2], "little")
    entries = data[start + 2 : start + 2 + 12 * many]
    place = len(data) + 2 + 12 * (many + 1) + 4
    tag = struct.pack("<HHII", 65000, 1, count, place)
    return data[:4] + struct.pack("<I", len(data)) + data[8:] + struct.pack("<H", many + 1) + entries + tag + bytes(4 + count)


def test_S8_a_header_that_swells_is_not_held_but_fetched_whole_to_the_disk(victim: Victim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "LONGEST_HEADER", 1 << 16)
    victim.body(with_private_tag(tif(PIXELS, 10), 1 << 16))
    assert victim.fetch("window")["red"].mode == "whole"
    asked = [headers.get("Range") for path, headers in victim.script.asked if path.endswith("red.tif")]
    assert asked == ["bytes=0-16383", None]


def claiming(tag: int, number: int) -> bytes:
    """A file in small tiles of which every one claims so many bytes (325), or to lie at such a byte (324)."""
    data = bytearray(tif(PIXELS, 10, tiled=True, blockxsize=16, blockysize=16, BIGTIFF="YES") + bytes(100_000))
    entry = first_directory(io.BytesIO(data)).entries[tag]
    start = int.from_bytes(data[8:16], "little")
    head = next(at for at in range(start + 8, len(data), 20) if int.from_bytes(data[at : at + 2], "little") == tag)
    data[head + 2 : head + 4], data[head + 12 : head + 20] = (16).to_bytes(2, "little"), len(data).to_bytes(8, "little")
    return bytes(data) + number.to_bytes(8, "little") * entry.count


def test_S8_a_tile_that_claims_more_than_its_pixels_can_take_is_refused_before_it_is_fetched(victim: Victim) -> None:
    victim.body(claiming(325, 60_000))
    found = victim.refused("window")
    assert codes(found) == {"E-SRC-024"}
    assert "takes 60000 bytes for 512 of pixels" in str(found)
    assert victim.script.moved < 60_000


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("number", [2**62, 2**63 + 5, 2**64 - 1])
@pytest.mark.parametrize("tag", [324, 325], ids=["places", "lengths"])
def test_S8_numbers_that_no_file_can_hold_are_refused_by_name(victim: Victim, tag: int, number: int, mode: str) -> None:
    victim.body(claiming(tag, number))
    found = victim.refused(mode)
    assert codes(found) == {"E-SRC-024"}
    assert f"tag {tag} holds {number}" in str(found)


def test_S8_an_item_that_claims_too_much_is_refused_before_anything_is_fetched(victim: Victim) -> None:
    victim.raw["assets"]["red"]["proj:shape"] = [200_000, 200_000]
    assert codes(victim.refused()) == {"E-STAC-001"}
    assert victim.script.asked == []


def test_S8_many_bands_are_refused(victim: Victim) -> None:
    victim.body(tif(np.stack([PIXELS] * 17), 10))
    assert codes(victim.refused()) == {"E-SRC-002"}


def test_S9_what_lies_beside_a_file_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "red.tif"
    path.write_bytes(tif(PIXELS, 10))
    found, kind = parse(item(), plan_of(lonlat(INNER, EPSG), 2018).dialect, ("red",)), Kind("geotiff", ("uint16",), 0)
    alone = cut(path, found, "red", (0, 0, SIDE, SIDE), kind)
    (tmp_path / "red.tif.aux.xml").write_text(
        "<PAMDataset><SRS>EPSG:32632</SRS><PAMRasterBand band='1'><NoDataValue>400</NoDataValue><Scale>2</Scale></PAMRasterBand></PAMDataset>"
    )
    (tmp_path / "red.tif.msk").write_bytes(tif(np.zeros((SIDE, SIDE), np.uint8), 10))
    (tmp_path / "red.tif.ovr").write_bytes(tif(PIXELS[::2, ::2] + 1, 20))
    (tmp_path / "red.tfw").write_text("20\n0\n0\n-20\n0\n0\n")
    (tmp_path / "red.prj").write_text("EPSG:32632")
    beside = cut(path, found, "red", (0, 0, SIDE, SIDE), kind)
    assert (beside.raster.pixels == alone.raster.pixels).all()
    assert beside.raster.grid == alone.raster.grid


def test_S9_an_overview_in_the_file_is_never_read(victim: Victim, tmp_path: Path) -> None:
    path = tmp_path / "red.tif"
    path.write_bytes(tif(PIXELS, 10, tiled=True, blockxsize=16, blockysize=16))
    with rasterio.open(path, "r+", driver="GTiff") as target:
        target.build_overviews([2, 4])
    victim.body(path.read_bytes())
    for mode in MODES:
        row = victim.fetch(mode)["red"]
        assert (read_raster(victim.folder / "scenes" / row.chip).pixels == RED).all()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "profile",
    [
        {"transform": rasterio.Affine(10, 0, WEST + 1000, 0, -10, NORTH)},
        {"transform": rasterio.Affine(10, 0, WEST, 0, 10, NORTH)},
        {"transform": rasterio.Affine(10, 1, WEST, 1, -10, NORTH)},
        {"transform": rasterio.Affine(20, 0, WEST, 0, -20, NORTH)},
        {"crs": "EPSG:32632"},
        {"crs": None},
    ],
    ids=["a kilometre off", "south up", "turned", "other pixels", "other CRS", "no CRS"],
)
def test_S10_a_file_that_lies_elsewhere_than_its_item_says_is_refused(victim: Victim, profile: dict[str, Any], mode: str) -> None:
    victim.body(tif(PIXELS, 10, **profile))
    assert codes(victim.refused(mode)) == {"E-SRC-001"}


def test_S20_no_module_of_ours_opens_a_scheduler() -> None:
    import carbonsink

    for path in Path(str(carbonsink.__file__)).parent.rglob("*.py"):
        text = path.read_text()
        assert "LocalCluster" not in text, path
        assert "Scheduler(" not in text, path
        assert "Nanny" not in text, path


# --- S21: canaries ---------------------------------------------------------------------------------------------------------


def everything(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in folder.rglob("*"):
        yield path, str(path).encode()
        if path.is_file():
            yield path, path.read_bytes()


@pytest.mark.parametrize("mode", MODES)
def test_S21_no_secret_is_written_or_said(victim: Victim, mode: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", f"http://user:{CANARY}@proxy.example.org:3128")
    plan = plan_of(lonlat(INNER, EPSG), 2018, fetch=mode)
    dialect = plan.dialect.model_copy(update={"credentials": "sas", "sign_url": f"{victim.script.url}/sign?href={{href}}&key={CANARY}"})
    sensor = plan.sensor.model_copy(update={"dialects": {"signing": dialect}})
    plan = plan_of(lonlat(INNER, EPSG), 2018, sensor=sensor, fetch=mode)
    for key, asset in victim.raw["assets"].items():
        path = asset["href"].removeprefix("catalogue:")
        asset["href"] = f"{victim.script.url}{path}?sig={CANARY}&se=2030"
        asset["alternate"] = {"azure": {"href": f"https://files.example.org/{key}.tif?sv=1&sig={CANARY}"}}
        script_answer = victim.script.answers[path][0]
        victim.script.lay(path, Answer(status=403), script_answer)
    victim.raw["links"] = [{"rel": "self", "href": f"https://user:{CANARY}@example.org/item"}]
    victim.raw["properties"]["note"] = f"get https://example.org/x?token={CANARY}"
    victim.script.acts["/sign"] = lambda asked: json_answer({"href": f"{query_of(asked)['href'][0]}?sig={CANARY}", "msft:expiry": "2999-01-01T00:00:00Z"})
    lock = lock_of(stored_item(victim.raw, victim.script.url))
    assert CANARY not in str(lock)
    args = (plan, lock, victim.script.url)
    fetch(*args, victim.folder / "store", victim.folder / "scenes", lambda *_: None, PATIENCE)
    assert CANARY in str(victim.script.asked)
    compare(plan, victim.folder / "scenes", lock, victim.script.url, victim.folder / "fresh", lambda *_: None, PATIENCE)
    found = [str(path) for path, content in everything(victim.folder) if CANARY.encode() in content]
    assert found == []
    for bad in (Answer(status=403), Answer(status=500), Answer(status=302, headers={"Location": f"https://x.example.org/?sig={CANARY}"}), Answer(b"x")):
        for path in victim.script.answers:
            victim.script.lay(path, bad)
        with pytest.raises(Refusal) as caught:
            fetch(*args, victim.folder / f"store-{bad.status}-{len(bad.body)}", victim.folder / "bad", lambda *_: None, PATIENCE)
        said = [str(caught.value), repr(caught.value.problems), *(problem.line(language) for problem in caught.value.problems for language in ("zh", "en"))]
        assert CANARY not in "".join(said)
    assert CANARY not in "".join(capsys.readouterr())
