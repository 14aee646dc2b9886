import http.server
import io
import tarfile
import threading

import pytest


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves ``server.files`` with ranges; ``server.cut`` breaks off after so many bytes, once per entry."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        server = self.server
        name = self.path.lstrip("/")
        server.log.append((name, self.headers.get("Range"), self.headers.get("If-Range")))
        if name not in server.files:
            self.send_error(404)
            return
        body, start = server.files[name], 0
        etag = f'"{hash(body)}"'
        asked = self.headers.get("Range")
        if asked and server.ranges and self.headers.get("If-Range", etag) == etag:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            if start >= len(body):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(body)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(body) - start))
        if server.ranges:
            self.send_header("ETag", etag)
        self.end_headers()
        stop = server.cut.pop(0) if server.cut else None
        self.wfile.write(body[start:] if stop is None else body[start : start + stop])
        self.close_connection = stop is not None

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        httpd.files, httpd.cut, httpd.log, httpd.ranges = {}, [], [], True
        httpd.url = f"http://127.0.0.1:{httpd.server_address[1]}/"
        thread = threading.Thread(target=httpd.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield httpd
        httpd.shutdown()


@pytest.fixture(autouse=True)
def own_places(tmp_path, monkeypatch):
    monkeypatch.setenv("MEMLIB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("MEMLIB_DATA", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def tar_of(files: dict[str, bytes], extra: tuple[tarfile.TarInfo, ...] = ()) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        for info in extra:
            tar.addfile(info)
    return packed.getvalue()


@pytest.fixture
def make_tar():
    return tar_of
