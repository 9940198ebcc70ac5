"""What `manage.py check --deploy` says of an installation that others reach, with the variable that mends it.

In place of those of Django's own that name Django's settings, which nobody can set here (`SILENCED_SYSTEM_CHECKS`).
"""

import shutil
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from apps.kernels.cgroups import is_available
from apps.kernels.sandbox import LOOPBACK, sandbox_state

MIN_SECRET_CHARS = 40
MIN_DIFFERENT_CHARS = 8
MIN_TOKEN_CHARS = 20


@register(Tags.security, deploy=True)
def check_deployment(app_configs: Any, **_: Any) -> Sequence[CheckMessage]:
    return [*_exposure(), *_secrets(), *(_gateways() if settings.KERNEL_GATEWAYS else _kernels())]


def _exposure() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        yield Error(
            "NOTEBOOK_DEBUG is on: whoever makes a page fail sees settings and source.",
            hint="Unset it where others reach the server.",
            id="tandem.E001",
        )
    if _is_reached_by_others() and not settings.NOTEBOOK_HTTPS:
        yield Warning(
            "NOTEBOOK_HTTPS is off: what people type and their sessions travel in the clear.",
            hint="Put a proxy that speaks HTTPS before the server and set NOTEBOOK_HTTPS=true.",
            id="tandem.W002",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield Warning(
            "NOTEBOOK_ALLOWED_HOSTS allows every name: links in pages can be made to lead elsewhere.",
            hint="Name the hosts under which browsers reach the server.",
            id="tandem.W003",
        )
    redis = urlsplit(settings.REDIS_URL)
    if redis.hostname and redis.hostname not in LOOPBACK and not redis.password:
        yield Warning(
            "REDIS_URL names another machine and has no password: whoever reaches it can start work here.",
            hint="Set a password in Redis and write redis://:password@host:6379/0, or rediss:// for encryption.",
            id="tandem.W004",
        )


def _secrets() -> Iterator[CheckMessage]:
    key = settings.SECRET_KEY
    if len(key) < MIN_SECRET_CHARS or len(set(key)) < MIN_DIFFERENT_CHARS:
        yield Error(
            "NOTEBOOK_SECRET_KEY can be guessed, and with it anybody's session.",
            hint=f"Set {MIN_SECRET_CHARS} or more random characters, or unset it: then one is made and kept.",
            id="tandem.E005",
        )
    token = settings.NOTEBOOK_ADMIN_TOKEN
    if token and (len(token) < MIN_TOKEN_CHARS or len(set(token)) < MIN_DIFFERENT_CHARS):
        yield Error(
            "NOTEBOOK_ADMIN_TOKEN can be guessed, and with it everything.",
            hint=f"Set {MIN_TOKEN_CHARS} or more random characters, or unset it.",
            id="tandem.E006",
        )


def _gateways() -> Iterator[CheckMessage]:
    for url, token in settings.KERNEL_GATEWAYS:
        parts = urlsplit(url)
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            yield Warning(
                f"What kernels on {url} are sent, and the token for them, travels in the clear.",
                hint="Have the gateway speak HTTPS and name it so in NOTEBOOK_KERNEL_GATEWAYS.",
                id="tandem.W011",
            )
        if not token:
            yield Warning(
                f"{url} is asked without a token: whoever reaches it can run code there.",
                hint="Give the gateway a token, and name it in NOTEBOOK_KERNEL_GATEWAYS: https://token@host:8888.",
                id="tandem.W012",
            )


def _kernels() -> Iterator[CheckMessage]:
    sandbox = sandbox_state()
    if settings.SANDBOX == "off":
        level = Error if _is_reached_by_others() else Warning
        yield level(
            "NOTEBOOK_SANDBOX is off: code in cells can read and change all that this server can.",
            hint="Unset it, or give accounts only to people you would give a shell.",
            id="tandem.E007" if level is Error else "tandem.W007",
        )
    elif sandbox.problem:
        yield Error(
            f"The sandbox of kernels does not work here: {sandbox.problem}",
            hint="Mend that. Until then kernels run for one person on this machine at most.",
            id="tandem.E008",
        )
    if not is_available(settings.NOTEBOOK_DATA_DIR):
        yield Warning(
            "Control groups cannot be made here: a kernel can take all processors, and its memory is only looked at.",
            hint="Run the workers as root, or delegate a group of /sys/fs/cgroup to them.",
            id="tandem.W009",
        )
    if shutil.which("prlimit") is None:
        yield Warning(
            "prlimit is missing: a cell that takes too much memory or disk ends with its kernel, not with an error.",
            hint="Install util-linux.",
            id="tandem.W010",
        )


def _is_reached_by_others() -> bool:
    return settings.NOTEBOOK_HOST not in LOOPBACK or bool(settings.CSRF_TRUSTED_ORIGINS)
