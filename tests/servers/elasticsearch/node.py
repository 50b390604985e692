"""A node of its own: fresh data, a free port, on loopback; it ends with the test run."""

import base64
import hashlib
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from needs import tool
from servers.elasticsearch.install import USER, as_root, elasticsearch, java_home

START_SECONDS = 150.0
PASSWORD = "correct-horse"
"""Of the user `admin` of a secured node."""
PLAIN = """\
cluster.name: logverdict-tests
node.name: node-1
discovery.type: single-node
network.host: 127.0.0.1
http.port: {port}
transport.port: {transport}
path.data: {run}/data
path.logs: {run}/logs
action.destructive_requires_name: false
cluster.routing.allocation.disk.threshold_enabled: false
xpack.security.autoconfiguration.enabled: false
xpack.security.enabled: {secured}
"""
SECURED = """\
xpack.security.http.ssl:
  enabled: true
  certificate: node.pem
  key: node.key
  certificate_authorities: [ca.pem]
  client_authentication: optional
xpack.security.authc.realms:
  file.file1: {order: 0}
  pki.pki1: {order: 1, certificate_authorities: [ca.pem]}
xpack.security.authc.token.enabled: true
"""
ROLE_MAPPING = 'superuser:\n  - "CN=robot"\n'


@dataclass(frozen=True)
class Node:
    """Where a node answers. `run` holds ca.pem, robot.pem and robot.key of a secured one."""

    url: str
    run: Path
    secured: bool = False

    def call(self, method: str, path: str, body: object = None, *, auth: str = "") -> dict[str, object]:
        """One request, by no client of ours; a body that is a text is sent as it is (newline-delimited JSON)."""
        data = None if body is None else (body if isinstance(body, str) else json.dumps(body)).encode()
        kind = "application/x-ndjson" if isinstance(body, str) else "application/json"
        request = urllib.request.Request(self.url + path, data, {"Content-Type": kind}, method=method)
        if self.secured:
            request.add_header("Authorization", auth or basic("admin", PASSWORD))
        with urllib.request.urlopen(request, timeout=60, context=self._tls()) as answer:
            return dict(json.load(answer))

    def _tls(self) -> ssl.SSLContext | None:
        return ssl.create_default_context(cafile=str(self.run / "config" / "ca.pem")) if self.secured else None


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def start(run: Path, wanted_by: int, *, secured: bool = False, more: str = "") -> Node:
    """A node that answers; it stops when the process `wanted_by` is gone. `more`: lines of its settings."""
    port, transport = free_ports(2)
    _configure(elasticsearch(), run, port, transport, secured)
    with (run / "config" / "elasticsearch.yml").open("a") as settings:
        settings.write(more)
    node = Node(f"{'https' if secured else 'http'}://127.0.0.1:{port}", run, secured)
    launch(node, wanted_by)
    return node


def launch(node: Node, wanted_by: int) -> None:
    """Also again, for a node that was killed: where it was, with what it held."""
    (node.run / "ended").unlink(missing_ok=True)
    command = _command(elasticsearch(), java_home(), node.run)
    watcher = [sys.executable, str(Path(__file__).parents[1] / "supervise.py"), str(wanted_by), str(node.run), *command]
    subprocess.run(watcher, cwd=node.run, start_new_session=True, stdin=subprocess.DEVNULL, check=True)
    _wait(node)


def tell(node: Node, number: signal.Signals) -> None:
    """Sends a signal to all processes of a node, as the kernel would."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if words[0].endswith(b"java") and any(str(node.run).encode() in word for word in words):
                os.kill(int(folder.name), number)


def free_ports(number: int) -> list[int]:
    sockets = [socket.socket() for _ in range(number)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def _configure(home: Path, run: Path, port: int, transport: int, secured: bool) -> None:
    for name in ("data", "logs", "tmp"):
        (run / name).mkdir()
    shutil.copytree(home / "config", run / "config")
    settings = PLAIN.format(port=port, transport=transport, run=run, secured=str(secured).lower())
    if secured:
        settings += SECURED
        (run / "config" / "users").write_text(f"admin:{_hashed(PASSWORD)}\n")
        (run / "config" / "users_roles").write_text("superuser:admin\n")
        (run / "config" / "role_mapping.yml").write_text(ROLE_MAPPING)
        certificates(run / "config")
    (run / "config" / "elasticsearch.yml").write_text(settings)
    run.chmod(0o755)
    if as_root():
        subprocess.run(["chown", "-R", USER, str(run)], check=True)


def _command(home: Path, java: Path, run: Path) -> list[str]:
    """The start script is not in the artifact: this is what it does."""
    variables = {
        "ES_JAVA_HOME": java,
        "ES_PATH_CONF": run / "config",
        "ES_TMPDIR": run / "tmp",
        "ES_JAVA_OPTS": "-Xms512m -Xmx512m",
        "CLI_NAME": "server",
        "CLI_LIBS": "lib/tools/server-cli",
    }
    command = [
        "env",
        *(f"{name}={value}" for name, value in variables.items()),
        str(home / "bin" / "elasticsearch-cli"),
    ]
    return [tool("runuser", "apt-get install -y util-linux"), "-u", USER, "--", *command] if as_root() else command


def _hashed(password: str) -> str:
    """As the file realm wants it."""
    salt = b"a salt of thirty-two bytes, fixed"[:32]
    hashed = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 10_000, 32)
    return f"{{PBKDF2}}10000${base64.b64encode(salt).decode()}${base64.b64encode(hashed).decode()}"


def certificates(folder: Path) -> None:
    """A CA, the node's certificate, and one for the client `robot`."""
    openssl = tool("openssl", "apt-get install -y openssl")

    def run(*arguments: str) -> None:
        subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True)

    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    authority = ("-addext", "keyUsage=critical,keyCertSign,cRLSign")
    run("req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.pem", "-days", "30", "-subj", "/CN=test CA", *authority)
    for name, subject in (("node", "/CN=node"), ("robot", "/CN=robot")):
        run("req", *new, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", subject)
        (folder / "extensions").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
        sign = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30", "-extfile", "extensions")
        run("x509", "-req", "-in", f"{name}.csr", "-out", f"{name}.pem", *sign)
    for key in folder.glob("*.key"):
        key.chmod(0o644)


def _wait(node: Node) -> None:
    """Polled: a server does not say when it is up."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and not (node.run / "ended").exists():
        try:
            node.call("GET", "/_cluster/health?wait_for_status=yellow&timeout=30s")
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
        else:
            return
    log = node.run / "log"
    raise AssertionError(f"Elasticsearch did not start:\n{log.read_text()[-4_000:] if log.exists() else ''}")
