"""Addresses: which may be asked (rule R2, S1-S4), and how they stand in whatever is written: unsigned, without a port of ours (S21).

http://127.0.0.1:40123/files/x.tif  <->  catalogue:/files/x.tif     where http://127.0.0.1:40123 is our own catalogue
https://host/x.tif?sig=secret       ->   https://host/x.tif
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from carbonsink.base.problems import Exit, Problem, Refusal, refuse

OURS = "catalogue:/"
NAMED = "(?:[a-z0-9]{1,32}[-_]){0,4}(?:token|secret|password|passwd|pwd|signature)|(?:[a-z0-9]{1,32}[-_]){1,4}key"  # whoever gives them
SECRETS = (  # names of a query's secrets: of storage accounts, of keys, of content networks (hdn...)
    f"{NAMED}|sig|se|st|sv|sr|sp|skoid|sktid|key|api-?key|awsaccesskeyid|access[-_]?key[-_]?id|key-pair-id|expires|policy|code|auth|authorization"
    "|credentials?|session(?:[-_]?id)?|jwt|hdn(?:ea|ts|tl)|x-amz-[a-z-]+|x-goog-[a-z-]+"
)
SIGNED = re.compile(rf"(^|[&;?])({SECRETS})=", re.IGNORECASE)
SCHEMES = r"(?:bearer|basic|digest|negotiate)\s+"
WORDS = (  # of any text: a secret's value, and what comes in its place
    (re.compile(r"(?<=://)[^/\s]*@"), ""),
    (re.compile(rf"(?<=[?&;#])({SECRETS})=[^&;\s'\"]*", re.IGNORECASE), r"\1=..."),
    (re.compile(rf"\b(authorization\s*[:=]\s*|{SCHEMES})(?:{SCHEMES})?[^\s'\",]+", re.IGNORECASE), r"\1..."),
    (re.compile(rf"(\b(?:{NAMED}|cookie)['\"]?\s*[:=]\s*['\"]?)[^\s'\",&;]+", re.IGNORECASE), r"\1..."),
)
USER = re.compile(r"(?<=//)[^/]*@")
FORBIDDEN = re.compile(r"^/|^\.|vsi|:::|<|\\|[\x00-\x20]", re.IGNORECASE)
NUMBER = re.compile(r"(.*[.:])?(\d+|0x[0-9a-f]*)\.?", re.IGNORECASE)  # a host that ends so is an address to some resolver, never a name
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address behind a NAT64
Server = tuple[str, str, int]  # scheme, host, port


class InsideNetwork(Exception):
    """A name that leads to an address inside: loopback, private, link-local, carrier-grade NAT, multicast."""

    def __init__(self, host: str, found: str) -> None:
        super().__init__(f"{host} is {found}")
        self.host, self.found = host, found


def stored(href: str, root_url: str | None) -> str:
    """The address as a lock keeps it: relative to our catalogue, or without the secrets of a signature."""
    root = _root(root_url)
    return unsigned(OURS + href[len(root) :] if root and href.startswith(root) else href)


def unsigned(url: str) -> str:
    """An address without the query of a signature, and without a fragment that holds one; one that can't be read as it may be shown."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return plain(url)
    if SIGNED.search(unquote(parts.query)):
        return urlunsplit(parts._replace(query="", fragment=""))
    return urlunsplit(parts._replace(fragment="")) if SIGNED.search(unquote(parts.fragment)) else url


def plain(url: str) -> str:
    """An address as it may be shown: no query, no user, no password."""
    return USER.sub("", re.split(r"[?#]", url, maxsplit=1)[0])


def redacted(text: str) -> str:
    """A text without the values of secrets: signatures, tokens, passwords in addresses, Authorization."""
    for pattern, instead in WORDS:
        text = pattern.sub(instead, text)
    return text


def stored_item(raw: dict[str, Any], root_url: str | None) -> dict[str, Any]:
    """An item's JSON as a lock keeps it: addresses `stored`, no secret in any text, links into our catalogue left out.

    What isn't of the shape of an item is left as it is; parsing judges it.
    """
    root = _root(root_url)
    links = [link for link in _all(raw.get("links"), list) if not (root and str(_all(link, dict).get("href", "")).startswith(root))]
    assets = {key: _stored_asset(asset, root_url) for key, asset in _all(raw.get("assets"), dict).items()}
    return {**{key: _unsecret(value) for key, value in raw.items()}, "links": _unsecret(links), "assets": assets}


def _stored_asset(asset: Any, root_url: str | None) -> Any:
    """An asset without secrets; its own address keeps a user's name, so that `problem_of` refuses it."""
    kept = {"href": stored(str(asset["href"]), root_url)} if isinstance(asset, dict) and "href" in asset else {}
    return {**_unsecret(asset), **kept} if isinstance(asset, dict) else asset


def _unsecret(value: Any) -> Any:
    """A JSON value with the secrets of every address in it taken out."""
    if isinstance(value, dict):
        return {key: _unsecret(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_unsecret(each) for each in value]
    if isinstance(value, str) and "://" in value:
        return redacted(unsigned(value))
    return value


def _all(value: Any, kind: type[Any]) -> Any:
    """The value where it is of its kind, else an empty one."""
    return value if isinstance(value, kind) else kind()


def problem_of(href: str, where: str) -> Problem | None:
    """What is wrong with an asset address of a lock: only https and our own catalogue are asked, never a path or a driver's prefix."""
    rest = href.removeprefix(OURS) if href.startswith(OURS) else href
    if FORBIDDEN.search(rest) or "/../" in f"/{rest}/":
        return Problem("E-SEC-002", where, {"href": plain(href)})
    if href.startswith(OURS):
        return None
    if not href.lower().startswith("https://"):
        return Problem("E-SEC-001", where, {"href": plain(href)})
    if not _is_sound(href):
        return Problem("E-SEC-035", where, {"href": plain(href)})
    return None if urlsplit(href).username is None else Problem("E-SEC-001", where, {"href": plain(href)})


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
    if "://" in url and not _is_sound(url):
        raise refuse("E-SEC-035", "catalogue", Exit.INVALID, href=plain(url))
    parts = urlsplit(url)
    if parts.username is not None or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))):
        raise refuse("E-STAC-003", "catalogue", Exit.INVALID, scheme=parts.scheme, host=parts.hostname)


def check_host(url: str, where: str) -> None:
    """Refuse an https host that resolves to an address inside (loopback, private, link-local).

    A proxy resolves names for itself: it may be asked for one that nobody knows here, but for no number in disguise.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "http":
        return
    proxy = proxy_of(url, where)
    try:
        addresses_of(host, parts.port or 443)
    except InsideNetwork as error:
        raise refuse("E-SEC-023", where, Exit.SOURCE, host=error.host, found=error.found) from None
    except OSError as error:
        if proxy and not NUMBER.fullmatch(host):
            return
        raise refuse("E-SRC-040", where, Exit.SOURCE, host=host, found=error.strerror or error) from None


def addresses_of(host: str, port: int) -> tuple[str, ...]:
    """The addresses a name resolves to, all of them outside, in the resolver's order; InsideNetwork, OSError where it has none."""
    try:
        entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label too long for a name
        raise socket.gaierror(f"no name: {error}") from None
    found = tuple(dict.fromkeys(str(entry[4][0]) for entry in entries))
    inside = sorted(address for address in found if not is_outside(address))
    if inside:
        raise InsideNetwork(host, ", ".join(inside))
    return found


def is_outside(address: str) -> bool:
    """Whether an IP address lies in the public network, and so does an IPv4 address that it carries."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    carried: list[Any] = []
    if ip.version == 6:
        if ip.is_site_local or (ip.is_reserved and ip not in TRANSLATED):  # reserved: IPv4 in dresses that nobody routes, too
            return False
        translated = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in TRANSLATED else None
        carried = [one for one in (ip.ipv4_mapped, ip.sixtofour, translated) if one]
    return all(one.is_global and not one.is_multicast for one in (ip, *carried))


def proxy_of(url: str, where: str) -> str | None:
    """The environment's proxy for an address, of http or https, else refused; loopback is never asked through one."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    said = None if is_loopback(host) or proxy_bypass(host) else getproxies().get(parts.scheme)
    if not said:
        return None
    proxy = said if "://" in said else f"http://{said}"
    if _is_sound(proxy) and proxy.lower().startswith(("http://", "https://")):
        return proxy
    names = (f"{parts.scheme}_proxy", f"{parts.scheme}_proxy".upper())
    variable = next((name for name in names if os.environ.get(name)), names[0])
    raise refuse("E-SEC-034", where, Exit.SOURCE, variable=variable, found=f"{proxy.partition('://')[0]}://...")


def _is_sound(url: str) -> bool:
    """Whether a URL names a server by a host that can be one and a port that is one."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname and httpx.URL(url).host) and parts.port != 0
    except (ValueError, httpx.InvalidURL):
        return False


def is_loopback(host: str | None) -> bool:
    """Whether a host names this machine by a loopback address."""
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"


def same_server(one: str, other: str) -> bool:
    """Whether two URLs name the same scheme, host and port; one that can't be read names none."""
    try:
        return server_of(one) == server_of(other)
    except ValueError:
        return False


def server_of(url: str) -> Server:
    """Scheme, host and port of a URL, the scheme's own port where none is said; ValueError where the port is none."""
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)


def same_site(host: str, other: str) -> bool:
    """Whether two hosts are one or lie below one parent of at least three labels: a.data.example.org and b.data.example.org."""
    parent = host.lower().partition(".")[2]
    return host.lower() == other.lower() or (parent.count(".") >= 2 and parent == other.lower().partition(".")[2])


def _root(root_url: str | None) -> str | None:
    return None if root_url is None else root_url.rstrip("/") + "/"
