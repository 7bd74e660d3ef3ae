"""XML from outside, read without trust: no document type, no entity, no endless depth; each element knows its line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from service.banking.statements import StatementRefused

MAX_DEPTH = 64
NAMESPACE_MARK = "\n"


@dataclass(slots=True)
class Element:
    """An element of a document: its namespace apart from its name, its attributes, its text, what stands in it."""

    name: str
    line: int
    namespace: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, name: str) -> list[Element]:
        """The elements of that name in it."""
        return [child for child in self.children if child.name == name]

    def maybe(self, *path: str) -> Element | None:
        """The element at the end of a path, each step of it there at most once."""
        found = self
        for name in path:
            here = found.all(name)
            if len(here) > 1:
                raise StatementRefused(f"{name} stands here twice; ask the bank for the file anew", line=here[1].line)
            if not here:
                return None
            found = here[0]
        return found

    def one(self, *path: str) -> Element:
        """The element at the end of a path, which the format asks for."""
        found = self.maybe(*path)
        if found is None:
            where = f"{self.name} has no {'/'.join(path)}"
            raise StatementRefused(f"{where}; ask the bank for the file anew", line=self.line)
        return found

    def says(self, *path: str) -> str | None:
        """The text at the end of a path; None where there is none."""
        found = self.maybe(*path)
        return None if found is None else found.text.strip() or None

    def within(self, name: str) -> Iterator[Element]:
        """Every element of that name, at whatever depth."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.within(name)


def read_xml(data: bytes, encoding: str | None = None) -> Element:
    """The root of an XML document, in the encoding that it declares unless the format knows better."""
    reader = _Reader(encoding)
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise StatementRefused(f"this is no XML: {expat.ErrorString(error.code)}", line=error.lineno) from None
    except (LookupError, ValueError):
        raise StatementRefused("this XML is in an encoding that nobody knows; ask the bank for UTF-8") from None
    return reader.document.children[0]


class _Reader:
    """Builds the tree, and refuses all by which a document could be more than it shows."""

    def __init__(self, encoding: str | None) -> None:
        self.document = Element("", 1)
        self._open = [self.document]
        self._texts: list[list[str]] = [[]]
        self.parser = parser = expat.ParserCreate(encoding, NAMESPACE_MARK)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.ExternalEntityRefHandler = self._refuse

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) > MAX_DEPTH:
            raise StatementRefused(
                f"elements stand in one another {MAX_DEPTH} deep", line=self.parser.CurrentLineNumber
            )
        namespace, _, local = name.rpartition(NAMESPACE_MARK)
        element = Element(local, self.parser.CurrentLineNumber, namespace, attributes)
        self._open[-1].children.append(element)
        self._open.append(element)
        self._texts.append([])

    def _end(self, _name: str) -> None:
        self._open.pop().text = "".join(self._texts.pop())

    def _data(self, text: str) -> None:
        self._texts[-1].append(text)

    def _refuse(self, *_declared: object) -> NoReturn:
        raise StatementRefused(
            "a bank statement declares no document type and no entities", line=self.parser.CurrentLineNumber
        )
