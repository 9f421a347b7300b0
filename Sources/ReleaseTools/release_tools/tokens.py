# SPDX-License-Identifier: Apache-2.0
"""Root keys on PKCS#11 tokens: they are made there, sign there and never leave.

PYKCS11LIB names the library of the tokens, such as /usr/lib/softhsm/libsofthsm2.so for SoftHSM, which is a
token of software for trying it out. The PIN is asked for, or taken from PUMP_RELEASE_PIN.
"""

import getpass
import json
import os
import sys
import urllib.parse
from typing import NamedTuple

import pkcs11
from pkcs11.util.ec import encode_named_curve_parameters
from securesystemslib.signer import HSMSigner, SSlibKey


class NoToken(Exception):
    """The token, its key or its PIN is not there; the text says which."""


class TokenKey(NamedTuple):
    """Where a private key is, and its public half."""

    uri: str
    public: SSlibKey

    def json(self):
        return json.dumps({"uri": self.uri, "keyid": self.public.keyid, "key": self.public.to_dict()})

    @classmethod
    def read(cls, text):
        held = json.loads(text)
        return cls(held["uri"], SSlibKey.from_dict(held["keyid"], held["key"]))

    @property
    def label(self):
        return urllib.parse.parse_qs(urllib.parse.urlparse(self.uri).query)["label"][0]

    def signer(self):
        return HSMSigner.from_priv_key_uri(self.uri, self.public, lambda _: pin(self.label))


def pin(label):
    given = os.environ.get("PUMP_RELEASE_PIN")
    if given:
        return given
    if not sys.stdin.isatty():
        raise NoToken(f"the PIN of token {label} is in PUMP_RELEASE_PIN, or is typed")
    return getpass.getpass(f"PIN of token {label}: ")


def token(label):
    library = os.environ.get("PYKCS11LIB")
    if not library:
        raise NoToken("PYKCS11LIB names no library of tokens")
    try:
        return pkcs11.lib(library).get_token(token_label=label)
    except pkcs11.exceptions.NoSuchToken as error:
        raise NoToken(f"no token {label} is joined") from error
    except RuntimeError as error:
        raise NoToken(f"{library}: {error}") from error


# SEC-421: a key is made on its token and cannot be read from it.
def make(label):
    """A new P-256 key on a token, beside those that it holds."""
    try:
        with token(label).open(rw=True, user_pin=pin(label)) as session:
            held = [int.from_bytes(key[pkcs11.Attribute.ID]) for key in session.get_objects(
                {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY})]
            number = max(held, default=1) + 1
            curve = session.create_domain_parameters(
                pkcs11.KeyType.EC,
                {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}, local=True)
            curve.generate_keypair(
                id=number.to_bytes(1), label="release root", store=True,
                private_template={pkcs11.Attribute.SENSITIVE: True, pkcs11.Attribute.EXTRACTABLE: False})
        return TokenKey(*HSMSigner.import_(number, label, lambda _: pin(label)))
    except (pkcs11.exceptions.PinIncorrect, pkcs11.exceptions.PinLocked) as error:
        raise NoToken(f"token {label} does not open with this PIN") from error


def is_joined(key):
    """Whether the token of a key is there; without a library none is."""
    try:
        token(key.label)
    except NoToken:
        return False
    return True
