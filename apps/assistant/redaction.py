"""Secrets taken out of text by their form, before it is sent to a model or stored in the record. Pure.

What a notebook prints may hold keys. The patterns are those of keys that can be told from other text; a password
without a form cannot be.
"""

from collections.abc import Callable
from typing import Any

import regex

REDACTED = "[redacted secret]"

_PATTERNS = (
    r"sk-ant-[\w-]{20,}",  # Anthropic
    r"sk-(?:proj-)?[A-Za-z0-9_-]{32,}",  # OpenAI
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",  # AWS key ids
    r"\bgh[pousr]_[A-Za-z0-9]{36,}\b",  # GitHub
    r"\bgithub_pat_\w{22,}\b",
    r"\bglpat-[\w-]{20,}",  # GitLab
    r"\bxox[abposr]-[\w-]{10,}",  # Slack
    r"\bAIza[\w-]{35}",  # Google
    r"\btandem_[\w-]{40,}",  # our own API tokens
    r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}",  # JSON web tokens
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
)
_SECRET = regex.compile("|".join(_PATTERNS))
# The value of what calls itself a secret, and the password of a URL; what stands before is kept.
_NAMED = regex.compile(
    r"(?i)(\b[\w-]*(?:api_?key|secret|password|passwd|auth_?token|access_?token)[\w-]*[\"']?\s*[:=]\s*[\"'])"
    r"([^\"'\s]{8,})(?=[\"'])"
)
_IN_URL = regex.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s/:@]*:)([^\s/@]+)(?=@)")


def redacted_keys(text: str) -> str:
    """Only what is a key by itself. For what the model writes: a password in its code is one that it made up."""
    return _SECRET.sub(REDACTED, text)


def redacted_so_far(text: str) -> tuple[str, str]:
    """Of a text that goes on: what can be told of it, redacted, and its end that may still become a key."""
    at = 0
    while match := _SECRET.search(text, at, partial=True):
        if match.end() == len(text):
            return redacted_keys(text[: match.start()]), text[match.start() :]
        at = match.end()
    return redacted_keys(text), ""


def redacted_text(text: str) -> str:
    text = redacted_keys(text)
    text = _NAMED.sub(rf"\1{REDACTED}", text)
    return _IN_URL.sub(rf"\1{REDACTED}", text)


def redacted(value: Any, redact: Callable[[str], str] = redacted_text) -> Any:
    """`value` (JSON) with every secret in its texts taken out. Base64 data of images stays as it is."""
    match value:
        case str():
            return redact(value)
        case list():
            return [redacted(item, redact) for item in value]
        case {"type": "base64"}:
            return value
        case dict():
            return {key: redacted(item, redact) for key, item in value.items()}
        case _:
            return value
