"""Ctrl+V of what another program has copied: files, and an image, which is uploaded as a file and leaves nothing behind."""

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


def paste_files(desktop):
    """Files that were copied in a file manager, a folder among them: each arrives byte for byte, and so do their links."""
    home, folder = desktop.folder / "home-paste-files", desktop.folder / "복사한 파일 100% #1"
    (folder / "폴더").mkdir(parents=True)
    contents = {"두 장 + 1.txt": b"one\n", "b;c&d.bin": os.urandom(70_000), "폴더/안.txt": b"inside\n"}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    copied_paths = [folder / "두 장 + 1.txt", folder / "b;c&d.bin", folder / "폴더"]
    listed = desktop.folder / "copied.uris"
    listed.write_bytes(b"".join(path.as_uri().encode() + b"\r\n" for path in copied_paths))
    program, app = open_local(desktop, home)
    s3 = client(lent(desktop, home))
    with copied(desktop, "text/uri-list", listed):
        world.take_keyboard(program, app)
        world.output("xdotool", "key", "ctrl+v")
        until(lambda: len(keys_of(s3, BUCKET)) == len(contents), lambda: f"the files in the bucket\n{world.dump(app)}")
    for key, content in contents.items():
        assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == content, f"{key}: other bytes"
    fetched = [world.get(link) for link in links_on_clipboard(len(contents))]
    assert sorted(body for _, _, body in fetched) == sorted(contents.values()), fetched
    until(lambda: shows(app, f"Done {len(contents)}"), lambda: f"the uploads among the finished\n{world.dump(app)}")
    close(program, app)


TESTS = [paste_image, paste_files]
