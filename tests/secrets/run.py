"""No secret leaves its place: a whole session in the window and on the command line, then a search for what it knew.

`tests/run secrets` runs it. The secret key and the session token are typed into the window, kept in the keychain, used for
uploads and for links, all with `RUST_LOG=trace`. Then neither may be found, plain or in another spelling, in a file
below the program's home or the user's, in the argument list of a process, or in the accessibility tree; nor may a signature
of a presigned link be found in a file. Ends with a line `secrets: N passed, N failed`.
"""

import argparse
import base64
import os
import pathlib
import re
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "desktop"), str(HERE.parent / "moto")]

import world  # noqa: E402
from moto_server import Moto  # noqa: E402
from world import World, find, press, until  # noqa: E402

ACCESS_KEY_ID = "AKIAEXAMPLEEXAMPLE00"
# Made up, and unlike anything that could stand in a file by chance.
SECRET = "wq7/Zk+Vt3nB0yXsHc9LmRfP5uGdE2aJiTo8Kb4N"
TOKEN = "FwoGZXIvYXdzEJr3qX7vTn0LwYbK5dSgHc2PzUmAeRiOoVt8Bj4Nf6Qx1Ws9LkDhCyGpZtMuEa7IvRbXn3JqKf5="
BUCKET = "secret-keeper"


class Session:
    """What was seen while the program was used."""

    def __init__(self):
        self.trees = []
        self.arguments = set()
        self.signatures = set()

    def look(self, app=None):
        """Keeps the accessibility tree and the argument lists as they are now."""
        if app is not None:
            self.trees.append(world.dump(app))
        for process in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                self.arguments.add(process.read_bytes())
            except OSError:
                pass

    def note_links(self, text):
        self.signatures.update(re.findall("X-Amz-Signature=([0-9a-f]{64})", text))


def spellings(secret):
    """The forms a secret could be written down in."""
    plain = secret.encode()
    forms = {"plain": plain, "hexadecimal": plain.hex().encode(), "reversed": plain[::-1]}
    forms["UTF-16 LE"], forms["UTF-16 BE"] = secret.encode("utf-16-le"), secret.encode("utf-16-be")
    # In the middle of something longer, base64 has three alignments; the ends depend on the neighbours.
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + plain)
        forms[f"base64, {shift} bytes in"] = encoded[4 if shift else 0 : len(encoded) // 4 * 4 - 8]
    from urllib.parse import quote, quote_plus

    forms["percent-encoded"] = quote(secret, safe="").encode()
    forms["percent-encoded for a form"] = quote_plus(secret).encode()
    forms["JSON"] = secret.replace("/", "\\/").encode()
    return forms


def found(secret, content):
    return [name for name, form in spellings(secret).items() if form in content]


def files_below(*folders):
    for folder in folders:
        for path in sorted(pathlib.Path(folder).rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path


def type_into(app, name, text, role):
    """Gives a field the focus, types, and waits until all of it has arrived."""
    field = find(app, name, role)
    world.Atspi.Component.grab_focus(field)

    def has_focus():
        field.clear_cache()
        return field.get_state_set().contains(world.Atspi.StateType.FOCUSED)

    def has_all():
        # A field for secrets shows as many dots.
        return any(len(shown) == len(text) for _, found, shown, _ in world.nodes(app) if found == name)

    until(has_focus, f"the focus in {name}")
    world.output("xdotool", "key", "--clearmodifiers", "ctrl+a")
    world.output("xdotool", "type", "--delay", "6", text)
    until(has_all, lambda: f"all that was typed into {name}\n{world.dump(app)}")


def use_the_window(desktop, session, home, url):
    """Connects with typed keys, uploads, copies links of both kinds, starts again with the saved connection."""
    program = desktop.bucketdrop(home, RUST_LOG="trace")
    app = world.application(program.pid)
    press(app, "Connect to S3", "push button")
    window = until(lambda: world.windows(program.pid), "the window")[0]
    world.output("xdotool", "windowactivate", "--sync", window)
    press(app, "Service", "combo box")
    press(app, "MinIO")
    type_into(app, "Endpoint", url, "entry")
    type_into(app, "Name", "Keeper", "entry")
    type_into(app, "Access key ID", ACCESS_KEY_ID, "entry")
    type_into(app, "Secret access key", SECRET, "password text")
    press(app, "More options", "push button")
    type_into(app, "Session token", TOKEN, "password text")
    session.look(app)
    press(app, "Test", "push button")
    until(lambda: world.shows(app, "May list buckets: 1 found"), lambda: f"the result of the test in\n{world.dump(app)}")
    session.look(app)
    press(app, "Save and connect", "push button")
    press(app, BUCKET, "list item")
    find(app, "Upload files…", "push button")

    folder = desktop.folder / "secret-files"
    folder.mkdir()
    (folder / "small.txt").write_text("x")
    (folder / "large.bin").write_bytes(os.urandom(9_000_000))
    desktop.drop(program, sorted(folder.iterdir()), (330, 40, 1240, 900))
    until(lambda: world.clipboard().count("http") == 2, "the links")
    session.look(app)
    world.end(program)

    # Again, with what the keychain holds.
    program = desktop.bucketdrop(home, "--connection", "Keeper", RUST_LOG="trace")
    app = world.application(program.pid)
    press(app, BUCKET, "list item")
    find(app, "small.txt")
    session.look(app)
    world.end(program)


def use_the_command_line(desktop, session, home, url):
    """The same keys from the environment, and the saved connection."""
    file = desktop.folder / "by command.txt"
    file.write_text("x")
    keys = {"AWS_ACCESS_KEY_ID": ACCESS_KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": TOKEN}
    environment = keys | {"RUST_LOG": "trace", "AWS_ENDPOINT_URL": url}
    for arguments in (
        ["upload", file, f"s3://{BUCKET}/cli/"],
        ["link", f"s3://{BUCKET}/cli/{file.name}", "--expires", "1h"],
        ["--verbose", "list", "s3://no-such-bucket-here"],
    ):
        ran = desktop.cli(home, *arguments, **environment)
        session.note_links(ran.stdout)
        assert ran.returncode == (1 if "list" in arguments else 0), ran
        said = ran.stdout + ran.stderr
        assert SECRET not in said, arguments
        # A signed link has to carry the token; nothing else may.
        assert TOKEN not in ran.stderr and (TOKEN not in ran.stdout or "link" in arguments), arguments
    ran = desktop.cli(home, "--connection", "Keeper", "link", f"s3://{BUCKET}/small.txt", "--expires", "1h", RUST_LOG="trace")
    assert ran.returncode == 0, ran
    session.note_links(ran.stdout)
    session.look()


def not_in_files(desktop, session, folders):
    """Files: settings, logs, storage, caches, the keychain's own (which are encrypted)."""
    logs = [path for path in files_below(*folders) if "logs" in path.parts]
    assert sum(path.stat().st_size for path in logs) > 10_000, "there is no log to speak of: nothing was tested"
    for path in files_below(*folders):
        content = path.read_bytes()
        for name, secret in (("the secret key", SECRET), ("the session token", TOKEN)):
            assert not found(secret, content), f"{name} is in {path}: {found(secret, content)}"
        for signature in session.signatures:
            assert signature.encode() not in content, f"the signature of a link is in {path}"


def not_in_arguments(desktop, session, folders):
    """Argument lists of every process, seen while it ran. The tests' own typing tool is no part of the program."""
    programs = [line for line in session.arguments if b"xdotool" not in line]
    assert any(b"bucketdrop" in line for line in programs), "the program was never seen"
    for line in programs:
        assert not found(SECRET, line) and not found(TOKEN, line), line[:40]


def not_in_the_accessibility_tree(desktop, session, folders):
    """What a screen reader can read, with the fields filled in."""
    assert any("Secret access key" in tree for tree in session.trees), "the dialog was never seen"
    for tree in session.trees:
        assert not found(SECRET, tree.encode()), tree
        assert not found(TOKEN, tree.encode()), tree


def in_the_keychain(desktop, session, folders):
    """The other way round: it is where it belongs, so the search would have found something that exists."""
    kept = world.output("secret-tool", "search", "--all", "--unlock", "service", SERVICE, stderr=-2)
    assert SECRET in kept and TOKEN in kept, "the keychain does not hold the keys"


SERVICE = "io.github.bucketdrop.Bucketdrop"
TESTS = [not_in_files, not_in_arguments, not_in_the_accessibility_tree, in_the_keychain]


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--programs", required=True, help="folder with bucketdrop and bucketdrop-cli")
    arguments = arguments.parse_args()
    world.reexec_in_session()
    passed, failed = 0, 0
    with World(arguments.programs) as desktop, Moto(desktop.folder / "moto.log") as url:
        import boto3

        boto3.client(
            "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
        ).create_bucket(Bucket=BUCKET)
        session, home = Session(), desktop.folder / "home-secrets"
        folders = [home, desktop.folder / "user", desktop.folder / "runtime"]
        uses = [lambda: use_the_window(desktop, session, home, url), lambda: use_the_command_line(desktop, session, home, url)]
        checks = [lambda check=check: check(desktop, session, folders) for check in TESTS]
        names = ["use_the_window", "use_the_command_line", *(check.__name__ for check in TESTS)]
        for name, run in zip(names, uses + checks):
            started = time.monotonic()
            try:
                run()
                passed, verdict = passed + 1, "ok"
            except Exception:
                failed, verdict = failed + 1, "FAILED"
                print(traceback.format_exc())
                print("picture:", desktop.picture(name))
                desktop.end_windows()
            print(f"{verdict:>6} {time.monotonic() - started:5.1f} s  {name}", flush=True)
    print(f"secrets: {passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
