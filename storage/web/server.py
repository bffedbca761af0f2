"""Serving the reading room: where it listens, and until when."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress

import uvicorn

from crawler.errors import ArgumentError
from storage.web.protection import App


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises ArgumentError where that cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ArgumentError(f"cannot listen on {host} port {port} ({reason}): another --port, or 0 for any") from error


def address(listening: socket.socket) -> str:
    """Where a browser on this machine finds it.

    A server that listens everywhere is found on loopback too.
    """
    host, port = listening.getsockname()[:2]
    if ipaddress.ip_address(host).is_unspecified:
        host = "::1" if ":" in host else "127.0.0.1"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def server(app: App) -> uvicorn.Server:
    """What serves an application. `should_exit` ends it."""
    config = uvicorn.Config(
        app,
        access_log=False,  # what somebody reads in an archive is nobody's business
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(config)


def run(app: App, listening: socket.socket) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    with suppress(KeyboardInterrupt):
        server(app).run(sockets=[listening])
