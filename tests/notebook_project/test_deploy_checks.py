"""`manage.py check --deploy`."""

import shutil
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from pytest_django import Settings

from apps.kernels import sandbox
from notebook_project import deploy_checks

SAFE: dict[str, Any] = {
    "NOTEBOOK_HOST": "0.0.0.0",
    "NOTEBOOK_HTTPS": True,
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz-0123456789",
    "NOTEBOOK_ADMIN_TOKEN": "",
    "REDIS_URL": "unix:///run/redis.sock",
    "ALLOWED_HOSTS": ["example.com"],
    "SANDBOX": "auto",
    "KERNEL_GATEWAYS": [],
}


@pytest.fixture
def found(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., set[str]]:
    """The ids of what is found with these settings, on a machine where kernels are safe."""
    monkeypatch.setattr(deploy_checks, "is_available", lambda data_dir: True)
    monkeypatch.setattr(
        deploy_checks, "sandbox_state", lambda: sandbox.SandboxState(sandbox.SandboxKind.BWRAP)
    )

    def found(**changed: Any) -> set[str]:
        for name, value in (SAFE | changed).items():
            setattr(settings, name, value)
        return {message.id or "" for message in deploy_checks.check_deployment(None)}

    return found


@pytest.fixture
def untried_sandbox() -> Iterator[None]:
    """A process tries its sandbox once: what it found with the settings of a test does not hold for others."""
    sandbox.sandbox_state.cache_clear()
    yield
    sandbox.sandbox_state.cache_clear()


def test_a_safe_installation_has_nothing_to_say(found: Callable[..., set[str]]) -> None:
    assert found() == set()


@pytest.mark.parametrize(
    ("changed", "ids"),
    [
        ({"DEBUG": True}, {"tandem.E001"}),
        ({"NOTEBOOK_HTTPS": False}, {"tandem.W002"}),
        ({"NOTEBOOK_HTTPS": False, "NOTEBOOK_HOST": "127.0.0.1"}, set()),
        ({"ALLOWED_HOSTS": ["*"]}, {"tandem.W003"}),
        ({"REDIS_URL": "redis://cache:6379/0"}, {"tandem.W004"}),
        ({"REDIS_URL": "redis://:secret@cache:6379/0"}, set()),
        ({"REDIS_URL": "redis://127.0.0.1:6379/0"}, set()),
        ({"SECRET_KEY": "changeme"}, {"tandem.E005"}),
        ({"SECRET_KEY": "x" * 50}, {"tandem.E005"}),
        ({"NOTEBOOK_ADMIN_TOKEN": "admin"}, {"tandem.E006"}),
        ({"SANDBOX": "off"}, {"tandem.E007"}),
        ({"KERNEL_GATEWAYS": [("https://gateway", "token")], "SANDBOX": "off"}, set()),
        ({"KERNEL_GATEWAYS": [("http://gateway", "")]}, {"tandem.W011", "tandem.W012"}),
        ({"KERNEL_GATEWAYS": [("http://127.0.0.1:8888", "token")]}, set()),
        ({"SANDBOX": "off", "NOTEBOOK_HOST": "127.0.0.1"}, {"tandem.W007"}),
    ],
)
def test_what_is_found(found: Callable[..., set[str]], changed: dict[str, Any], ids: set[str]) -> None:
    assert found(**changed) == ids


def test_a_machine_without_what_kernels_need(
    found: Callable[..., set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = sandbox.SandboxState(sandbox.SandboxKind.OFF, "bubblewrap is not installed.")
    monkeypatch.setattr(deploy_checks, "sandbox_state", lambda: broken)
    monkeypatch.setattr(deploy_checks, "is_available", lambda data_dir: False)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert found() == {"tandem.E008", "tandem.W009", "tandem.W010"}


def test_the_command_finds_it_and_names_variables_not_settings_of_django(
    settings: Settings, untried_sandbox: None
) -> None:
    settings.SANDBOX = "off"
    settings.NOTEBOOK_HOST = "0.0.0.0"
    said = StringIO()
    with pytest.raises(SystemCheckError, match=r"tandem\.E007") as found:
        call_command("check", deploy=True, stderr=said)
    assert "NOTEBOOK_SANDBOX is off" in str(found.value)
    assert "security." not in str(found.value)
