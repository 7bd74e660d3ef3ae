"""A witness on the network: its two addresses, over plain HTTP; whoever wants more puts a proxy before it."""

from __future__ import annotations

import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import structlog
from typing_extensions import override

from service.proof.folder import FolderDamaged, write_durably
from service.proof.notes import COSIGNATURE, NoteRefused, SigningKey
from service.proof.witness import LONGEST_REQUEST, Answer, Witness

SILENCE: Final = 10.0
"""Seconds after which a caller who says nothing is left."""
_MONITOR: Final = re.compile(r"/([0-9a-f]{64})/checkpoint")
log = structlog.get_logger(__name__)


class WitnessServer(ThreadingHTTPServer):
    """Answers for one witness."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], witness: Witness) -> None:
        super().__init__(address, _Handler)
        self.witness = witness


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: WitnessServer
    protocol_version = "HTTP/1.1"
    timeout = SILENCE

    def do_POST(self) -> None:
        """`add-checkpoint`."""
        length = self.headers.get("Content-Length", "")
        if self.path != "/add-checkpoint":
            self._refuse(404, "POST to /add-checkpoint\n")
        elif not re.fullmatch(r"[0-9]{1,6}", length) or int(length) > LONGEST_REQUEST:
            self._refuse(413 if length else 411, "send the length of a request, and no more than it takes\n")
        else:
            answer = self.server.witness.add_checkpoint(self.rfile.read(int(length)))
            log.info("checkpoint_asked", status=answer.status)
            self._say(answer)

    def do_GET(self) -> None:
        """The newest checkpoint of a log."""
        asked = _MONITOR.fullmatch(self.path)
        self._say(self.server.witness.checkpoint(asked[1]) if asked else Answer(404, "no such address\n"))

    def _refuse(self, status: int, text: str) -> None:
        self.close_connection = True  # the rest of the request was not read
        self._say(Answer(status, text))

    def _say(self, answer: Answer) -> None:
        body = answer.text.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Said by our own log, without addresses."""


def witness_key(folder: Path, name: str) -> SigningKey:
    """The witness's key, made when it first starts."""
    file = folder / "witness-key"
    if file.exists():
        try:
            key = SigningKey.read(file.read_text(encoding="utf-8"))
        except NoteRefused as refused:
            raise FolderDamaged(f"{file} is damaged ({refused}): restore it from its copy") from refused
        if key.name != name:
            raise FolderDamaged(f"{file} is the key of {key.name}: start it under that name, or with another folder")
        return key
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = SigningKey.generate(name, COSIGNATURE)
    write_durably(file, key.secret_text())
    return key
