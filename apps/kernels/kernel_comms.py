"""Which messages to widgets a kernel has had. Imported by kernel_main.py and kernel_bridge.py, and imports nothing of
the server.

A page sends a message again until it hears that it was handled, and on the way there may be another owner of the lane
by then, so the kernel itself looks that it does nothing twice.
"""

from collections import OrderedDict
from typing import Any

Json = dict[str, Any]

# A page sends again after seconds; nobody clicks so often meanwhile.
MAX_REMEMBERED = 10_000


class HeardComms:
    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()

    def is_new(self, message: Json) -> bool:
        """Whether the `comm_msg` has something that was not heard before; it counts as heard from now on.

        It says in its metadata which messages of pages went into it, `message_ids`; its own id is the last of these.
        """
        ids = message.get("metadata", {}).get("message_ids") or [message["header"]["msg_id"]]
        is_new = any(each not in self._ids for each in ids)
        for each in ids:
            self._ids[each] = None
        while len(self._ids) > MAX_REMEMBERED:
            self._ids.popitem(last=False)
        return is_new
