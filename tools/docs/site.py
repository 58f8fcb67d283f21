"""Check the built site: no broken link or anchor, and no asset from another server."""

from html.parser import HTMLParser
from pathlib import Path
from typing import override
from urllib.parse import unquote, urlsplit

ASSETS = {
    "audio": "src",
    "embed": "src",
    "iframe": "src",
    "image": "href",
    "img": "src",
    "link": "href",
    "object": "data",
    "script": "src",
    "source": "src",
    "use": "href",
    "video": "src",
}
"""The attribute that contains the URL of an asset, by the element that loads it."""
REMOTE = ("@import", "url(http", "url('http", 'url("http', "url(//")
"""Parts of CSS that may load something from another server."""


class Page(HTMLParser):
    """The links, the assets and the anchors of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.assets: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text())

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.anchors |= {values[name] for name in ("id", "name") if name in values}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        loads = values.get(ASSETS.get(tag, ""), "")
        if loads and not (tag == "link" and values.get("rel") in {"canonical", "next", "prev"}):
            self.assets.append(loads)


def check(folder: Path) -> list[str]:
    """Return a complaint for each broken link and each asset that is remote or missing."""
    pages = {path: Page(path) for path in sorted(folder.rglob("*.html"))}
    wrong = []
    for path, page in pages.items():
        name = path.relative_to(folder)
        wrong += [f"{name}: the link {link} leads nowhere" for link in page.links if not _leads(pages, path, link)]
        wrong += [f"{name}: the asset {asset} is remote or missing" for asset in page.assets if not _own(path, asset)]
    for path in sorted(folder.rglob("*.css")):
        text = path.read_text()
        wrong += [f"{path.relative_to(folder)}: it loads {mark}…" for mark in REMOTE if mark in text]
    if not pages:
        wrong.append(f"{folder} has no page")
    return wrong


def _leads(pages: dict[Path, Page], path: Path, link: str) -> bool:
    """Tell whether a link leads to another server, or to a page and an anchor that exist."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    if parts.path.startswith("/"):  # allowed in 404.html only, which may be served at any path
        return path.name == "404.html"
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if target.is_dir():
        target /= "index.html"
    if target not in pages:
        return target.exists() and not parts.fragment
    return not parts.fragment or unquote(parts.fragment) in pages[target].anchors


def _own(path: Path, asset: str) -> bool:
    """Tell whether an asset is part of the site, or is embedded in the page."""
    parts = urlsplit(asset)
    if parts.scheme == "data" or (not parts.path and not parts.netloc):
        return True
    if parts.scheme or parts.netloc:
        return False
    return parts.path.startswith("/") or (path.parent / unquote(parts.path)).resolve().exists()
