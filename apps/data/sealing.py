"""Passwords of connections at rest: encrypted with Fernet (AES and HMAC, of the package cryptography).

The first of the settings' keys encrypts, all of them decrypt, so a new one is put in front and the old one goes when
`manage.py rotate_connection_keys` has written all anew.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from apps.base.errors import Unavailable

# Of what a key is used for: that of sessions must not be that of passwords, although both may come from one text.
_PURPOSE = b"tandem: secrets of database connections"

UNREADABLE = (
    "The connection's password cannot be decrypted, because the server's keys were changed. Enter the password again, "
    "or ask your administrator to put the old key into NOTEBOOK_CONNECTION_KEYS."
)


def sealed(secret: str) -> str:
    return _keys().encrypt(secret.encode()).decode() if secret else ""


def opened(text: str) -> str:
    """Unavailable if no key fits."""
    try:
        return _keys().decrypt(text).decode() if text else ""
    except InvalidToken:
        raise Unavailable(UNREADABLE) from None


def sealed_again(text: str) -> str:
    """The same secret under the first key. Unavailable as above."""
    try:
        return _keys().rotate(text).decode() if text else ""
    except InvalidToken:
        raise Unavailable(UNREADABLE) from None


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(_key(text)) for text in settings.CONNECTION_KEYS])


def _key(text: str) -> bytes:
    digest = hashlib.blake2b(text.encode(), key=hashlib.sha256(_PURPOSE).digest(), digest_size=32).digest()
    return base64.urlsafe_b64encode(digest)
