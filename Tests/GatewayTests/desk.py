# SPDX-License-Identifier: Apache-2.0
"""Somebody at a desk, with pumpctl, a folder for configurations of their own, and profiles."""

import json
import os
import subprocess

from authority import key_pem, pem
from simulated_pump import programs


class Desk:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.environment = dict(
            os.environ, XDG_CONFIG_HOME=str(folder / "config"), PUMP_SESSION=str(folder / "session"),
            PUMP_RUN=str(folder / "no-pump"))
        self.environment.pop("PUMPCTL_PROFILE", None)

    def start(self, *words, **more):
        return subprocess.Popen(
            [programs() / "pumpctl", *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            stdin=subprocess.DEVNULL, env=dict(self.environment, **more))

    def __call__(self, *words, typed=(), code=0, **more):
        done = subprocess.run(
            [programs() / "pumpctl", *map(str, words)], input="".join(f"{line}\n" for line in typed),
            capture_output=True, text=True, timeout=90, check=False, env=dict(self.environment, **more))
        assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return json.loads(done.stdout) if "--json" in words and code == 0 else done

    def file(self, name, content, mode=0o600):
        path = self.folder / name
        path.write_bytes(content)
        path.chmod(mode)
        return path

    def options(self, port, authority, certificate, key, server="localhost", **more):
        """The words of `profile add` for a pump at a port of this machine."""
        words = ["--url", f"https://127.0.0.1:{port}", "--server", server,
                 "--authority", self.file("authority.pem", pem(authority.certificate), 0o644),
                 "--certificate", self.file("certificate.pem", pem(certificate), 0o644),
                 "--key", self.file("key.pem", key_pem(key))]
        for name, value in more.items():
            words += [f"--{name}", value]
        return words

    def profiles(self):
        return self.folder / "config" / "pumpctl" / "profiles.json"
