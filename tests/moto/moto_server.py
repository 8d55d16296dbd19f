"""moto, the S3 server by other people, on a free port of this computer."""

import pathlib
import socket
import subprocess
import sys
import time


class Moto:
    """Use it with `with`; gives the server's address once it answers."""

    def __init__(self, log):
        self._log = pathlib.Path(log)

    def __enter__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        with open(self._log, "wb") as log:
            self._server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return f"http://127.0.0.1:{port}"
            except OSError:
                if self._server.poll() is not None or time.monotonic() > end:
                    self.__exit__()
                    raise SystemExit("moto did not start: " + self._log.read_text()[-2000:])
                time.sleep(0.1)

    def __exit__(self, *_exception):
        self._server.terminate()
        self._server.wait(10)
