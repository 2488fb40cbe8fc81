"""Reads the site's pages for the tests: a strict parser that knows what is open, and the text of a page."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "br", "link", "img", "hr", "input"}


class Page(HTMLParser):
    """The elements, links, tables and text of a page. Raises AssertionError for an element that is not closed."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.rows: list[list[str]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(source)
        self.close()
        assert self._open == [], f"not closed: {self._open}"

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attributes}))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        opened = self._open.pop()
        assert opened == tag, f"<{opened}> closed by </{tag}>"

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            return
        self.text += data
        if {"td", "th"} & set(self._open):
            self.rows[-1][-1] += data

    @property
    def names(self) -> set[str]:
        """The elements used."""
        return {tag for tag, _ in self.tags}

    @property
    def links(self) -> list[str]:
        """Where the links lead."""
        return [attributes["href"] for tag, attributes in self.tags if tag == "a"]

    def definitions(self) -> dict[str, str]:
        """Rows of two cells and more: the first cell, and the rest."""
        return {row[0].strip(): " ".join(cell.strip() for cell in row[1:]) for row in self.rows}
