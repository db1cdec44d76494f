"""What can go wrong with one answer: each action bends what a sound server would have given."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

from tests.faults.server import Action, Exchange, Reply

Page = dict[str, Any]


def status(code: int, body: bytes = b"<html>no</html>", **headers: str) -> Action:
    """Another status, with headers (Retry_After="1")."""
    return lambda x: x.send(Reply(code, {"Content-Type": "text/html"}, b"").but(body=body, **headers))


def redirect(to: str, code: int = 302) -> Action:
    return status(code, b"", Location=to)


def delay(seconds: float) -> Action:
    """The right answer, late."""

    def act(x: Exchange) -> None:
        x.wait(seconds)
        x.send(x.reply())

    return act


def hang(seconds: float = 4.0) -> Action:
    """Not one byte, for longer than anyone should wait."""

    def act(x: Exchange) -> None:
        x.wait(seconds)
        x.reset()

    return act


def drip(every: float, lasting: float = 5.0, size: int = 1) -> Action:
    """A few bytes at a time: no single wait is long, all together never end."""

    def act(x: Exchange) -> None:
        reply = x.reply()
        x.head(reply)
        for at in range(0, len(reply.body), size):
            if at * every / size > lasting or x.wait(every):
                return x.reset()
            x.write(reply.body[at : at + size])
        return None

    return act


def slow(bytes_per_second: float, piece: int = 4096) -> Action:
    """The right answer at the speed of a thin line."""
    return drip(piece / bytes_per_second, 1e9, piece)


def reset(after: int | None = None) -> Action:
    """RST before the headers, or after so many bytes of the body."""

    def act(x: Exchange) -> None:
        if after is not None:
            reply = x.reply()
            x.head(reply)
            x.write(reply.body[:after])
        x.reset()

    return act


def cut(after: int) -> Action:
    """The connection ends in the middle of the body."""

    def act(x: Exchange) -> None:
        reply = x.reply()
        x.head(reply)
        x.write(reply.body[:after])
        x.close()

    return act


def length(more: int) -> Action:
    """A Content-Length that is too long (or too short) by so many bytes."""

    def act(x: Exchange) -> None:
        reply = x.reply()
        x.head(reply.but(Content_Length=str(len(reply.body) + more)))
        x.write(reply.body[: len(reply.body) + min(more, 0)])
        x.close()

    return act


def no_length(after: int | None = None) -> Action:
    """No Content-Length: the body ends with the connection, whole or after so many bytes."""

    def act(x: Exchange) -> None:
        reply = x.reply()
        x.send(reply.but(body=reply.body[:after], Content_Length=None))

    return act


def ignore_range() -> Action:
    """200 and the whole file, whatever part was asked for."""

    def act(x: Exchange) -> None:
        x.asked.headers.pop("range", None)
        x.send(x.reply())

    return act


def wrong_range(shift: int, admitted: bool) -> Action:
    """A part that begins elsewhere; its Content-Range admits it or claims to be the part asked for."""

    def act(x: Exchange) -> None:
        reply = x.reply()
        if reply.status != 206 or x.content is None:
            return x.send(reply)
        start = int(reply.headers["Content-Range"].removeprefix("bytes ").partition("-")[0])
        end, total = start + len(reply.body), len(x.content.body)
        other = (x.content.body * 2)[start + shift : end + shift]
        said = f"bytes {start + shift}-{end + shift - 1}/{total}" if admitted else reply.headers["Content-Range"]
        return x.send(reply.but(body=other, Content_Range=said))

    return act


def body(bend: Callable[[bytes], bytes], **headers: str | None) -> Action:
    """Another body in place of the right one, in its length."""

    def act(x: Exchange) -> None:
        reply = x.reply()
        x.send(reply.but(body=bend(reply.body), **headers))

    return act


def html(code: int = 200) -> Action:
    """A login page where a file should be."""
    return status(code, b"<html><body>Please log in &amp; accept \x1b[31mour terms</body></html>")


def etag(value: str) -> Action:
    """The right bytes under another ETag: the file isn't what it was."""

    def act(x: Exchange) -> None:
        reply = x.reply()
        if "if-range" in x.asked.headers:
            x.asked.headers.pop("range", None)
            reply = x.reply()
        x.send(reply.but(ETag=value))

    return act


def gzipped(after: int | None = None, bomb: int = 0) -> Action:
    """Content-Encoding gzip nobody asked for: cut short, or one that swells to so many bytes."""

    def act(x: Exchange) -> None:
        packed = gzip.compress(b" " * bomb + x.reply().body, 6)
        x.send(x.reply().but(body=packed[:after], Content_Encoding="gzip"))

    return act


def chunks_of_one(x: Exchange) -> None:
    """The right answer in chunks of one byte each."""
    reply = x.reply().but(Content_Length=None, Transfer_Encoding="chunked")
    x.head(reply)
    step = 1 if len(reply.body) < 20_000 else 61
    for at in range(0, len(reply.body), step):
        piece = reply.body[at : at + step]
        x.write(b"%x\r\n%s\r\n" % (len(piece), piece))
    x.write(b"0\r\n\r\n")


def page(bend: Callable[[Page], Page]) -> Action:
    """A page of a search, bent."""
    return body(lambda data: json.dumps(bend(json.loads(data))).encode())


def emptied(found: Page) -> Page:
    """A page without items, its link to the next kept."""
    return found | {"features": []}


def unlinked(found: Page) -> Page:
    """A page that lost its link to the next."""
    return found | {"links": [link for link in found["links"] if link["rel"] != "next"]}


def linked(href: str) -> Callable[[Page], Page]:
    """A page whose next link leads elsewhere."""
    return lambda found: found | {"links": [{"rel": "next", "href": href, "method": "GET"}]}


def matching(count: int) -> Callable[[Page], Page]:
    """A page that counts otherwise."""
    return lambda found: found | {"numberMatched": count}


def first_item(**properties: Any) -> Callable[[Page], Page]:
    """A page whose first item has other properties."""

    def bend(found: Page) -> Page:
        first, *others = found["features"]
        return found | {"features": [first | {"properties": first["properties"] | properties}, *others]}

    return bend


def with_items(*more: Page) -> Callable[[Page], Page]:
    """A page with items of another page besides its own."""
    return lambda found: found | {"features": [*found["features"], *more]}
