"""Serve the built book to this machine only.

python3 tools/serve.py [--port 8000]
"""

from __future__ import annotations

import argparse
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from _common import Stop, entry, html_dir


class Handler(SimpleHTTPRequestHandler):
    """Serves files, never lets a browser keep an old page, and does not log."""

    def end_headers(self) -> None:
        """Add the header that makes a browser ask again."""
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


def server(port: int = 0) -> ThreadingHTTPServer:
    """Return a server of the built pages on loopback; port 0 takes a free one."""
    if not (html_dir() / "index.html").exists():
        raise Stop(f"No book in {html_dir()}; build it first: make book")
    return ThreadingHTTPServer(("127.0.0.1", port), partial(Handler, directory=str(html_dir())))


def main() -> int:
    """Serve until stopped; where the port is taken, on a free one."""
    parser = argparse.ArgumentParser(description="Serve the built book on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    try:
        httpd = server(options.port)
    except OSError:
        httpd = server()
    print(f"The book: http://127.0.0.1:{httpd.server_address[1]}/  (stop with Ctrl-C)", flush=True)
    httpd.serve_forever()
    return 0


if __name__ == "__main__":
    entry(main)
