# SPDX-License-Identifier: Apache-2.0
"""Serves a repository from memory on a free port of the loopback and runs the client against it."""

import http.server
import os
import pathlib
import subprocess
import threading
import urllib.parse

TOP = pathlib.Path(__file__).resolve().parents[2]


def programs():
    return pathlib.Path(os.environ.get("PUMP_BIN", TOP / ".build/release"))


class Server:
    """A web server whose answers are the repository's dictionaries at the time of the request."""

    def __init__(self, repository):
        self.repository = repository
        self.requests = []
        self.instead = {}  # path: function(handler)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path = urllib.parse.unquote(self.path)
                outer.requests.append(path)
                if path in outer.instead:
                    outer.instead[path](self)
                    return
                store, _, name = path[1:].partition("/")
                content = {"metadata": outer.repository.metadata,
                           "targets": outer.repository.content}.get(store, {}).get(name)
                if content is None:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def end(self):
        self.server.shutdown()
        self.server.server_close()


class Client:
    """The `tuf-client` program with a trust folder of its own."""

    def __init__(self, folder, server):
        self.folder = folder / "trust"
        self.downloads = folder / "downloads"
        self.downloads.mkdir()
        self.server = server
        self.error = ""

    def run(self, *words, date=None):
        command = [str(programs() / "tuf-client"), "--metadata-dir", str(self.folder), *words]
        if date:
            command = ["faketime", date.strftime("%Y-%m-%d %H:%M:%S"), *command]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60,
                              env={**os.environ, "TZ": "UTC"})
        self.error = done.stderr
        return done.returncode

    @property
    def code(self):
        """The reason of the last refusal."""
        return self.error.split(": ")[1] if self.error else None

    def init(self, root):
        path = self.folder.parent / "given.json"
        path.write_bytes(root)
        return self.run("init", str(path))

    def refresh(self, date=None):
        return self.run("--metadata-url", self.server.address + "/metadata/", "refresh", date=date)

    def download(self, *names, date=None):
        options = []
        for name in names:
            options += ["--target-name", name]
        return self.run("--metadata-url", self.server.address + "/metadata/", *options,
                        "--target-dir", str(self.downloads),
                        "--target-base-url", self.server.address + "/targets/", "download",
                        date=date)

    def trusted(self):
        """The trusted files by name."""
        return {path.name: path.read_bytes() for path in sorted(self.folder.iterdir())}
