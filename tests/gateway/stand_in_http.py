"""The HTTP side of the stand-in: what an answer can be, what is recorded, and the server that gives it."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl


@dataclass(frozen=True)
class Reply:
    """One scripted answer. `accept` says whether the stand-in itself keeps the message as sent, whatever it answers.

    Without `json` and `body` a 201 is an acceptance. `drip` and `drip_headers` are the seconds between two bytes.
    """

    status: int = 201
    json: Any = None
    body: str | bytes | None = None
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drip: float = 0.0
    drip_headers: float = 0.0
    hang: bool = False  # read the request, answer nothing until the client or the stand-in goes away
    reset: bool = False  # read the request, then reset the connection
    cut: int | None = None  # send this many bytes of the body, then close
    accept: bool | None = None  # None: accepted when the answer says so

    @property
    def takes(self) -> bool:
        if self.accept is not None:
            return self.accept
        return self.status == 201 and self.json is None and self.body is None and not self.hang and not self.reset


@dataclass(frozen=True)
class Request:
    """What arrived: header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    form: dict[str, str]
    at: float


@dataclass(frozen=True)
class Accepted:
    """A message the stand-in keeps as sent."""

    id: str
    to: str
    text: str
    at: float


def recipient(to: str, code: int = 101, status: str = "Success", message_id: str = "None", cost: str = "0", **more: Any) -> dict[str, Any]:
    """One entry of an answer."""
    return {"statusCode": code, "number": to, "cost": cost, "status": status, "messageId": message_id, **more}


def answer(*recipients: dict[str, Any], message: str = "Sent to 1/1 Total Cost: KES 0.8000 Message parts: 1") -> dict[str, Any]:
    """The JSON of an answer."""
    return {"SMSMessageData": {"Message": message, "Recipients": list(recipients)}}


Take = Callable[[Request], tuple[Reply, Accepted | None]]


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, take: Take, stopping: threading.Event, tls: ssl.SSLContext | None) -> None:
        self.take, self.stopping, self.connections = take, stopping, 0
        self._open: set[Any] = set()
        super().__init__(("127.0.0.1", port), _Handler)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        request.close()  # without a FIN first, so that a reset is a reset

    def close_all(self) -> None:
        for request in list(self._open):
            with contextlib.suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients go away in the middle: that is what they are here for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        form = dict(parse_qsl(body, keep_blank_values=True))
        reply, taken = self.server.take(Request(self.command, self.path, headers, form, time.time()))
        stopping = self.server.stopping
        stopping.wait(reply.delay)
        if reply.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if reply.hang:
            self._hang(stopping)
        if reply.reset or reply.hang:
            self.close_connection = True
            return
        self._answer(reply, self._body(reply, form, taken))

    def _hang(self, stopping: threading.Event) -> None:
        self.connection.settimeout(0.05)
        while not stopping.is_set():
            try:
                if not self.connection.recv(1):
                    return
            except TimeoutError:
                continue
            except OSError:
                return

    @staticmethod
    def _body(reply: Reply, form: dict[str, str], taken: Accepted | None) -> bytes:
        if reply.body is not None:
            return reply.body if isinstance(reply.body, bytes) else reply.body.encode()
        if reply.json is not None:
            return json.dumps(reply.json).encode()
        if taken is None:
            return b""
        return json.dumps(answer(recipient(form.get("to", ""), message_id=taken.id, cost="KES 0.8000"))).encode()

    def _answer(self, reply: Reply, body: bytes) -> None:
        headers = {"Content-Type": reply.content_type, "Content-Length": str(len(body)), **reply.headers}
        lines = [f"HTTP/1.1 {reply.status} Scripted", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        self._write("\r\n".join(lines).encode(), reply.drip_headers)
        self._write(body[: reply.cut], reply.drip)
        self.close_connection = self.close_connection or reply.cut is not None

    def _write(self, data: bytes, pause: float) -> None:
        try:
            for part in [data[at : at + 1] for at in range(len(data))] if pause else [data]:
                self.wfile.write(part)
                if pause and self.server.stopping.wait(pause):
                    break
        except OSError:
            self.close_connection = True
