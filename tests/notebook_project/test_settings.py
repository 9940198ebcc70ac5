"""The settings: a bad value names its variable, and README's table has every variable."""

import re
import runpy
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from notebook_project.programs import BASE_DIR

VARIABLE = r"(?:NOTEBOOK|ANTHROPIC)_[A-Z_]+|DATABASE_URL|REDIS_URL"


def load_settings() -> dict[str, Any]:
    """What `settings.py` says in this environment."""
    return runpy.run_path(str(BASE_DIR / "notebook_project" / "settings.py"))


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("NOTEBOOK_PORT", "eight", "NOTEBOOK_PORT must be a whole number, not 'eight'"),
        ("NOTEBOOK_PORT", "70000", "NOTEBOOK_PORT must be from 1 to 65535, not 70000"),
        ("NOTEBOOK_HTTPS", "perhaps", "NOTEBOOK_HTTPS must be true or false, not 'perhaps'"),
        ("NOTEBOOK_LOG_LEVEL", "loud", "NOTEBOOK_LOG_LEVEL must be one of DEBUG, "),
        ("DATABASE_URL", "mysql://x", "DATABASE_URL must look like postgresql://"),
        ("REDIS_URL", "localhost:6379", "REDIS_URL must look like redis://"),
        ("NOTEBOOK_KERNEL_GATEWAYS", "gateway:8888", "NOTEBOOK_KERNEL_GATEWAYS must look like https://"),
    ],
)
def test_a_bad_value_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=re.escape(expected)):
        load_settings()


def test_an_empty_value_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTEBOOK_PORT", "")
    assert load_settings()["NOTEBOOK_PORT"] == 8000


def test_a_database_url_may_hold_every_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ann:s%20cret@db.example:5433/notes?sslmode=require")
    database = load_settings()["DATABASES"]["default"]
    assert (database["USER"], database["PASSWORD"]) == ("ann", "s cret")
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.example", "5433", "notes")
    assert database["OPTIONS"]["sslmode"] == "require"


def test_gateways_have_tokens_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTEBOOK_KERNEL_GATEWAYS", "https://a%2Fb@one:8888/base/, http://two")
    assert load_settings()["KERNEL_GATEWAYS"] == [("https://one:8888/base", "a/b"), ("http://two", "")]


def test_without_urls_both_servers_are_embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("REDIS_URL")
    settings = load_settings()
    assert settings["EMBEDDED_POSTGRES"]
    assert settings["EMBEDDED_REDIS"]
    assert settings["DATABASES"]["default"]["NAME"] == "tandem"
    assert settings["REDIS_URL"].endswith("/redis.sock")


def test_readme_has_every_setting_and_no_other() -> None:
    source = (BASE_DIR / "notebook_project" / "settings.py").read_text()
    read = set(re.findall(rf'env_\w+\(\s*"({VARIABLE})"', source))
    readme = (BASE_DIR / "README.md").read_text()
    section = re.split(r"^## ", readme.partition("## Settings\n")[2], flags=re.MULTILINE)[0]
    described = re.findall(rf"^\| `({VARIABLE})` \|", section, re.MULTILINE)
    assert sorted(described) == sorted(read)
