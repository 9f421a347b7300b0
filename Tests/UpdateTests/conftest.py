# SPDX-License-Identifier: Apache-2.0
"""The release tools as a module, and a client beside a server."""

import importlib.util
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Sources/ReleaseTools"))
# python-tuf is not a Debian package: `make test-update` runs these in the environment of the release
# tools, and the other Python tests run without them. A skip here would skip every other folder too.
if importlib.util.find_spec("tuf") is None:
    collect_ignore_glob = ["test_*.py"]

from tuf_server import Client, Server, programs  # noqa: E402


@pytest.fixture
def start(tmp_path):
    """A function that serves a repository and returns a client that trusts its root and the server."""
    if not (programs() / "tuf-client").exists():
        pytest.skip(f"no tuf-client in {programs()}: run `make build`, or set PUMP_BIN")
    servers = []

    def start(repository, root=None):
        server = Server(repository)
        servers.append(server)
        client = Client(tmp_path, server)
        assert client.init(repository.metadata["1.root.json"] if root is None else root) == 0
        return client, server

    yield start
    for server in servers:
        server.end()
