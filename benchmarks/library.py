"""library/digests.toml: the digest of the library's numbers in every published version; a test holds it against the tables.

python -m benchmarks.library     `make readme`; other versions' digests stay as they were published
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from carbonsink import __version__
from carbonsink.base.library import PUBLISHED, numbers_digest
from carbonsink.base.topics import LIBRARY

PAGE = LIBRARY / PUBLISHED
HEAD = """# The digest of the library's numbers in every published version. Written by `make readme`; never edit it by hand.
# A run whose tables have another digest is stamped CUSTOM FACTORS on page one, and nothing of it is issued.
"""


def page(before: str = "") -> str:
    """The file, with this version's digest beside those that stood there before."""
    known = {version: one["numbers"] for version, one in tomllib.loads(before).items()} | {__version__: numbers_digest(LIBRARY)}
    return HEAD + "".join(f'\n["{version}"]\nnumbers = "{numbers}"\n' for version, numbers in known.items())


def write(path: Path = PAGE) -> None:
    """Write the file anew."""
    path.write_text(page(path.read_text(encoding="utf-8") if path.is_file() else ""), encoding="utf-8")


if __name__ == "__main__":
    write()
