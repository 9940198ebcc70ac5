from uuid import UUID

import pytest

from apps.base.errors import Invalid
from apps.base.ids import new_id, parse_id

ID = UUID("6f9619ff-8b86-4011-b42d-00c04fc964ff")


def test_new_ids_differ() -> None:
    assert len({new_id() for _ in range(1000)}) == 1000


@pytest.mark.parametrize("value", [ID, str(ID), ID.hex, str(ID).upper(), f"{{{ID}}}", ID.urn])
def test_parse(value: object) -> None:
    assert parse_id(value, "cell_id") == ID


@pytest.mark.parametrize(
    "value", [None, "", "x", 7, 1.5, True, [], {}, str(ID)[:-1], f"{ID}0", "é" * 32, "\x00"]
)
def test_refused(value: object) -> None:
    with pytest.raises(Invalid, match="cell_id must be a UUID") as refusal:
        parse_id(value, "cell_id")
    assert refusal.value.as_json()["details"] == {"field": "cell_id"}
