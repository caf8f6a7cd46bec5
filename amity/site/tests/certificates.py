"""A certificate authority of our own, and servers that show what it signed."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def make_certificates(folder: Path) -> None:
    """`ca.pem`, and certificate with key in one file: `good`, `soon` (4 days left), `past`, `other` (another host)."""
    authority, authority_key = _sign("Tamp & Co test authority", timedelta(days=90), None, None)
    (folder / "ca.pem").write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    for name, left, host in (
        ("good", timedelta(days=90), "localhost"),
        ("soon", timedelta(days=5), "localhost"),
        ("past", timedelta(days=-1), "localhost"),
        ("other", timedelta(days=90), "elsewhere.example"),
    ):
        certificate, key = _sign(host, left, authority, authority_key)
        (folder / f"{name}.pem").write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )


def _sign(
    host: str,
    left: timedelta,
    authority: x509.Certificate | None,
    authority_key: ec.EllipticCurvePrivateKey | None,
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(authority.subject if authority else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + left)
        .add_extension(x509.BasicConstraints(ca=authority is None, path_length=None), critical=True)
    )
    if authority is not None:
        names = [
            x509.DNSName(host),
            *([x509.IPAddress(ip_address("127.0.0.1"))] if host == "localhost" else []),
        ]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(authority_key or key, hashes.SHA256()), key


@contextmanager
def tls_server(certificate: Path) -> Iterator[int]:
    """A server on loopback that shows the certificate and says nothing. Yields its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    line, _address = listening.accept()
                except OSError:
                    return
                with suppress(OSError), line, context.wrap_socket(line, server_side=True) as secure:
                    secure.recv(1)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(timeout=5)
