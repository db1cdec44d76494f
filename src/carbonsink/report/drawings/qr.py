"""QR codes as inline SVG: a text in, `<svg>` markup out, the same each time (ISO/IEC 18004 by segno)."""

from __future__ import annotations

import io
from html import escape

import segno

LEVEL = "M"  # restores 15 % of the code: a stamp or a fold over a corner of the printed page


def qr_svg(text: str, alt: str = "") -> str:
    """A QR code of `text` as one `<svg>` element without an XML head; its size comes from the page that shows it (class `qr`).

    `alt` tells those who can't see it what it is.

    A ValueError where the text is longer than a QR code holds (about 2,300 bytes at this level).
    """
    drawn = io.BytesIO()
    segno.make(text, error=LEVEL, micro=False, boost_error=False).save(
        drawn, kind="svg", xmldecl=False, svgns=True, omitsize=True, nl=False, svgclass="qr", lineclass=None, border=4
    )
    told = f'<svg role="img" aria-label="{escape(alt)}" ' if alt else "<svg "
    return drawn.getvalue().decode().replace("<svg ", told, 1)
