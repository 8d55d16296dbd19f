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
        # The port is free when it is looked for; another program may be faster.
        for _try in range(5):
            url = self._start()
            if url is not None:
                return url
        raise SystemExit("moto did not start: " + self._log.read_text()[-2000:])

    def _start(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        with open(self._log, "wb") as log:
            self._server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + 120
        while self._server.poll() is None and time.monotonic() < end:
            # It says so itself once it has the port: whoever answers there might be another program.
            if b"Running on http" in self._log.read_bytes():
                return f"http://127.0.0.1:{port}"
            time.sleep(0.1)
        self.__exit__()
        return None

    def __exit__(self, *_exception):
        self._server.terminate()
        self._server.wait(10)
