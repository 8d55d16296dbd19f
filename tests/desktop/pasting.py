"""Ctrl+V of an image that another program has copied: it is uploaded as a file, byte for byte, and leaves nothing behind."""

import contextlib
import os
import re
import subprocess

import world
from steps import BUCKET, client, close, keys_of, lent, links_on_clipboard, open_local
from world import find, shows, until

PNG = b"\x89PNG\r\n\x1a\n"


@contextlib.contextmanager
def copied(desktop, content_type, path):
    """The clipboard while another program has put a file's bytes there as this type."""
    owner = desktop.spawn(["xclip", "-quiet", "-selection", "clipboard", "-t", content_type, "-i", str(path)])

    def offers():
        asked = ["timeout", "5", "xclip", "-o", "-selection", "clipboard", "-t", "TARGETS"]
        ran = subprocess.run(asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return content_type in ran.stdout.split()

    until(offers, f"{content_type} on the clipboard")
    yield
    world.end(owner)


def paste_image(desktop):
    """A small image comes in one piece, a large one in many; what is no image is told."""
    home = desktop.folder / "home-paste"
    program, app = open_local(desktop, home)
    s3 = client(lent(desktop, home))
    sent = {}
    for content_type, ending, size in (("image/png", "png", 3_000), ("image/jpeg", "jpg", 6_000_000)):
        path = desktop.folder / f"copied.{ending}"
        path.write_bytes(PNG + os.urandom(size))
        with copied(desktop, content_type, path):
            world.take_keyboard(program, app)
            world.output("xdotool", "key", "ctrl+v")
            until(lambda: len(keys_of(s3, BUCKET)) > len(sent), lambda: f"the image in the bucket\n{world.dump(app)}")
        new = set(keys_of(s3, BUCKET)) - set(sent)
        assert len(new) == 1, new
        key = new.pop()
        assert re.fullmatch(rf"Pasted image \d{{4}}-\d\d-\d\d at \d\d\.\d\d\.\d\d\.{ending}", key), key
        stored = s3.get_object(Bucket=BUCKET, Key=key)
        assert stored["Body"].read() == path.read_bytes(), f"{key}: other bytes"
        assert stored["ContentType"] == content_type, stored["ContentType"]
        sent[key] = path
        # Its link takes the image's place on the clipboard.
        links_on_clipboard(1)
        until(lambda: shows(app, f"Done {len(sent)}"), lambda: f"the upload among the finished\n{world.dump(app)}")
    kept = home / "data" / "pasted"
    until(lambda: not any(kept.iterdir()), lambda: f"nothing kept of what was uploaded: {list(kept.rglob('*'))}")

    note = desktop.folder / "note.txt"
    note.write_text("only words\n")
    with copied(desktop, "text/plain", note):
        world.take_keyboard(program, app)
        world.output("xdotool", "key", "ctrl+v")
        find(app, "The clipboard holds neither files nor an image")
    assert sorted(keys_of(s3, BUCKET)) == sorted(sent)
    close(program, app)


TESTS = [paste_image]
