"""What a provider asks for besides the address: nothing, a signature (SAS), or a token (bearer). None of it is ever written.

none     https://host/x.tif                      no header
sas      https://host/x.tif?sig=...              from the provider's signing service, kept until it ends, asked for again after 401 or 403
bearer   https://host/x.tif                      Authorization: Bearer <token of an environment variable>, to the provider's own hosts only
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

from carbonsink.base.problems import Exit, refuse
from carbonsink.declared.sensor import Dialect
from carbonsink.scenes.address import Server, plain, same_server, same_site, server_of

EARLY = 60.0  # seconds before its end that a signature is renewed
KEY = "Ocp-Apim-Subscription-Key"  # the header of an account's key, where the provider's signing service knows accounts
CONTAINER = "c"  # `sr` of a signature that opens a whole container, not one file
Ask = Callable[[str, dict[str, str], str], Any]  # address, headers, place -> JSON


class Credentials(Protocol):
    """How a request is dressed, and whether new clothes may help."""

    @property
    def servers(self) -> frozenset[Server]:
        """Servers that are asked besides those of the files."""

    def dress(self, url: str, where: str) -> tuple[str, dict[str, str]]:
        """The address to ask and the headers to send."""

    def renew(self, url: str) -> bool:
        """Forget what was refused; whether asking again makes sense."""


class Open:
    """A provider that asks for nothing."""

    servers: frozenset[Server] = frozenset()

    def dress(self, url: str, where: str) -> tuple[str, dict[str, str]]:
        """The address itself."""
        return url, {}

    def renew(self, url: str) -> bool:
        """There is nothing to renew."""
        return False


@dataclass(frozen=True)
class Bearer:
    """A token of the environment, sent to the provider's own hosts and to nobody else."""

    catalogue: str  # address of the provider's STAC API
    variable: str
    hosts: tuple[str, ...] = ()  # besides the API's own site
    servers: frozenset[Server] = frozenset()

    def dress(self, url: str, where: str) -> tuple[str, dict[str, str]]:
        """The address with the token beside it; refused where it isn't set or the host is another's."""
        host, site = server_of(url)[1], server_of(self.catalogue)[1]
        if host not in self.hosts and not same_site(host, site):
            raise refuse("E-SEC-032", where, Exit.SOURCE, host=host, site=site, variable=self.variable)
        token = os.environ.get(self.variable, "").strip()
        if not token:
            raise refuse("E-SRC-043", where, Exit.SOURCE, host=host, variable=self.variable)
        return url, {"Authorization": f"Bearer {token}"}

    def renew(self, url: str) -> bool:
        """The environment has no other token."""
        return False


@dataclass(frozen=True)
class Signature:
    """The query of a signed address, and when it ends."""

    query: str
    end: datetime

    @property
    def fresh(self) -> bool:
        """Whether it lasts a while yet."""
        return (self.end - datetime.now(UTC)).total_seconds() > EARLY


class Signed:
    """Signatures of a signing service, one per container where they open containers, kept while they last."""

    def __init__(self, service: str, ask: Ask, variable: str | None) -> None:
        self._service, self._ask, self._variable = service, ask, variable
        self.servers = frozenset({server_of(service)})
        self._kept: dict[str, Signature] = {}
        self._lock = threading.RLock()  # the signing service may refuse us while we ask it

    def dress(self, url: str, where: str) -> tuple[str, dict[str, str]]:
        """The address with its signature; one thread asks, the others wait for its answer."""
        if plain(url) == plain(self._service):  # the question itself
            return url, {}
        with self._lock:
            signature = next((kept for key in (_container(url), url) if (kept := self._kept.get(key)) and kept.fresh), None)
            if signature is None:
                signature = self._sign(url, where)
                wide = parse_qs(signature.query).get("sr") == [CONTAINER]
                self._kept[_container(url) if wide else url] = signature
        return urlunsplit(urlsplit(url)._replace(query=signature.query)), {}

    def renew(self, url: str) -> bool:
        """Forget the signature of an address."""
        with self._lock:
            return sum(self._kept.pop(key, None) is not None for key in (_container(url), url)) > 0

    def _sign(self, url: str, where: str) -> Signature:
        key = os.environ.get(self._variable or "", "").strip()
        answer = self._ask(self._service.replace("{href}", quote(url, safe="")), {KEY: key} if key else {}, where)
        try:
            signed, end = str(answer["href"]), _time(answer.get("msft:expiry"))
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise refuse("E-SRC-044", where, Exit.SOURCE, service=plain(self._service), found=f"{type(error).__name__} {error}") from None
        if not same_server(signed, url) or urlsplit(signed).path != urlsplit(url).path:
            raise refuse("E-SEC-031", where, Exit.SOURCE, service=plain(self._service), found=plain(signed))
        return Signature(urlsplit(signed).query, end)


def credentials_of(dialect: Dialect, ask: Ask) -> Credentials:
    """What a dialect asks for; `ask` asks its signing service."""
    if dialect.credentials == "sas" and dialect.sign_url:
        return Signed(dialect.sign_url, ask, dialect.token_variable)
    if dialect.credentials == "bearer" and dialect.token_variable:
        return Bearer(dialect.catalogue, dialect.token_variable, tuple(dialect.token_hosts))
    return Open()


def _container(url: str) -> str:
    """The container of a blob's address: its server and the first part of its path."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/{parts.path.lstrip('/').partition('/')[0]}"


def _time(text: Any) -> datetime:
    """When a signature ends; one that doesn't say so is good for one use."""
    if text is None:
        return datetime.now(UTC)
    end = datetime.fromisoformat(str(text))
    return end if end.tzinfo else end.replace(tzinfo=UTC)
