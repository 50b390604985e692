"""Certificates of one's own for a test: a CA, a server's and a client's."""

import subprocess
from pathlib import Path

import needs


def make(folder: Path) -> Path:
    """The folder, with ca.pem, server.pem, client.pem and their keys beside them. Skips where openssl is missing."""
    openssl = needs.tool("openssl", "apt-get install openssl")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")

    def run(*words: str) -> None:
        subprocess.run([openssl, "req", "-x509", *key, *words], cwd=folder, check=True, capture_output=True)

    run("-subj", "/CN=Test CA", "-keyout", "ca.key", "-out", "ca.pem")
    signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "basicConstraints=critical,CA:FALSE")
    names = ("-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost")
    run(*signed, *names, "-subj", "/CN=SplunkServerDefaultCert", "-keyout", "server.key", "-out", "server.pem")
    run(*signed, "-subj", "/CN=verifier", "-keyout", "client.key", "-out", "client.pem")
    return folder
