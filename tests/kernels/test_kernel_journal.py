"""The journal of a kernel by itself: what it keeps, and what it lets go."""

from apps.kernels.kernel_journal import DELIMITER, NO_NUMBER, Frames, Journal


def message(kind: str, content: bytes = b"{}", *buffers: bytes) -> Frames:
    return [b"kernel.id." + kind.encode(), DELIMITER, b"signature", b"{}", b"{}", b"{}", content, *buffers]


def numbers(journal: Journal) -> list[int]:
    return [int(frames[0]) for frames in journal.unstored()]


def test_messages_are_numbered_and_kept() -> None:
    journal = Journal()
    sent = [journal.add(message("stream", content)) for content in (b"1", b"2")]
    assert sent == [[b"1", *message("stream", b"1")], [b"2", *message("stream", b"2")]]
    assert list(journal.unstored()) == sent
    assert journal.number == 2


def test_status_has_no_number() -> None:
    journal = Journal()
    assert journal.add(message("status")) == [NO_NUMBER, *message("status")]
    assert numbers(journal) == []


def test_what_is_stored_goes() -> None:
    journal = Journal()
    for _ in range(5):
        journal.add(message("stream"))
    journal.stored = 3
    assert numbers(journal) == [4, 5]
    journal.stored = 9
    assert numbers(journal) == []


def test_the_oldest_go_when_there_is_too_much_but_not_the_ends_of_cells() -> None:
    journal = Journal(max_bytes=10_000)
    for number in range(100):
        journal.add(message("cell_reply" if number == 10 else "stream", b"x" * 100))
    kept = numbers(journal)
    assert kept[0] == 11
    assert kept[1:] == list(range(101 - len(kept[1:]), 101))
    assert 10 < len(kept) < 20
    journal.stored = 11
    assert numbers(journal) == kept[1:]


def test_one_message_can_be_too_much() -> None:
    journal = Journal(max_bytes=2_000)
    sent = journal.add(message("display_data", b"x" * 3_000))
    assert sent[1:] == message("display_data", b"x" * 3_000)
    assert numbers(journal) == []
    journal.add(message("stream"))
    assert numbers(journal) == [2]


def test_buffers_are_sent_and_kept() -> None:
    journal = Journal()
    assert journal.add(message("comm_msg", b"{}", b"buffer"))[-1] == b"buffer"
    ((*_, last),) = journal.unstored()
    assert last == b"buffer"
