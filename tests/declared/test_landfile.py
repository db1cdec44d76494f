"""The same two fields through every format and CRS; text in the encodings that county offices use."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import shapely

from carbonsink.base.geometry import geodesic_area_m2, mu
from carbonsink.base.problems import Refusal
from carbonsink.declared import landfile, parcels
from carbonsink.declared.area import Land
from carbonsink.declared.load import load
from tests.bad.area import GOOD, Area, feature, good_area, kml, placemark, square

FIELD_M2 = geodesic_area_m2(shapely.Polygon(square(0)))


@pytest.fixture
def area(tmp_path: Path) -> Area:
    return good_area(tmp_path)


def codes(land: Land) -> list[str]:
    return [notice.code for notice in land.notices]


def as_geojson_of_cgcs2000(area: Area) -> None:
    area.features(*GOOD, crs="urn:ogc:def:crs:EPSG::4490")


def as_geojson_in_reverse(area: Area) -> None:
    area.features(*GOOD[::-1])


def as_single_geometries(area: Area) -> None:
    area.features(feature({"type": "MultiPolygon", "coordinates": [[square(0)[::-1]]]}), GOOD[1])


def as_kml(area: Area) -> None:
    folder = f"<Folder>{placemark(1, 'P-2')}</Folder>"
    area.write("parcels.kml", kml(placemark(0), folder))
    area.use("parcels.kml")


DEGREES = {
    "geojson of CGCS2000": as_geojson_of_cgcs2000,
    "geojson in reverse": as_geojson_in_reverse,
    "multipolygons drawn the other way": as_single_geometries,
    "kml": as_kml,
    "geopackage": lambda area: area.vector("parcels.gpkg"),
    "geopackage in WGS 84": lambda area: area.vector("parcels.gpkg", "EPSG:4326"),
    "shapefile": lambda area: area.vector("parcels.shp"),
    "zipped shapefile": lambda area: area.zipped(),
}


@pytest.mark.parametrize("write", DEGREES.values(), ids=DEGREES.keys())
def test_the_same_land_has_the_same_digest_in_every_format(write: object, area: Area) -> None:
    before = load(area.folder).land
    write(area)  # type: ignore[operator]
    after = load(area.folder).land
    assert after.digest == before.digest
    assert [(p.id, p.stratum, p.area_m2, p.declared_mu) for p in after.parcels] == [(p.id, "single-rice", round(FIELD_M2, 2), 33.65) for p in before.parcels]


PROJECTED = {
    "CGCS2000 three degrees, 117 E": 4548,
    "CGCS2000 three degrees, zone 39": 4527,
    "CGCS2000 six degrees, zone 20": 4498,
    "CGCS2000 six degrees, 117 E": 4509,
    "UTM": 32650,
    "Web Mercator": 3857,
}


@pytest.mark.parametrize("code", PROJECTED.values(), ids=PROJECTED.keys())
@pytest.mark.parametrize("suffix", [".shp", ".gpkg"])
def test_projected_files_give_the_same_hectares(code: int, suffix: str, area: Area) -> None:
    area.vector(f"parcels{suffix}", f"EPSG:{code}", area.projected(code))
    land = load(area.folder).land
    assert land.source_crs == f"EPSG:{code}"
    assert land.area_m2 == pytest.approx(2 * FIELD_M2, abs=0.1)
    assert codes(land) == (["W-AOI-013"] if code == 3857 else [])


def test_a_crs_of_another_datum_is_shifted(area: Area) -> None:
    """ETRS89 and HTRS96 lie within a metre of WGS 84, by public transformations."""
    area.declare('country = "CN"', 'country = "HR"')
    for code in (25833, 3765):
        area.vector("parcels.gpkg", f"EPSG:{code}", [shapely.box(500_000 + 300 * n, 5_070_000, 500_200 + 300 * n, 5_070_112) for n in (0, 1)])
        assert load(area.folder).land.area_m2 == pytest.approx(44_800, rel=0.001)
        area.declare("parcels.gpkg", "parcels.geojson")


def test_a_declared_crs_stands_in_for_a_missing_one(area: Area) -> None:
    area.vector("parcels.shp", "EPSG:4527", area.projected(4527))
    (area.folder / "parcels.prj").unlink()
    area.declare("[land]", '[land]\ncrs = "EPSG:4527"')
    assert load(area.folder).land.area_m2 == pytest.approx(2 * FIELD_M2, abs=0.1)


def text_of(area: Area, first: bytes, cpg: bytes | None = None, language: int = 0) -> None:
    """A Shapefile whose first id has the given bytes, with a .cpg and a language byte."""
    area.vector("parcels.shp", encoding="UTF-8", ids=("XXXXXXXX", "P-2"))
    dbf = bytearray((area.folder / "parcels.dbf").read_bytes().replace(b"XXXXXXXX", first.ljust(8)))
    dbf[29] = language
    area.write("parcels.dbf", bytes(dbf))
    (area.folder / "parcels.cpg").unlink()
    if cpg:
        area.write("parcels.cpg", cpg)


@pytest.mark.parametrize(
    ("data", "cpg", "language", "encoding", "noticed"),
    [
        ("泰安一".encode("gbk"), None, 0, "gb18030", True),
        ("泰安一".encode("gbk"), None, 0x4D, "gb18030", True),
        ("泰安一".encode("gbk"), b"GBK", 0, "gb18030", False),
        ("泰安一".encode("gbk"), b"936", 0, "gb18030", False),
        ("泰安一".encode("gbk"), b"ISO-8859-1", 0x57, "gb18030", True),  # the default GDAL leaves there says nothing
        ("泰安".encode(), None, 0, "utf-8", True),
        ("泰安".encode(), b"UTF-8\r\n", 0, "utf-8", False),
        ("泰安".encode("big5"), b"950", 0, "big5", False),
        (b"Taian", None, 0, "utf-8", False),
    ],
)
def test_names_are_read_in_the_encoding_they_were_written_in(data: bytes, cpg: bytes | None, language: int, encoding: str, noticed: bool, area: Area) -> None:
    text_of(area, data, cpg, language)
    land = load(area.folder).land
    assert {p.id for p in land.parcels} == {data.decode(encoding), "P-2"}
    assert land.encoding == encoding
    assert codes(land) == (["W-AOI-022"] if noticed else [])
    assert all(data.decode(encoding) in notice.line("zh") for notice in land.notices)


def test_a_declared_encoding_comes_first(area: Area) -> None:
    text_of(area, "泰安".encode("big5"), b"UTF-8")
    area.declare("[land]", '[land]\nencoding = "big5"')
    assert {p.id for p in load(area.folder).land.parcels} == {"泰安", "P-2"}


def test_a_zip_of_gbk_names_in_a_folder_is_read(area: Area) -> None:
    def gbk(archive: zipfile.ZipFile, parts: dict[str, bytes]) -> None:
        for name, data in parts.items():
            archive.writestr("地块/龙山" + Path(name).suffix.upper(), data)

    area.zipped(gbk)
    data = (area.folder / "parcels.zip").read_bytes()
    for text in ("地块", "龙山"):
        padded = text.encode("gbk").ljust(len(text.encode()), b"_")
        data = data.replace(text.encode(), padded)
    flagged = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := data.find(mark, at + 1)) >= 0:
            flagged[at + offset + 1] &= ~0x08  # the flag that says names are UTF-8
    area.write("parcels.zip", bytes(flagged))
    assert len(load(area.folder).land.parcels) == 2


@pytest.mark.parametrize("suffix", [".geojson", ".kml", ".gpkg", ".shp"])
def test_heights_are_dropped_with_a_notice(suffix: str, area: Area) -> None:
    before = load(area.folder).land.digest
    high = [shapely.force_3d(shapely.Polygon(square(step)), 85.0) for step in (0, 1)]
    if suffix == ".geojson":
        area.features(feature([[*p, 85.0] for p in square(0)]), feature([[*p, 85.0] for p in square(1)], "P-2"))
    elif suffix == ".kml":
        as_kml(area)
    else:
        area.vector(f"parcels{suffix}", geometries=high, geometry_type="Polygon Z")
    land = load(area.folder).land
    assert land.digest == before
    assert codes(land) == ["W-AOI-030"]


def test_a_kml_hole_is_left_out(area: Area) -> None:
    ring = " ".join(f"{x},{y}" for x, y in [(117.4005, 24.6002), (117.401, 24.6002), (117.401, 24.6005), (117.4005, 24.6005), (117.4005, 24.6002)])
    hole = f"<innerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></innerBoundaryIs></Polygon>"
    whole = placemark(0).replace("</Polygon>", hole).replace("<value>33.65</value>", "<value>31.13</value>")
    area.write("parcels.kml", kml(f"<Folder>{whole}</Folder>", placemark(1, "P-2")))
    area.use("parcels.kml")
    first = load(area.folder).land.parcels[0]
    assert mu(first.area_m2) == pytest.approx(33.6535 * (1 - 0.25 * 0.3), rel=1e-4)


def test_a_layer_is_chosen_by_name(area: Area) -> None:
    area.vector("parcels.gpkg", layer="woods", ids=("W-1", "W-2"))
    area.declare("parcels.gpkg", "parcels.geojson")
    area.vector("parcels.gpkg", layer="fields", append=True)
    area.declare("[land]", '[land]\nlayer = "fields"')
    assert [p.id for p in load(area.folder).land.parcels] == ["P-1", "P-2"]


def test_a_sliver_between_neighbours_is_no_overlap(area: Area) -> None:
    """Two digitised borders that cross by a centimetre: less than a square metre each way."""
    second = [[x - 0.001 - 1e-9, y] for x, y in square(1)]
    area.features(GOOD[0], feature(second, "P-2"))
    assert len(load(area.folder).land.parcels) == 2


def test_caps_are_told_with_both_numbers(area: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parcels.limits, "VERTICES", 9)
    with pytest.raises(Refusal, match="E-AOI-030 .* 10 vertices, more than the 9"):
        load(area.folder)
    monkeypatch.setattr(landfile, "FILE_BYTES", 100)
    with pytest.raises(Refusal, match="E-AOI-033 .* bytes, more than the 100"):
        load(area.folder)
