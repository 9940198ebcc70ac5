"""Apart from answering.py: Arrow and drivers take half a second and 60 MB, which only a worker that is asked needs."""

from apps.execution.outside_queries import Answering, Asked


def answering_later(asked: Asked) -> Answering:
    from apps.data.answering import AnsweringOutside  # noqa: PLC0415

    return AnsweringOutside(asked)
