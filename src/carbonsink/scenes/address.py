"""Addresses: which may be asked (rule R2, S1-S4), and how they stand in a lock: unsigned, without a port of ours.

http://127.0.0.1:40123/files/x.tif  <->  catalogue:/files/x.tif     where http://127.0.0.1:40123 is our own catalogue
"""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

from carbonsink.base.problems import Exit, Problem, Refusal, refuse

OURS = "catalogue:/"
SIGNED = re.compile(r"(^|&)(sig|se|st|sv|token|x-amz-[a-z-]+|x-goog-[a-z-]+|expires|signature|key)=", re.IGNORECASE)
FORBIDDEN = re.compile(r"^/|^\.|vsi|:::|<|\\|[\x00-\x20]", re.IGNORECASE)


def stored(href: str, root_url: str | None) -> str:
    """The address as a lock keeps it: relative to our catalogue, or without the secrets of a signature."""
    root = _root(root_url)
    if root and href.startswith(root):
        return OURS + href[len(root) :]
    parts = urlsplit(href)
    return urlunsplit(parts._replace(query="", fragment="")) if SIGNED.search(parts.query) else href


def stored_item(raw: dict[str, Any], root_url: str | None) -> dict[str, Any]:
    """An item's JSON as a lock keeps it: asset addresses `stored`, links into our catalogue left out; parsing judges its shape."""
    root = _root(root_url)
    links = [link for link in _all(raw.get("links"), list) if not (root and str(_all(link, dict).get("href", "")).startswith(root))]
    assets = {key: _stored_asset(asset, root_url) for key, asset in _all(raw.get("assets"), dict).items()}
    return {**raw, "links": links, "assets": assets}


def _stored_asset(asset: Any, root_url: str | None) -> Any:
    return {**asset, "href": stored(str(asset["href"]), root_url)} if isinstance(asset, dict) and "href" in asset else asset


def _all(value: Any, kind: type[Any]) -> Any:
    """The value where it is of its kind, else an empty one."""
    return value if isinstance(value, kind) else kind()


def problem_of(href: str, where: str) -> Problem | None:
    """What is wrong with an asset address of a lock: only https and our own catalogue are asked, never a path or a driver's prefix."""
    rest = href.removeprefix(OURS) if href.startswith(OURS) else href
    if FORBIDDEN.search(rest) or "/../" in f"/{rest}/":
        return Problem("E-SEC-002", where, {"href": _without_query(href)})
    parts = urlsplit(href)
    if href.startswith(OURS) or (parts.scheme == "https" and parts.hostname and parts.username is None):
        return None
    return Problem("E-SEC-001", where, {"href": _without_query(href)})


def resolved(href: str, where: str, root_url: str | None) -> str:
    """The URL to ask for an address of a lock; Refusal where it may not be asked."""
    problem = problem_of(href, where)
    if problem:
        raise Refusal(problem, Exit.SOURCE)
    if not href.startswith(OURS):
        return href
    root = _root(root_url)
    if root is None:
        raise refuse("E-SEC-022", where, Exit.SOURCE, href=href)
    return root + href.removeprefix(OURS)


def check_api(url: str) -> None:
    """Refuse an API that is neither https nor a plain http server of this machine, or that carries a password."""
    parts = urlsplit(url)
    if parts.username is not None or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))):
        raise refuse("E-STAC-003", "catalogue", Exit.INVALID, scheme=parts.scheme, host=parts.hostname)


def check_host(url: str, where: str) -> None:
    """Refuse an https host that resolves to an address inside (loopback, private, link-local); a proxy resolves for itself."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "http" or (parts.scheme in getproxies() and not proxy_bypass(host)):
        return
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, parts.port or 443, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise refuse("E-SRC-020", where, Exit.SOURCE, url=_without_query(url), found=f"name not resolved: {error}") from None
    inside = sorted(str(address) for address in found if not ipaddress.ip_address(str(address).partition("%")[0]).is_global)
    if inside:
        raise refuse("E-SEC-023", where, Exit.SOURCE, host=host, found=", ".join(inside))


def is_loopback(host: str | None) -> bool:
    """Whether a host names this machine by a loopback address."""
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"


def same_server(one: str, other: str) -> bool:
    """Whether two URLs name the same scheme, host and port."""
    a, b = urlsplit(one), urlsplit(other)
    return (a.scheme, a.hostname, a.port) == (b.scheme, b.hostname, b.port)


def _root(root_url: str | None) -> str | None:
    return None if root_url is None else root_url.rstrip("/") + "/"


def _without_query(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query="", fragment="", netloc=parts.netloc.rpartition("@")[2]))
