"""preferences/"""

from apps.api import responses
from tests.api.caller import Caller
from tests.support.cast import Person

PATH = "preferences/"


def test_read_and_change(owner: Person) -> None:
    caller = Caller(owner)
    at_first = caller.get(PATH).shaped(responses.Preferences)
    changed = caller.patch(PATH, {"theme": "dark", "code_size": "large"}).shaped(responses.Preferences)
    assert changed == at_first | {"theme": "dark", "code_size": "large"}
    assert caller.get(PATH).shaped(responses.Preferences) == changed


def test_refused(owner: Person) -> None:
    Caller().get(PATH).refused(401, "unauthenticated")
    Caller(owner).patch(PATH, {"theme": "pink"}).refused(400, "invalid")
    Caller(owner).patch(PATH, {"is_superuser": True}).refused(400, "invalid")
    assert Caller(owner).get(PATH).shaped(responses.Preferences)["theme"] == "system"
