"""An authority of its own for each server: its certificate, one for the server, right or wrong as asked for, and one for clients.

Names and dates are always the same, because programs print them; keys and serial numbers never are. Nothing is written to disk here.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from harness.servers.tls import Tls

AUTHORITY: Final = "OmniRelay conformance authority"
INTERMEDIATE: Final = "OmniRelay conformance intermediate authority"
SERVER: Final = "OmniRelay conformance server"
CLIENT: Final = "OmniRelay conformance client"
OTHER_HOST: Final = "elsewhere.example.invalid"
_HERE: Final = (x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.IPAddress(ipaddress.ip_address("::1")))
_Dates = tuple[datetime, datetime]
_LASTING: Final[_Dates] = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2099, 12, 31, tzinfo=UTC))
_DATES: Final[Mapping[str, _Dates]] = {
    "expired": (datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)),
    "not-yet-valid": (datetime(2098, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)),
}


@dataclass(frozen=True, slots=True)
class Identity:
    """What a server shows and what its clients need, all as PEM."""

    certificate: bytes
    key: bytes
    trust: Mapping[str, bytes]
    """What is given to programs, by the names of ``harness.model.trust``."""


@dataclass(frozen=True, slots=True)
class _Holder:
    """Somebody who has a certificate and can sign others."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def issue(tls: Tls) -> Identity:
    """A fresh authority, and certificates that are as ``tls`` says."""
    authority = _authority(AUTHORITY, None)
    signer: _Holder | None = authority
    if tls.certificate == "self-signed":
        signer = None
    elif tls.certificate == "incomplete-chain":
        # Clients do not know the one that signed, and the server does not send its certificate along.
        signer = _authority(INTERMEDIATE, authority)
    names = [x509.DNSName(OTHER_HOST)] if tls.certificate == "wrong-host" else _HERE
    server = _end(SERVER, signer, ExtendedKeyUsageOID.SERVER_AUTH, names, _DATES.get(tls.certificate, _LASTING))
    client = _end(CLIENT, authority, ExtendedKeyUsageOID.CLIENT_AUTH, (), _LASTING)
    trust = {"ca": authority.pem(), "client-cert": client.pem(), "client-key": client.key_pem()}
    return Identity(server.pem(), server.key_pem(), trust)


def _authority(name: str, signer: _Holder | None) -> _Holder:
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    return _issued(name, signer, _LASTING, [(x509.BasicConstraints(ca=True, path_length=None), True), (usage, True)])


def _end(name: str, signer: _Holder | None, purpose: x509.ObjectIdentifier, hosts: Sequence[x509.GeneralName], dates: _Dates) -> _Holder:
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.ExtendedKeyUsage([purpose]), False),
    ]
    if hosts:
        extensions.append((x509.SubjectAlternativeName(hosts), False))
    return _issued(name, signer, dates, extensions)


def _issued(name: str, signer: _Holder | None, dates: _Dates, extensions: Sequence[tuple[x509.ExtensionType, bool]]) -> _Holder:
    """A certificate and its key; signed by itself when nobody else does."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer.certificate.subject if signer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(dates[0])
        .not_valid_after(dates[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    if signer is not None:
        builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key()), critical=False)
    return _Holder(builder.sign(signer.key if signer else key, SHA256()), key)
