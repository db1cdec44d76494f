"""Which coordinate systems are taken as they are, which are shifted, which are refused."""

from __future__ import annotations

import pytest
from pyproj import CRS

from carbonsink.base.problems import Refusal
from carbonsink.declared.crs import candidates, check_crs, declared_crs, label, same, to_lonlat, wkt_crs

LONGSHAN = (117.4, 24.6, 117.405, 24.601)
ESRI = (
    'PROJCS["{name}",GEOGCS["GCS_{datum}",DATUM["D_{datum}",SPHEROID["CGCS2000",6378137.0,298.257222101]{shift}],PRIMEM["Greenwich",0.0],'
    'UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],'
    'PARAMETER["Central_Meridian",{meridian}],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)


def esri(name: str = "CGCS2000_3_Degree_GK_CM_117E", datum: str = "China_2000", meridian: float = 117.0, shift: str = "") -> CRS:
    return wkt_crs(ESRI.format(name=name, datum=datum, meridian=meridian, shift=shift), "x.prj", (540_000, 2_720_000))


@pytest.mark.parametrize("code", [4490, *range(4491, 4555)])
def test_all_of_cgcs2000_is_taken(code: int) -> None:
    crs = declared_crs(f"EPSG:{code}", "x")
    zone = int({p.name: float(p.value) for p in crs.coordinate_operation.params}["False easting"] // 1e6) if crs.coordinate_operation else 0
    corner = (117.4, 24.6) if code == 4490 else (zone * 1e6 + 540_000, 2_720_000)
    check_crs(crs, "x", (*corner, *corner), "CN")


@pytest.mark.parametrize("text", ["CGCS2000", "cgcs 2000", "WGS84", "epsg:4490", "urn:ogc:def:crs:EPSG::4490", "urn:ogc:def:crs:OGC:1.3:CRS84"])
def test_degrees_are_taken_by_any_of_their_names(text: str) -> None:
    assert label(declared_crs(text, "x")) in {"EPSG:4490", "EPSG:4326"}


def test_cgcs2000_is_wgs84_to_the_last_digit() -> None:
    from shapely import Point

    point = Point(117.123456789, 24.987654321)
    assert to_lonlat(CRS("EPSG:4490"), "x")(point) == point == to_lonlat(CRS("EPSG:4326"), "x")(point)
    assert same(CRS("EPSG:4490"), CRS("EPSG:4326"))
    assert not same(CRS("EPSG:4548"), CRS("EPSG:4549"))


def test_a_prj_of_esri_is_known_by_its_code() -> None:
    assert label(esri()) == "EPSG:4548"


def test_a_projection_of_the_countys_own_on_cgcs2000_is_taken() -> None:
    from shapely import Point

    crs = esri(name="Nanjing county", meridian=117.35)
    check_crs(crs, "x", (500_000, 2_720_000, 501_000, 2_721_000), "CN")
    assert to_lonlat(crs, "x")(Point(500_000, 2_720_000)).x == pytest.approx(117.35)


def test_a_shift_bound_to_the_crs_is_left_aside() -> None:
    assert label(esri(shift=",TOWGS84[0,0,0,0,0,0,0]")) == "EPSG:4548"
    with pytest.raises(Refusal, match="E-AOI-011"):
        check_crs(esri("local", "Xian_1980", shift=",TOWGS84[0,0,0,0,0,0,0]"), "x", (540_000, 2_720_000, 541_000, 2_721_000), "CN")


@pytest.mark.parametrize("code", [4214, 4610, 4555, 2437, 2383, 21420, 2343])
def test_beijing_and_xian_are_refused(code: int) -> None:
    with pytest.raises(Refusal, match="E-AOI-011 .*(Beijing|Xian).*CGCS2000"):
        check_crs(declared_crs(f"EPSG:{code}", "x"), "x", LONGSHAN, "CN")


def test_a_datum_without_a_public_transformation_is_refused_by_name() -> None:
    with pytest.raises(Refusal, match="E-AOI-011 .*County_1962"):
        to_lonlat(esri("own", "County_1962"), "x")


@pytest.mark.parametrize("text", ["GCJ-02", "gcj02", "BD-09", "bd09ll", "BD_09", "火星坐标系"])
def test_shifted_web_map_coordinates_are_refused(text: str) -> None:
    with pytest.raises(Refusal, match="E-AOI-014"):
        declared_crs(text, "x")


def test_geocentric_coordinates_are_no_land() -> None:
    with pytest.raises(Refusal, match="E-AOI-038"):
        check_crs(CRS("EPSG:4479"), "x", (0, 0, 1, 1), "CN")


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        (39_540_509, 2_721_805, "EPSG:4527 "),
        (40_500_000, 2_721_805, "EPSG:4528 "),
        (20_540_509, 2_721_805, "EPSG:4498 "),
        (540_509, 2_721_805, "EPSG:4534-4554"),
        (117.4, 24.6, "EPSG:4490"),
        (13_068_904, 2_824_000, "EPSG:4491 (CGCS2000 Gauss-Krüger, 13), EPSG:3857"),
        (-1_000_000, 5_000_000, "EPSG:3857"),
    ],
)
def test_candidates_are_told_by_the_range_of_coordinates(x: float, y: float, expected: str) -> None:
    assert expected in candidates(x, y)


def test_swapped_coordinates_are_seen_in_china_and_wherever_they_leave_the_globe() -> None:
    with pytest.raises(Refusal, match="E-AOI-008"):
        check_crs(CRS("EPSG:4490"), "x", (24.6, 117.4, 24.601, 117.405), "CN")
    with pytest.raises(Refusal, match="E-AOI-008"):
        check_crs(CRS("EPSG:4326"), "x", (-33.9, 151.0, -33.8, 151.1), "AU")
    check_crs(CRS("EPSG:4326"), "x", (3.7, 51.0, 3.8, 51.1), "BE")
