from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lineage_graph.server import DEFAULT_VERSION, jars


@contextlib.contextmanager
def serve_jars(context: ssl.SSLContext | None = None) -> Iterator[str]:
    """A Maven repository on this machine, with the jars that are in the cache; over TLS with a context."""
    folder = jars.fetch(DEFAULT_VERSION)
    files = {"/" + jar.path: folder / jar.file_name for jar in jars.jars_of(DEFAULT_VERSION)}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            file = files.get(self.path)
            self.send_response(404 if file is None else 200)
            content = b"" if file is None else file.read_bytes()
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *args: object) -> None:
            """A client that does not trust us hangs up."""

    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"{'http' if context is None else 'https'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def mirror() -> Iterator[str]:
    """A Maven repository on this machine, with the jars that are in the cache."""
    with serve_jars() as address:
        yield address
