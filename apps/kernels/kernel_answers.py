"""Answers to the server's questions that may take long. Imported by kernel_tables.py and kernel_file_schemas.py, and
imports nothing of the server.

A reply is {status: ok, state, …}, where `state` is `ok`, `pending` (ask the same again: it is being worked at), `gone`
(there is no such thing any more) or `refused` (`message` says why).
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from kernel_table_cells import Refused, cut

Json = dict[str, Any]

# For so long an answer is waited for; then whoever asked has to ask again.
PENDING_AFTER_S = 0.25
MAX_PENDING = 50


class Answers:
    """`begin` starts the work at a question: Refused, or KeyError if what it is about is gone."""

    def __init__(self, begin: Callable[[Json], "Future[Json]"]) -> None:
        self._begin = begin
        self._pending: OrderedDict[str, Future[Json]] = OrderedDict()

    async def answer(self, asked: Json) -> Json:
        key = json.dumps(asked, sort_keys=True)
        try:
            future = self._pending.pop(key, None) or self._begin(asked)
            waiting = asyncio.wrap_future(future)
            done, _ = await asyncio.wait([waiting], timeout=PENDING_AFTER_S)
            if done:
                return {"status": "ok", "state": "ok", **waiting.result()}
            # If nobody asks again, nobody wants to know how it failed.
            waiting.add_done_callback(lambda late: late.exception())
            self._pending[key] = future
            if len(self._pending) > MAX_PENDING:
                self._pending.popitem(last=False)
        except Refused as error:
            return {"status": "ok", "state": "refused", "message": str(error)}
        except KeyError:
            return {"status": "ok", "state": "gone"}
        except Exception as error:  # of a library, or of a class with ideas of its own
            message = cut(f"This did not work: {type(error).__name__}: {error}", 300)
            return {"status": "ok", "state": "refused", "message": message}
        return {"status": "ok", "state": "pending"}
