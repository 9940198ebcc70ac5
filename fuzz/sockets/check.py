"""What must hold once everything is quiet. Pure: compares what the database holds with what the tabs report.

That no word got lost follows from three of the laws: what was typed in a tab is in the log, once and in order; what the
log deletes, somebody deleted; and every text is the fold of its log.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fuzz.sockets.rows import Stored, StoredCell, StoredEdit

Report = dict[str, Any]

# What an action may come to: a lost connection, somebody who was faster and a cell that is gone are in the game.
_FAIR = {"done", "nowhere", "not needed", "interrupted", "given up", "tried again", "200", "404", "null"}
_FAIR_REFUSALS = {"conflict", "not_found", "connection lost"}
_WORD = re.compile(r"c\d+_\d+;")


@dataclass(frozen=True)
class Step:
    """An edit of the log, and what it did to the text."""

    edit: StoredEdit
    before: str
    after: str
    inserted: str
    deleted: str

    def __str__(self) -> str:
        return f"version {self.edit.version}: +{self.inserted!r} -{self.deleted!r}"


class Evidence:
    def __init__(self, stored: Stored, report: Report) -> None:
        self.stored = stored
        self.report = report
        self.names = {
            client_id: number for number, tab in enumerate(report["tabs"]) for client_id in tab["client_ids"]
        }

    @cached_property
    def live(self) -> list[StoredCell]:
        return [cell for cell in self.stored.cells if not cell.is_deleted]

    @cached_property
    def first_texts(self) -> dict[str, str]:
        """What each cell was created with."""
        created = [
            event.payload["cell"] for event in self.stored.events if event.payload["type"] == "cell_created"
        ]
        return {cell["id"]: cell["source"] for cell in created}

    @cached_property
    def steps(self) -> dict[str, list[Step]]:
        """By cell, the fold of its log."""
        edits = defaultdict(list)
        for edit in self.stored.edits:
            edits[edit.cell_id].append(edit)
        return {
            cell.id: list(_folded(self.first_texts[cell.id], edits[cell.id])) for cell in self.stored.cells
        }


def divergences(stored: Stored, report: Report) -> Iterator[str]:
    """One sentence each, with its context."""
    evidence = Evidence(stored, report)
    yield from _wrong_numbers(evidence)
    yield from _texts_that_are_not_the_fold(evidence)
    yield from _tabs_that_differ(evidence)
    yield from _acknowledged_but_not_logged(evidence)
    yield from _typed_but_not_logged(evidence)
    yield from _words_lost_or_doubled(evidence)
    yield from _unexplained_edits(evidence)
    yield from _unfair_outcomes(evidence)


def _wrong_numbers(evidence: Evidence) -> Iterator[str]:
    seqs = [event.seq for event in evidence.stored.events]
    if seqs != list(range(1, len(seqs) + 1)):
        yield f"The events' seqs have gaps: {seqs}."
    for cell in evidence.stored.cells:
        versions = [step.edit.version for step in evidence.steps[cell.id]]
        if versions != list(range(1, cell.version + 1)):
            yield f"Cell {cell.id} is at version {cell.version}, its log has {versions}."


def _texts_that_are_not_the_fold(evidence: Evidence) -> Iterator[str]:
    for cell in evidence.stored.cells:
        steps = evidence.steps[cell.id]
        folded = steps[-1].after if steps else evidence.first_texts[cell.id]
        if folded != cell.source:
            yield f"Cell {cell.id} holds {cell.source!r}, the fold of its log is {folded!r}."


def _tabs_that_differ(evidence: Evidence) -> Iterator[str]:
    cells = [
        {"id": cell.id, "kind": cell.kind, "source": cell.source, "version": cell.version}
        for cell in evidence.live
    ]
    texts = {cell.id: (cell.version, cell.source) for cell in evidence.live}
    here = {tab["client_id"]: tab["whereabouts"] for tab in evidence.report["tabs"]}
    for number, tab in enumerate(evidence.report["tabs"]):
        if dict(tab["others"]) != {name: cell for name, cell in here.items() if name != tab["client_id"]}:
            yield f"Tab {number} ({tab['client_id']}) knows of {tab['others']}, there are {here}."
        if tab["cells"] != cells:
            yield f"Tab {number} shows {tab['cells']}, the rows are {cells}."
        open_texts = {editor["cell_id"]: (editor["version"], editor["text"]) for editor in tab["editors"]}
        if open_texts != texts:
            yield f"The editors of tab {number} hold {open_texts}, the rows are {texts}."


def _acknowledged_but_not_logged(evidence: Evidence) -> Iterator[str]:
    for number, tab in enumerate(evidence.report["tabs"]):
        for push in tab["pushes"]:
            if len(set(push["answers"]) - {"not_found"}) > 1:
                yield f"Tab {number} sent one push twice and got two answers: {push}."
            versions = [answer for answer in push["answers"] if isinstance(answer, int)]
            if not versions:
                continue
            steps = evidence.steps[push["cell_id"]][push["version"] : versions[0]]
            logged = [(step.edit.client_id, step.edit.changes) for step in steps]
            if logged != [(push["client_id"], update) for update in push["updates"]]:
                yield f"Tab {number} was told that {push} was accepted, the log has {logged} there."


def _typed_but_not_logged(evidence: Evidence) -> Iterator[str]:
    for number, tab in enumerate(evidence.report["tabs"]):
        for cell in evidence.stored.cells:
            logged = [
                step for step in evidence.steps[cell.id] if evidence.names.get(step.edit.client_id) == number
            ]
            sessions = [session for session in tab["sessions"] if session["cell_id"] == cell.id]
            at = _first_untyped(logged, sessions)
            if at is not None:
                around = "\n    ".join(str(step) for step in logged[max(0, at - 3) : at + 3])
                typed = "\n    ".join(f"{_typed(session)}" for session in sessions)
                yield f"Tab {number} typed in {cell.id}\n    {typed}\nand the log has, from {at} on,\n    {around}"


def _words_lost_or_doubled(evidence: Evidence) -> Iterator[str]:
    """Words that were typed in one go."""
    for number, tab in enumerate(evidence.report["tabs"]):
        for cell in evidence.live:
            steps = evidence.steps[cell.id]
            inserted = [step.inserted for step in steps if evidence.names.get(step.edit.client_id) == number]
            times = Counter(word for text in inserted for word in _WORD.findall(text))
            yield from (
                f"{word} was typed once, and is logged {n} times." for word, n in times.items() if n > 1
            )
            for word in _sent_words(tab, cell):
                # What was not sent for long is sent in one piece, with what was typed within the word.
                if not any(_is_subsequence(word, text) for text in inserted):
                    yield f"{word} was typed in {cell.id} and is not in its log."


def _sent_words(tab: dict[str, Any], cell: StoredCell) -> Iterator[str]:
    """Those typed in the cell; what was deleted again before it was sent may have been one of them."""
    for session in tab["sessions"]:
        unconfirmed = session["edits"][len(session["edits"]) - session["unconfirmed"] :]
        if session["cell_id"] == cell.id and not any(edit["deleted"] for edit in unconfirmed):
            for edit in session["edits"]:
                if not edit["is_adopted"]:
                    yield from _WORD.findall(edit["inserted"])


def _typed(session: dict[str, Any]) -> str:
    edits = " ".join(f"+{edit['inserted']!r}-{edit['deleted']!r}" for edit in session["edits"])
    return f"{edits} (the last {session['unconfirmed']} unconfirmed)"


def _unexplained_edits(evidence: Evidence) -> Iterator[str]:
    """Edits that no tab pushed must be those of REST calls, splits and merges."""
    rest_edits = evidence.report["rest_edits"]
    asked = {
        (edit["cell_id"], edit["expected_version"], edit["before"], edit["after"]) for edit in rest_edits
    }
    done = {
        (event.payload["cell_id"], event.payload["version"]): index
        for index, event in enumerate(evidence.stored.events)
        if event.payload["type"] == "cell_updated"
    }
    for cell_id, steps in evidence.steps.items():
        for step in steps:
            version = step.edit.version
            if (
                step.edit.client_id in evidence.names
                or (cell_id, version - 1, step.before, step.after) in asked
            ):
                continue
            index = done.get((cell_id, version), -2) + 1
            following = [event.payload for event in evidence.stored.events[index : index + 1]]
            if step.edit.client_id or not any(_is_part_of(step, event, evidence) for event in following):
                yield f"Nobody made this edit of {cell_id}: {step} ({step.edit.client_id!r}), followed by {following}."
    for edit in rest_edits:
        steps = evidence.steps[edit["cell_id"]][edit["expected_version"] : edit["expected_version"] + 1]
        if edit["status"] == 200 and [(step.before, step.after) for step in steps] != [
            (edit["before"], edit["after"])
        ]:
            yield f"The REST edit {edit} was accepted, the log has {[str(step) for step in steps]} there."


def _is_part_of(step: Step, event: dict[str, Any], evidence: Evidence) -> bool:
    """Whether the event after the edit's makes it a split or a merge that loses nothing."""
    match event:
        case {"type": "cell_created", "cell": {"source": rest}}:
            return step.before in (step.after + rest, f"{step.after}\n{rest}")
        case {"type": "cell_deleted", "cell_id": cell_id}:
            steps = evidence.steps[cell_id]
            texts = {evidence.first_texts[cell_id], *(each.after for each in steps)}
            return step.after.startswith(f"{step.before}\n") and step.after[len(step.before) + 1 :] in texts
    return False


def _unfair_outcomes(evidence: Evidence) -> Iterator[str]:
    for number, tab in enumerate(evidence.report["tabs"]):
        for error in tab["errors"]:
            yield f"Tab {number} met {error}."
    for number, outcomes in enumerate(evidence.report["outcomes"]):
        for outcome in outcomes:
            action, _, came_to = outcome.partition(" ")
            if came_to not in _FAIR | _FAIR_REFUSALS:
                yield f"Person {number} met {came_to!r} at {action}."


def _first_untyped(logged: Sequence[Step], sessions: Sequence[dict[str, Any]]) -> int | None:
    """The first logged edit that is not what was typed in editors opened one after the other; None if all are.

    The log may lack what was not confirmed when an editor was closed, and what the next one took over of that.
    """
    reached = furthest = {0}
    for session in sessions:
        certain = len(session["edits"]) - session["unconfirmed"]
        for index, edit in enumerate(session["edits"]):
            further = {at + 1 for at in reached if at < len(logged) and _is_logged_as(edit, logged[at])}
            may_be_missing = index >= certain or edit["is_adopted"]
            furthest = reached
            reached = further | (reached if may_be_missing else set())
            if not reached:
                return max(furthest)
    return None if len(logged) in reached else max(reached)


def _is_logged_as(edit: dict[str, Any], step: Step) -> bool:
    """Of what it deletes, others may have deleted some before."""
    return step.inserted == edit["inserted"] and _is_subsequence(step.deleted, edit["deleted"])


def _is_subsequence(part: str, whole: str) -> bool:
    rest = iter(whole)
    return all(character in rest for character in part)


def _folded(text: str, edits: Sequence[StoredEdit]) -> Iterator[Step]:
    """Written anew, so that apps/editing is not its own judge."""
    for edit in edits:
        units = text.encode("utf-16-le")
        position = 0
        kept, inserted, deleted = [], [], []
        for section in edit.changes:
            length = 2 * (section if isinstance(section, int) else section[0])
            old = units[position : position + length]
            position += length
            if isinstance(section, int):
                kept.append(old)
            else:
                new = "\n".join(section[1:])
                kept.append(new.encode("utf-16-le"))
                inserted.append(new)
                deleted.append(old.decode("utf-16-le"))
        after = b"".join(kept).decode("utf-16-le") if position == len(units) else f"(no fit for {text!r})"
        yield Step(edit, text, after, "".join(inserted), "".join(deleted))
        text = after
