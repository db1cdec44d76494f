"""What mkdocs does besides: links out of docs/ lead to the repository's text, every page of docs/ gets its place, equations need no script.

Used by mkdocs.yml as a hook. In: pages as Markdown. Out: the same, with links to files outside docs/ written as plain paths, since the
site is read where there is no network.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent.parent / "docs"
LINK = re.compile(r"\[([^\]]+)\]\(((?:\.\./)+[^)#]+)(?:#[^)]*)?\)")
FORMULA = re.compile(r"^\$\$\n(.*?)\n\$\$$", re.MULTILINE | re.DOTALL)


def on_files(files: Any, config: Any) -> Any:
    """The pages that are made from the library, among those that were written."""
    from mkdocs.structure.files import File

    from benchmarks.factor_tables import page

    files.append(File.generated(config, "factor-tables.md", content=page()))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """A page whose links lead nowhere outside the site."""
    here = (DOCS / page.file.src_uri).parent

    def plain(found: re.Match[str]) -> str:
        target = (here / found[2]).resolve()
        return found[0] if target.is_relative_to(DOCS) else f"{found[1]} (`{target.relative_to(DOCS.parent)}`)"

    return FORMULA.sub(r"```latex\n\1\n```", LINK.sub(plain, markdown))


def on_nav(nav: Any, config: Any, files: Any) -> Any:
    """Pages that nobody put into the navigation stand at its end, so that a new page is never lost."""
    from mkdocs.structure.nav import Section

    lost = [file.page for file in files.documentation_pages() if file.page is None or file.page not in nav.pages]
    more = [page for page in lost if page is not None and "decisions" not in page.file.src_uri]
    if more:
        nav.items.append(Section("其他 · More", more))
        nav.pages.extend(more)
    return nav
