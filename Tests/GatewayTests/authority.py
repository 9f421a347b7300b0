# SPDX-License-Identifier: Apache-2.0
"""A certification authority as the tests need one: it also issues what it should not."""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH
DAY = datetime.timedelta(days=1)


def now():
    return datetime.datetime.utcnow().replace(microsecond=0)


def common_name(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def usage(*names):
    every = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
             "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{name: name in names for name in every})


def pem(item):
    return item.public_bytes(serialization.Encoding.PEM)


def key_pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


class Authority:
    """Certificates and lists of an authority."""

    def __init__(self, name="Test authority", may_sign=True):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = common_name(name)
        self.number = 0
        self.revoked = []
        self.certificate = (
            x509.CertificateBuilder().subject_name(self.name).issuer_name(self.name)
            .public_key(self.key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now() - DAY).not_valid_after(now() + 365 * DAY)
            .add_extension(x509.BasicConstraints(ca=may_sign, path_length=0 if may_sign else None), critical=True)
            .add_extension(usage("key_cert_sign", "crl_sign") if may_sign else usage("digital_signature"),
                           critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256()))

    def issue(self, name, uses=(CLIENT,), start=-DAY, end=30 * DAY, signer=None, public=None, authority=False,
              keys=("digital_signature",), issuer=None, digest=hashes.SHA256, subject=None):
        """A certificate and its key; None for the key when `public` is given."""
        key = None if public else ec.generate_private_key(ec.SECP256R1())
        public = public or key.public_key()
        builder = (
            x509.CertificateBuilder().subject_name(common_name(subject or name)).issuer_name(issuer or self.name)
            .public_key(public).serial_number(x509.random_serial_number())
            .not_valid_before(now() + start).not_valid_after(now() + end)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False))
        if name:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        if uses:
            builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        if keys:
            builder = builder.add_extension(usage(*keys), critical=True)
        return builder.sign(signer or self.key, digest()), key

    def server(self, name):
        """A server's certificate and its key."""
        return self.issue(name, uses=(SERVER,))

    def answer(self, request):
        """The certificate for a pump's request, in PEM."""
        request = x509.load_pem_x509_csr(request.encode())
        assert request.is_signature_valid
        names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        name, = names.get_values_for_type(x509.DNSName)
        assert request.subject == common_name(name)
        return pem(self.issue(name, uses=(SERVER,), public=request.public_key())[0])

    def list(self, start=-DAY, end=7 * DAY, number=None):
        """The next revocation list in PEM."""
        self.number += 1
        builder = (
            x509.CertificateRevocationListBuilder().issuer_name(self.name)
            .last_update(now() + start).next_update(now() + end)
            .add_extension(x509.CRLNumber(self.number if number is None else number), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False))
        for certificate in self.revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(certificate.serial_number)
                .revocation_date(now() - DAY).build())
        return pem(builder.sign(self.key, hashes.SHA256()))
