"""What mkdocs does besides: links out of docs/ lead to the repository's text, every page of docs/ gets its place, equations need no script.

Used by mkdocs.yml as a hook. In: pages as Markdown. Out: the same, with links to files outside docs/ written as plain paths, since the
site is read where there is no network, and equations as MathML.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent.parent / "docs"
LINK = re.compile(r"\[([^\]]+)\]\(((?:\.\./)+[^)#]+)(?:#[^)]*)?\)")
FORMULA = re.compile(r"^\$\$\n(.*?)\n\$\$$", re.MULTILINE | re.DOTALL)
LETTER = re.compile(r"(?<=\| )\$([^$\n]+)\$(?= \|)")  # a cell of a table


def on_files(files: Any, config: Any) -> Any:
    """The pages that are made from the library, among those that were written."""
    from mkdocs.structure.files import File

    from benchmarks import factor_tables, notebook

    for name, module in (("factor-tables.md", factor_tables), ("notebook.md", notebook)):
        files.append(File.generated(config, name, content=module.page()))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """A page whose links lead nowhere outside the site."""
    here = (DOCS / page.file.src_uri).parent

    def plain(found: re.Match[str]) -> str:
        target = (here / found[2]).resolve()
        if target.is_relative_to(DOCS):
            return found[0]
        path = f"`{target.relative_to(DOCS.parent)}`"
        return path if found[1] == path else f"{found[1]} ({path})"

    return mathematics(LINK.sub(plain, markdown))


def mathematics(markdown: str) -> str:
    """LaTeX between dollars, as a paragraph or a cell of a table, as MathML."""
    from latex2mathml.converter import convert

    spelled = FORMULA.sub(lambda found: f"<div>{convert(found[1], display='block')}</div>", markdown)
    return LETTER.sub(lambda found: convert(found[1]), spelled)


def on_nav(nav: Any, config: Any, files: Any) -> Any:
    """Pages that nobody put into the navigation stand at its end, so that a new page is never lost."""
    from mkdocs.structure.nav import Section

    lost = [file.page for file in files.documentation_pages() if file.page is None or file.page not in nav.pages]
    more = [page for page in lost if page is not None and "decisions" not in page.file.src_uri]
    if more:
        nav.items.append(Section("其他 · More", more))
        nav.pages.extend(more)
    return nav
