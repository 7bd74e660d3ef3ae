"""OFX 1.x: a header of `NAME:VALUE` lines, then SGML whose values are not closed."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from service.banking.markup import MAX_DEPTH, Element
from service.banking.statements import StatementRefused

_HEADER = re.compile(rb"\s*OFXHEADER\s*:\s*100\b")
_NAMED = re.compile(rb"^\s*([A-Z]+)\s*:\s*(\S+)\s*$", re.MULTILINE)
_TAG = re.compile(r"<(/?)([A-Za-z0-9._]+)>([^<]*)")
_ENTITY = re.compile(r"&(amp|lt|gt|nbsp|#\d{1,6});")
_CHARSETS = {"1252": "cp1252", "8859-1": "iso-8859-1", "ISO-8859-1": "iso-8859-1", "UTF-8": "utf-8"}
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class _Tag:
    name: str
    closes: bool
    text: str
    line: int


def read_sgml(data: bytes) -> Element:
    """The root of an OFX 1.x file."""
    start = data.find(b"<")
    header = data[: max(start, 0)].removeprefix(b"\xef\xbb\xbf")
    if not _HEADER.match(header):
        raise StatementRefused("this is no OFX: it begins with no OFXHEADER", line=1)
    named = {name: value.decode("ascii", "replace") for name, value in _NAMED.findall(header)}
    text = _decoded(data[start:], named)
    return _root(_without_comments(text), 1 + header.count(b"\n"))


def _decoded(body: bytes, named: dict[bytes, str]) -> str:
    charset = named.get(b"CHARSET", "NONE").upper()
    encoding = named.get(b"ENCODING", "USASCII").upper()
    codec = "utf-8" if encoding in {"UTF-8", "UNICODE"} else _CHARSETS.get(charset, "cp1252")
    try:
        text = body.decode(codec)
    except UnicodeDecodeError as error:
        line = 1 + body[: error.start].count(b"\n")
        raise StatementRefused(f"a character is not in {codec}, as the header promises", line=line) from None
    if _UNSTORABLE.search(text):
        raise StatementRefused("the file holds control characters, which are no text")
    return text


def _without_comments(text: str) -> str:
    """What comments say is for people; the lines that they took stay, so that a refusal names the right one."""
    kept: list[str] = []
    reached = 0
    while (opens := text.find("<!--", reached)) >= 0 and (closes := text.find("-->", opens + 4)) >= 0:
        kept += [text[reached:opens], "\n" * text.count("\n", opens, closes)]
        reached = closes + 3
    return "".join([*kept, text[reached:]])


def _root(text: str, first_line: int) -> Element:
    """The tree: a tag with text is a value; one without is closed, or empty, which only its parent's end tells."""
    document = Element("", first_line)
    opened = [document]
    for tag in _tags(text, first_line):
        if tag.closes:
            _close(opened, tag)
            continue
        element = Element(tag.name, tag.line, text=tag.text)
        opened[-1].children.append(element)
        opened.append(element)
        if len(opened) > MAX_DEPTH * 4:
            raise StatementRefused("too many elements are left open", line=tag.line)
        if tag.text:
            opened.pop()
    if len(opened) > 1 or len(document.children) != 1:
        raise StatementRefused("the file ends before it is complete; download it again", line=opened[-1].line)
    return document.children[0]


def _tags(text: str, first_line: int) -> Iterator[_Tag]:
    ends = [match.start() for match in re.finditer("\n", text)]
    reached, valued = 0, ""
    for match in _TAG.finditer(text):
        line = first_line + bisect_right(ends, match.start())
        if text[reached : match.start()].strip():
            raise StatementRefused("this is no tag; download the file again", line=line)
        reached = match.end()
        name = match[2].upper()
        closes = bool(match[1])
        said = _ENTITY.sub(lambda found: unescape(found[0]), match[3]).strip()
        if closes and said:
            raise StatementRefused("text stands after a closing tag; download the file again", line=line)
        if not (closes and name == valued):
            yield _Tag(name, closes, said, line)
        valued = name if said else ""
    if text[reached:].strip():
        raise StatementRefused("the file ends before it is complete; download it again", line=first_line + len(ends))


def _close(opened: list[Element], tag: _Tag) -> None:
    """Ends an element; what was left open in it had no value, and what seemed to stand in that stands beside it."""
    if not any(element.name == tag.name for element in opened[1:]):
        raise StatementRefused(f"{tag.name} is closed and was never opened; download the file again", line=tag.line)
    while (element := opened.pop()).name != tag.name:
        opened[-1].children += element.children
        element.children = []
