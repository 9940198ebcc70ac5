"""Real Jupyter Kernel Gateways on loopback."""

import json
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.processes import wait_until

TOKEN = "a-token-of-the-gateway"


class GatewayProcess:
    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._home = Path(tempfile.mkdtemp(prefix="tandem-gateway-"))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url_with_token(self) -> str:
        return f"http://{TOKEN}@127.0.0.1:{self.port}"

    def start(self) -> None:
        options = ["--ip=127.0.0.1", f"--port={self.port}", "--port_retries=0", f"--auth_token={TOKEN}"]
        with (self._home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "kernel_gateway", *options),
                    "--JupyterWebsocketPersonality.list_kernels=True",
                ],
                cwd=self._home,
                env={"HOME": str(self._home), "PATH": str(Path(sys.executable).parent)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(self._is_ready, f"the gateway answers:\n{(self._home / 'log').read_text()}")

    def kill(self) -> None:
        """As if its machine were gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """With its kernels."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=30)

    def kernels(self) -> list[Any]:
        """Those that run there."""
        found: list[Any] = json.loads(self._get("/api/kernels"))
        return found

    def _is_ready(self) -> bool:
        try:
            return bool(self._get("/api/kernelspecs"))
        except OSError:
            return False

    def _get(self, path: str) -> bytes:
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"token {TOKEN}"})
        with urllib.request.urlopen(request, timeout=5) as response:
            body: bytes = response.read()
            return body


@contextmanager
def running_gateways(count: int) -> Iterator[list[GatewayProcess]]:
    gateways = [GatewayProcess() for _ in range(count)]
    try:
        for gateway in gateways:
            gateway.start()
        yield gateways
    finally:
        for gateway in gateways:
            gateway.stop()
