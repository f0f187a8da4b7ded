from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lineage_graph.server import DEFAULT_VERSION, jars


@pytest.fixture(scope="session")
def mirror() -> Iterator[str]:
    """A Maven repository on this machine, with the jars that are in the cache."""
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

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
