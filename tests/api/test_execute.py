"""execute/: code of programs, in sessions that keep variables."""

import http.client
import threading
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from apps.api.responses import CodeSessionList, Execution
from apps.execution.commands import cull_sessions, remove_ended_sessions
from apps.execution.models import CodeSession
from apps.journal.models import AuditEntry
from apps.kernels.folders import folders_of
from apps.kernels.models import Kernel
from apps.notebooks.models import Notebook
from tests.api.caller import Answer, Caller
from tests.support.cast import Person, new_person
from tests.support.processes import Database, WebProcess, WorkerProcess, in_place_of, wait_until


@pytest.fixture
def person(worker: WorkerProcess) -> Iterator[Person]:
    """Whose sessions end with the test."""
    person = new_person("program")
    yield person
    for session in CodeSession.objects.filter(user=person.user, ended_at=None):
        Caller(person).delete(f"execute/sessions/{session.name}/")


def execute(person: Person, code: str, **fields: Any) -> Answer:
    return Caller(person).post("execute/", {"code": code, **fields})


def result(person: Person, code: str, **fields: Any) -> Any:
    return execute(person, code, **fields).shaped(Execution)


def printed(answer: Any) -> str:
    return "".join(output["text"] for output in answer["outputs"] if output["output_type"] == "stream")


def test_a_session_keeps_its_variables(person: Person) -> None:
    first = result(person, "x = 20")
    assert first["success"]
    assert first["error"] is None
    again = result(person, "x += 1; print(x)\nx * 2", session=first["session"])
    assert again["session"] == first["session"]
    assert printed(again) == "21\n"
    assert again["outputs"][-1]["data"]["text/plain"] == "42"
    other = result(person, "print('x' in globals())")
    assert other["session"] != first["session"]
    assert printed(other) == "False\n"


def test_a_name_of_ones_own(person: Person, stranger: Person) -> None:
    assert result(person, "a = 1", session="analysis")["session"] == "analysis"
    assert printed(result(person, "print(a)", session="analysis")) == "1\n"
    listed = Caller(person).get("execute/sessions/").shaped(CodeSessionList)["sessions"]
    assert [(each["session"], each["is_busy"]) for each in listed] == [("analysis", False)]
    assert Caller(stranger).get("execute/sessions/").json["sessions"] == []
    Caller(stranger).delete("execute/sessions/analysis/").refused(404, "not_found")
    assert Caller(person).delete("execute/sessions/analysis/").status == 204
    Caller(person).delete("execute/sessions/analysis/").refused(404, "not_found")
    assert printed(result(person, "print('a' in globals())", session="analysis")) == "False\n"


def test_an_error(person: Person) -> None:
    answer = result(person, "print('before')\n1 / 0")
    assert not answer["success"]
    assert answer["error"]["ename"] == "ZeroDivisionError"
    assert answer["error"]["traceback"]
    assert printed(answer) == "before\n"


def test_code_that_takes_too_long(person: Person) -> None:
    answer = result(person, "y = 1\nwhile True: pass", timeout_s=1, session="slow")
    assert not answer["success"]
    assert {output.get("ename") for output in answer["outputs"]} >= {"TimeLimit"}
    assert printed(result(person, "print(y)", session="slow")) == "1\n"


def test_nobody_can_be_asked(person: Person) -> None:
    answer = result(person, "input('Name?')")
    assert answer["error"]["ename"] == "StdinNotImplementedError"


def test_bad_requests(person: Person) -> None:
    execute(person, "1", timeout_s=0).refused(400, "invalid")
    execute(person, "1", timeout_s=10**6).refused(400, "invalid")
    execute(person, "1", session="a/b").refused(400, "invalid")
    execute(person, "1", session="x" * 101).refused(400, "invalid")
    execute(person, "\x00").refused(400, "invalid")
    execute(person, "1", session="0" * 32).refused(404, "not_found")  # one of ours that has ended
    Caller(person).post("execute/", {}).refused(400, "invalid")
    Caller().post("execute/", {"code": "1"}).refused(401, "unauthenticated")


def test_it_is_in_the_audit_log_and_in_no_list(person: Person) -> None:
    session = result(person, "1")["session"]
    entry = AuditEntry.objects.get(actor=person.user, action="execute")
    assert entry.details["session"] == session
    assert Caller(person).get("notebooks/").json["notebooks"] == []
    Caller(person).get(f"notebooks/{entry.notebook_id}/").refused(404, "not_found")


def test_an_ended_session_leaves_nothing(person: Person, settings: Any) -> None:
    session = result(person, "open('f', 'w').write('x')")["session"]
    notebook_id = CodeSession.objects.get(name=session).pk
    assert (folders_of(notebook_id).workspace / "f").exists()
    settings.CODE_SESSION_IDLE_S = 0
    assert cull_sessions() >= 1
    wait_until(lambda: not Kernel.objects.get(pk=notebook_id).provisioner_info, "its kernel has ended")

    def is_removed() -> bool:
        remove_ended_sessions(min_age_s=0)
        return not Notebook.objects.filter(pk=notebook_id).exists()

    wait_until(is_removed, "its rows are gone")
    assert not any(folder.exists() for folder in folders_of(notebook_id))
    execute(person, "1", session=session).refused(404, "not_found")


def test_sessions_that_nobody_came_back_to_give_way(person: Person, settings: Any) -> None:
    settings.CODE_SESSIONS = 2
    kept = result(person, "1", session="kept")["session"]
    first = result(person, "1")["session"]
    second = result(person, "1")["session"]
    names = {each["session"] for each in Caller(person).get("execute/sessions/").json["sessions"]}
    assert names == {kept, second}
    execute(person, "1", session=first).refused(404, "not_found")


def test_no_room(person: Person, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CODE_SESSIONS = 1
    monkeypatch.setattr("apps.api.callers.ROOM_TIMEOUT_S", 0.3)
    result(person, "1", session="kept")
    answer = execute(person, "1")
    error = answer.refused(503, "unavailable")
    assert "DELETE execute/sessions/" in error["message"]
    assert int(answer.headers["Retry-After"]) > 0


def posted(
    server: WebProcess, person: Person, body: dict[str, Any], **headers: str
) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    every = {"Content-Type": "application/json", **person.bearer, **headers}
    connection.request("POST", "/api/v1/execute/", orjson.dumps(body), every)
    return connection.getresponse()


def test_a_stream(server: WebProcess, person: Person) -> None:
    code = "import sys, time\nfor i in range(3):\n    print(i, flush=True)\n    time.sleep(0.2)\n1 / 0"
    response = posted(server, person, {"code": code}, Accept="text/event-stream")
    assert response.headers["Content-Type"] == "text/event-stream"
    events = []
    for block in response.read().decode().strip().split("\n\n"):
        name, data = block.split("\n", 1)
        events.append((name.removeprefix("event: "), orjson.loads(data.removeprefix("data: "))))
    *outputs, (last, done) = events
    assert last == "done"
    assert not done["success"]
    assert done["error"]["ename"] == "ZeroDivisionError"
    assert printed(done) == "0\n1\n2\n"
    assert {name for name, _ in outputs} == {"output"}
    assert len(outputs) > 1  # it was not held back
    assert "".join(printed(data) for _, data in outputs) == "0\n1\n2\n"


def test_a_stream_that_is_refused(server: WebProcess, person: Person) -> None:
    body = {"code": "1", "session": "0" * 32}
    text = posted(server, person, body, Accept="text/event-stream").read().decode()
    assert text.startswith("event: error\n")
    assert '"not_found"' in text


def test_fifty_callers_at_once(server: WebProcess, person: Person) -> None:
    """Some in one session, some in several, some in none: each gets its own answer, or is told when to come again."""
    sessions = [{"session": f"s{number % 3}"} if number % 2 else {} for number in range(50)]
    answers: dict[int, tuple[int, Any, Any]] = {}

    def call(number: int) -> None:
        code = f"import time; time.sleep(0.05); print({number})"
        response = posted(server, person, {"code": code, **sessions[number]})
        answers[number] = (response.status, response.headers["Retry-After"], orjson.loads(response.read()))

    threads = [threading.Thread(target=call, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 50
    for number, (status, retry_after, answer) in answers.items():
        if status == 200:
            assert printed(answer) == f"{number}\n"
        else:
            assert status in (429, 503), answer
            assert int(retry_after) > 0
    assert sum(status == 200 for status, _, _ in answers.values()) >= 25
    assert CodeSession.objects.filter(user=person.user, ended_at=None).count() <= 8


def test_a_killed_worker(
    database: Database, worker: WorkerProcess, server: WebProcess, person: Person
) -> None:
    """The call goes on under the next one, as a cell would."""
    code = "import time\nfor i in range(20):\n    print(i, flush=True)\n    time.sleep(0.1)"
    answers: list[Any] = []
    caller = threading.Thread(
        target=lambda: answers.append(orjson.loads(posted(server, person, {"code": code}).read()))
    )
    mortal = WorkerProcess(database.data_dir, database.url, NOTEBOOK_LANE_TTL_S="2")
    with in_place_of(worker, mortal):
        caller.start()
        wait_until(
            lambda: Kernel.objects.filter(notebook__code_session__user=person.user, status="idle"), "it runs"
        )
    caller.join()
    assert answers[0]["success"]
    assert printed(answers[0]) == "".join(f"{number}\n" for number in range(20))
