"""A real time-stamping authority (RFC 3161): `openssl ts` behind a small HTTP server, with a root of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

CONFIG = """
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
"""
USAGE = "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\nbasicConstraints=CA:FALSE\n"


@dataclass
class Authority:
    """Where it answers, its root certificate, and whether it is out of order."""

    url: str
    root: Path
    is_down: bool = False
    asked: int = 0


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def _make(folder: Path, name: str = "root") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))
    (folder / "usage.cnf").write_text(USAGE)
    root, key, own = folder / "root.pem", folder / "root.key", folder / "tsa.key"
    new = ("-newkey", "rsa:2048", "-nodes", "-sha256")
    openssl("req", "-x509", *new, "-days", "3650", "-subj", f"/CN={name}", "-keyout", key, "-out", root)
    openssl("req", *new, "-subj", "/CN=stamps", "-keyout", own, "-out", folder / "tsa.csr")
    asked = ("-req", "-in", folder / "tsa.csr", "-CA", root, "-CAkey", key, "-CAcreateserial", "-days", "3650")
    openssl("x509", *asked, "-sha256", "-extfile", folder / "usage.cnf", "-out", folder / "tsa.pem")


@contextmanager
def authority(folder: Path) -> Iterator[Authority]:
    """A running authority."""
    _make(folder)

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """One query, one answer."""
            own.asked += 1
            query, reply = folder / "query.tsq", folder / "reply.tsr"
            query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            if own.is_down:
                self.send_error(503)
                return
            openssl("ts", "-reply", "-config", folder / "tsa.cnf", "-queryfile", query, "-out", reply)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(reply.read_bytes())

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answers)
    own = Authority(f"http://127.0.0.1:{server.server_port}/", folder / "root.pem")
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield own
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
