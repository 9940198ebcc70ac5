"""schema/"""

from typing import Any

import yaml
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from apps.api.urls import urlpatterns
from tests.api.caller import Caller
from tests.support.cast import Person


def generated() -> Any:
    generator: Any = SchemaGenerator
    return generator().get_schema(request=None, public=True)


def test_it_is_valid_and_complete_without_a_warning() -> None:
    GENERATOR_STATS.reset()
    schema = generated()
    validate: Any = validate_schema
    validate(schema)
    assert not GENERATOR_STATS
    described = [path for path in schema["paths"] if path != "/api/v1/schema/"]
    assert len(described) == len(urlpatterns) - 2


def test_every_call_has_a_name_of_its_own_and_an_error() -> None:
    names = []
    for path, methods in generated()["paths"].items():
        for call in methods.values():
            if path.endswith("/schema/"):
                continue
            assert call["responses"]["default"]["content"]["application/json"]["schema"] == {
                "$ref": "#/components/schemas/Error"
            }
            names.append(call["operationId"])
            assert {"token": []} in call["security"]
    assert len(names) == len(set(names))
    assert "create_run" in names


def test_it_is_for_users(owner: Person) -> None:
    answer = Caller(owner).get("schema/")
    assert answer.json["info"]["title"] == "Tandem"
    answer = Caller(owner).get("schema/", format="yaml")
    assert yaml.safe_load(answer.content)["openapi"].startswith("3.")
    Caller().get("schema/").refused(401, "unauthenticated")
