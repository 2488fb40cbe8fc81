"""What the parts of an installation are told about Prefect's server."""

from __future__ import annotations

import ssl
import subprocess
import sys

import pytest

from dingdian.running.server import NOBODY, client_environment
from foundation.settings import get_settings

CERTIFICATES = "PREFECT_API_SSL_CERT_FILE"


def test_who_starts_everything_does_not_load_prefect_himself() -> None:
    """The start would wait for it, and a rehearsal sets Prefect's address after it has looked at the settings."""
    asked = "import sys, dingdian.running.up; sys.exit('prefect' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


def test_over_plain_http_no_certificate_is_loaded_that_anybody_trusts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert client_environment(get_settings())[CERTIFICATES] == str(NOBODY)
    assert ssl.create_default_context(cafile=str(NOBODY)).get_ca_certs() == []


def test_a_server_behind_tls_is_verified_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "https://prefect.example.cn/api")
    assert CERTIFICATES not in client_environment(get_settings())


def test_certificates_that_the_office_names_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CERTIFICATES, "/etc/ssl/county.pem")
    assert client_environment(get_settings())[CERTIFICATES] == "/etc/ssl/county.pem"
