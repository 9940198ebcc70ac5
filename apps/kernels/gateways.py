"""Jupyter Kernel Gateways and Enterprise Gateways: where kernels run if `NOTEBOOK_KERNEL_GATEWAYS` names any.

`jupyter_server.gateway` speaks to one gateway in a process, as a manager of kernels that lives as long as the server.
Here kernels outlive workers, and there may be several gateways, so this is a client of a few calls of their REST API.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count

from apps.base.errors import Unavailable
from apps.kernels.models import LIVING, Kernel

# A gateway that takes longer to take a connection is as good as down. It may take long to start a kernel.
TIMEOUT_S = 5
START_TIMEOUT_S = 60

Json = dict[str, Any]


class GatewayError(OSError):
    """It does not answer, or refuses."""


@dataclass(frozen=True)
class Gateway:
    url: str
    token: str = ""

    def start(self, spec: str, environment: Mapping[str, str]) -> str:
        """A new kernel; its id. GatewayError."""
        body = {"name": spec, "env": dict(environment)}
        return str(self._call("POST", "/api/kernels", body, timeout_s=START_TIMEOUT_S)["id"])

    def end(self, kernel_id: str) -> None:
        """One that is gone already is no error. GatewayError."""
        self._call("DELETE", f"/api/kernels/{kernel_id}", allowed=(404,))

    def specs(self) -> Mapping[str, Json]:
        """`{name: kernelspec}` of Jupyter. GatewayError."""
        found = self._call("GET", "/api/kernelspecs").get("kernelspecs", {})
        return {name: entry.get("spec", {}) for name, entry in found.items()}

    def _call(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        timeout_s: float = TIMEOUT_S,
        allowed: Iterable[int] = (),
    ) -> Json:
        request = urllib.request.Request(  # noqa: S310 (settings.py has looked at the scheme)
            self.url + path, method=method, data=json.dumps(body).encode() if body is not None else None
        )
        request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("Authorization", f"token {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=timeout_s) as response:  # noqa: S310
                text = response.read()
                return dict(json.loads(text)) if text else {}
        except urllib.error.HTTPError as error:
            if error.code in allowed:
                return {}
            raise GatewayError(f"{self.url} answers {error.code} {error.reason}") from error
        except (OSError, ValueError) as error:
            raise GatewayError(f"{self.url} does not answer: {error}") from error


def gateways() -> list[Gateway]:
    return [Gateway(url, token) for url, token in settings.KERNEL_GATEWAYS]


def gateway_at(url: str) -> Gateway:
    """One that is configured no more is asked without a token."""
    return next((each for each in gateways() if each.url == url), Gateway(url))


def start_on_least_loaded(spec: str, environment: Mapping[str, str]) -> tuple[Gateway, str]:
    """The gateway with the fewest kernels of ours that starts one, and the kernel's id. Unavailable if none does.

    Most gateways do not tell how many kernels they have, so those in our rows count.
    """
    load = _kernels_by_url()
    problems = []
    for gateway in sorted(gateways(), key=lambda each: load.get(each.url, 0)):
        try:
            return gateway, gateway.start(spec, environment)
        except GatewayError as error:
            problems.append(str(error))
    raise Unavailable(
        f"No kernel gateway can start a kernel ({'; '.join(problems)}). Try again when one is back, or tell your "
        "administrator."
    )


def _kernels_by_url() -> Mapping[str, int]:
    living = Kernel.objects.filter(status__in=LIVING)
    on_gateways = living.filter(provisioner_info__gateway__isnull=False).order_by()
    counted = on_gateways.values_list("provisioner_info__gateway").annotate(Count("pk"))
    return {url: count for url, count in counted if url}
