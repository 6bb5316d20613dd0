"""Text as a phone shows it: escaped first, then links, mentions and the little markdown that robots may use."""

import re
from collections.abc import Callable

from markupsafe import Markup, escape

ANCHOR = re.compile(
    r'&lt;a\s+href=(?:&#34;|&#39;)(https?://[^\s"\'<>]+?)(?:&#34;|&#39;)\s*&gt;(.*?)&lt;/a&gt;', re.S
)
LINK = re.compile(r"\[([^\[\]]+)\]\((https?://[^\s()<>]+)\)")
BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", re.S)
FONT = re.compile(
    r"&lt;font color=(?:&#34;|&#39;)(info|comment|warning)(?:&#34;|&#39;)&gt;(.*?)&lt;/font&gt;", re.S
)
HEADING = re.compile(r"^#{1,6}\s+(.*)$", re.M)
QUOTE = re.compile(r"^&gt;\s?(.*)$", re.M)
MENTION = re.compile(r"@[^\s@&<，。：、]{1,20}")
Opener = Callable[[str], str]
"""Turns the address of a page into the address that opens it on this phone."""


def plain(text: str, opened: Opener, *, names: tuple[str, ...] = ()) -> Markup:
    """A message: its <a> links work, a mention of one of `names` stands out."""
    shown = str(escape(text))
    shown = ANCHOR.sub(lambda hit: _link(hit[1], hit[2], opened), shown)
    return Markup(_mentions(shown, names).replace("\n", "<br>"))


def markdown(text: str, opened: Opener) -> Markup:
    """What robots may write: bold, headings, quotes, three colours, links. Everything else is shown as it is."""
    shown = str(escape(text))
    shown = LINK.sub(lambda hit: _link(hit[2], hit[1], opened), shown)
    shown = BOLD.sub(r"<b>\1</b>", HEADING.sub(r"<b>\1</b>", shown))
    shown = QUOTE.sub(r'<span class="quote">\1</span>', shown)
    shown = FONT.sub(r'<span class="font-\1">\2</span>', shown)
    return Markup(shown.replace("\n", "<br>"))


def _link(address: str, words: str, opened: Opener) -> str:
    return f'<a href="{escape(opened(address.replace("&amp;", "&")))}">{words}</a>'


def _mentions(shown: str, names: tuple[str, ...]) -> str:
    wanted = {f"@{name}" for name in names if name}
    return MENTION.sub(lambda hit: f"<b class=at>{hit[0]}</b>" if hit[0] in wanted else hit[0], shown)
