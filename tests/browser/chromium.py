"""Chromium without a window, steered over a pipe (DevTools protocol), so that no further package is needed."""

import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
# Nothing but what it is told to: no updates, no look-ups, no proxy.
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-proxy-server", "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--remote-debugging-pipe",
]
PATIENCE_SECS = 60


def program():
    """Where it is; `None` if it is not on this computer."""
    return next((found for found in map(shutil.which, NAMES) if found), None)


class Chromium:
    """Use it with `with`: one page of a browser that has never been used before."""

    def __enter__(self):
        self._profile = tempfile.TemporaryDirectory(prefix="bucketdrop-chromium-", ignore_cleanup_errors=True)
        commands, self._out = os.pipe()
        self._in, answers = os.pipe()
        # The browser reads commands from 3 and writes answers to 4.
        script = 'exec 3<&"$1" 4>&"$2"; shift 2; exec "$@"'
        self._log = open(pathlib.Path(self._profile.name, "log"), "wb")
        self._process = subprocess.Popen(
            ["bash", "-c", script, "bash", str(commands), str(answers), program(), *ARGUMENTS,
             f"--user-data-dir={self._profile.name}/profile", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, pass_fds=(commands, answers),
        )
        os.close(commands)
        os.close(answers)
        self._rest, self._number, self._events = b"", 0, []
        target = self.call("Target.createTarget", session=None, url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", session=None, targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime"):
            self.call(f"{domain}.enable")
        # An answer of before must not stand for the one that is asked for now.
        self.call("Network.setCacheDisabled", cacheDisabled=True)
        return self

    def __exit__(self, *_exception):
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(20)
        os.close(self._out)
        os.close(self._in)
        self._log.close()
        self._profile.cleanup()

    def call(self, method, session="", **parameters):
        """Sends a command and gives its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session or self._session
        bytes_left = json.dumps(message).encode() + b"\0"
        while bytes_left:
            bytes_left = bytes_left[os.write(self._out, bytes_left):]
        number = self._number
        answer = self._wait(lambda message: message.get("id") == number, method)
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        return answer["result"]

    def _wait(self, is_wanted, what):
        end = time.monotonic() + PATIENCE_SECS
        while True:
            while b"\0" in self._rest:
                line, self._rest = self._rest.split(b"\0", 1)
                message = json.loads(line)
                if is_wanted(message):
                    return message
                if "method" in message:
                    self._events.append(message)
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._in], [], [], left)[0]:
                raise AssertionError(f"no answer of the browser to {what}\n{self._tail()}")
            chunk = os.read(self._in, 1 << 20)
            if not chunk:
                raise AssertionError(f"the browser has ended before {what}\n{self._tail()}")
            self._rest += chunk

    def _tail(self):
        return pathlib.Path(self._log.name).read_text(errors="replace")[-2000:]

    def _event(self, method, is_wanted):
        for number, event in enumerate(self._events):
            if event["method"] == method and is_wanted(event["params"]):
                return self._events.pop(number)["params"]
        is_it = lambda message: message.get("method") == method and is_wanted(message["params"])
        return self._wait(is_it, method)["params"]

    def open(self, url):
        """Opens an address as if it had been typed: the status, the address that was asked for, and the text there."""
        self._events.clear()
        went = self.call("Page.navigate", url=url)
        if "errorText" in went:
            return None, url, went["errorText"]
        loader = went["loaderId"]
        answer = self._event("Network.responseReceived", lambda event: event["requestId"] == loader)
        self._event("Page.loadEventFired", lambda _event: True)
        text = self.evaluate("document.body ? document.body.innerText : ''")
        return answer["response"]["status"], answer["response"]["url"], text

    def evaluate(self, script):
        """The value of a script in the page."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise AssertionError(result["exceptionDetails"])
        return result["result"].get("value")
