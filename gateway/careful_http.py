"""HTTP calls that end in time and say whether the request can have reached the other side.

A timeout of `requests` is one per read: an answer dripped byte by byte goes on for ever. Here connecting has its own limit
and everything after it, headers and body, shares one deadline. An error while connecting (name, TCP, TLS, proxy) is
`NotSent`; any later one is `MaybeSent`. Neither carries the URL, the headers or the data.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError

CONNECT_SECONDS = 3.05  # a little over three: the first SYN may be lost once
IDLE_SECONDS = 4.0  # servers drop quiet connections after five seconds or more; a request sent into such a one is lost
BODY_MAX = 64 * 1024


class NotSent(Exception):
    """No byte of the request left: safe to try again."""


class MaybeSent(Exception):
    """The request left, at least in part, and no status line came back."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body; the body is None when it broke off, came too slowly, was too long or was not wanted."""

    status: int
    body: bytes | None
    retry_after: int | None = None


class CarefulSession(requests.Session):
    """A pool of connections for many threads: no redirects, no cookies, one deadline a call."""

    def __init__(self, base_url: str, pool: int = 32) -> None:
        super().__init__()
        self.mount("http://", _Adapter(pool_connections=1, pool_maxsize=pool))
        self.mount("https://", _Adapter(pool_connections=1, pool_maxsize=pool))
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # a proxy from the environment is right for the internet and wrong for a stand-in on this machine
        self.trust_env = urlsplit(base_url).hostname not in ("127.0.0.1", "localhost", "::1")

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Never: requests would carry a key in a header of our own to whatever host the answer names."""
        return None

    def call(self, method: str, url: str, seconds: float, **parts: Mapping[str, Any] | None) -> Answer:
        """One request; `seconds` is the deadline for all of it, once the name is resolved."""
        timeout: Any = Timeout(connect=CONNECT_SECONDS, total=seconds)
        try:
            response = self.request(method, url, timeout=timeout, stream=True, allow_redirects=False, **parts)  # type: ignore[arg-type]
        except (requests.RequestException, HTTPError) as error:
            raise (NotSent if _before_sending(error) else MaybeSent) from None
        with response:
            return Answer(response.status_code, _body(response), _seconds(response.headers.get("Retry-After", "")))


def _before_sending(error: Exception) -> bool:
    """A proxy error is one before the request, an unusable URL or header is found before connecting."""
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ProxyError | ValueError):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError | ConnectTimeoutError)


def _body(response: requests.Response) -> bytes | None:
    """The body, if the status makes it matter and all of it comes in time and size."""
    if not (200 <= response.status_code < 300 or response.status_code == 409):
        return None
    body = b""
    try:
        for chunk in response.iter_content(8192):
            body += chunk
            if len(body) > BODY_MAX:
                return None
    except (requests.RequestException, HTTPError, OSError):
        return None
    return body


def _seconds(retry_after: str) -> int | None:
    """The seconds form of Retry-After, at most an hour; the date form is rare and a wrong clock makes it harmful."""
    return min(int(retry_after), 3600) if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 10 else None


class _TimedReads(io.RawIOBase):
    """Reads of a socket that together take no longer than the timeout the socket has at the start."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._file = sock.makefile("rb", buffering=0)
        self._end = time.monotonic() + (sock.gettimeout() or CONNECT_SECONDS)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self._sock.settimeout(left)
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


class _TimedAnswer(http.client.HTTPResponse):
    """An answer of the standard library whose status line, headers and body share one deadline."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_TimedReads(sock))


class _Connection(HTTPConnection):
    """Tells failures to connect from later ones, and is not used again after a rest."""

    response_class = _TimedAnswer
    _used = 0.0

    def connect(self) -> None:
        begin = time.monotonic()
        try:
            super().connect()
        except (NewConnectionError, ConnectTimeoutError):
            raise
        except Exception as error:  # TLS and proxy tunnels fail in many ways; all of them before the request
            raise NewConnectionError(self, type(error).__name__) from error
        self._used = time.monotonic()
        if self._used - begin > 2 * CONNECT_SECONDS:  # a slow name server, many addresses: too little time is left for an answer
            raise NewConnectionError(self, "connecting took too long")

    def getresponse(self) -> Any:
        response = super().getresponse()
        self._used = time.monotonic()
        return response

    @property
    def is_connected(self) -> bool:
        return super().is_connected and time.monotonic() - self._used < IDLE_SECONDS


class _TlsConnection(_Connection, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _Adapter(HTTPAdapter):
    """Requests' adapter with our connections, direct or through a proxy. It never repeats a request."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
        return manager
