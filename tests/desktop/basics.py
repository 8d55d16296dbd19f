"""The main job: drop, upload, link; a second start; no display; closing; language; idleness."""

import concurrent.futures
import contextlib
import os
import pathlib
import re
import subprocess
import time

import world
from samples import BIG_BYTES, content_type, make
from stalling_server import StallingServer
from steps import BUCKET, WINDOW, ask_to_close, client, close, keys_of, lent, links_on_clipboard, open_local
from world import find, get, press, shows, until

# How many objects lie in the bucket of the window that has nothing to do.
IDLE_OBJECTS = 2_100
README = pathlib.Path(__file__).resolve().parents[2] / "README.md"


def drop_upload_link(desktop):
    """Files and a folder dropped onto the window arrive byte for byte, and the links on the clipboard open."""
    home = desktop.folder / "home-drop"
    paths, expected = make(desktop.folder / "drop")
    program, app = open_local(desktop, home)
    desktop.drop(program, paths, WINDOW)
    links = links_on_clipboard(len(expected))
    until(lambda: shows(app, f"Done {len(expected)}"), lambda: f"all finished\n{world.dump(app)}")

    storage = lent(desktop, home)
    s3 = client(storage)
    assert sorted(keys_of(s3, BUCKET)) == sorted(expected), (sorted(keys_of(s3, BUCKET)), sorted(expected))
    for key, path in expected.items():
        stored = s3.get_object(Bucket=BUCKET, Key=key)
        assert stored["Body"].read() == path.read_bytes(), f"{key}: other bytes"
        assert stored["ContentType"] == content_type(key), f"{key}: {stored['ContentType']}"
    assert s3.head_object(Bucket=BUCKET, Key="big.bin")["ContentLength"] == BIG_BYTES

    # Each link answers to a stranger, and with its own file.
    contents = sorted(path.read_bytes() for path in expected.values())
    fetched = []
    for link in links:
        status, _, body = get(link)
        assert status == 200, f"{link}: {status} {body[:300]}"
        fetched.append(body)
    assert sorted(fetched) == contents, "the links do not lead to the files that were dropped"
    # The plain address without a signature stays closed: nothing has become public on the way.
    status, _, _ = get(links[0].split("?")[0])
    assert status == 403, status
    close(program, app)


def korean_window_is_korean(desktop):
    """The same door in the other language."""
    home = desktop.folder / "home-korean"
    program = desktop.bucketdrop(home, LANG="ko_KR.UTF-8", LC_ALL="ko_KR.UTF-8")
    app = world.application(program.pid)
    until(lambda: any(re.search("[가-힣]", name) for _, name, _, _ in world.nodes(app)), "Korean words")
    assert not shows(app, "Try it on this computer")
    close(program, app)


def second_start_hands_over(desktop):
    """A second start gives its file to the window that is there, and ends."""
    home = desktop.folder / "home-second"
    program, app = open_local(desktop, home)
    file = desktop.folder / "두 번째.txt"
    file.write_text("from a second start\n")
    s3 = client(lent(desktop, home))
    second = desktop.bucketdrop(home, file)
    assert second.wait(90) == 0, second.log.read_text()
    find(app, "Upload here", "push button")
    # Nothing is sent anywhere before the person has seen where to.
    assert keys_of(s3, BUCKET) == []
    press(app, "Upload here", "push button")
    until(lambda: keys_of(s3, BUCKET) == [file.name], lambda: f"the file in the bucket\n{world.dump(app)}")
    assert s3.get_object(Bucket=BUCKET, Key=file.name)["Body"].read() == file.read_bytes()
    assert program.poll() is None, "the first window is gone"
    # Closed before it knows that all is done, it would ask.
    until(lambda: shows(app, "Done 1"), lambda: f"the upload among the finished ones\n{world.dump(app)}")
    close(program, app)


def no_display(desktop):
    """Without a display it ends at once, says so, and names a command that works."""
    home = desktop.folder / "home-blind"
    blind = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    ran = subprocess.run(
        [desktop.programs / "bucketdrop"], env=blind | {"BUCKETDROP_HOME": str(home)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=90,
    )
    assert ran.returncode == 1, ran
    command = next(line.strip() for line in ran.stderr.splitlines() if "bucketdrop-cli" in line)
    assert command in README.read_text(), f"the README does not show: {command}"
    # The command, with the program that is already built and a real file.
    prefix = "cargo run --release --bin bucketdrop-cli -- "
    assert command.startswith(prefix), command
    file = desktop.folder / "no display.txt"
    file.write_text("x")
    arguments = [str(file) if word == "FILE" else word for word in command.removeprefix(prefix).split()]
    ran = desktop.cli(home, *arguments)
    assert ran.returncode == 0 and ran.stdout.startswith("http://127.0.0.1:"), ran


# What the standard chain finds for the connection "Slow".
SLOW_KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLEEXAMPLE00", "AWS_SECRET_ACCESS_KEY": "example-secret-key"}


@contextlib.contextmanager
def busy_world(desktop, name):
    """A home with the connection "Slow", whose server lets no upload end, and a file to upload: home, server, file."""
    home = desktop.folder / f"home-{name}"
    home.mkdir(mode=0o700)
    with StallingServer(BUCKET) as server:
        (home / "settings.toml").write_text(
            f'[[connections]]\nid = "slow"\nname = "Slow"\nservice = "other"\nendpoint = "{server.url}"\n'
            'region = "us-east-1"\naddressing = "path"\ncredentials = "aws"\n'
        )
        os.chmod(home / "settings.toml", 0o600)
        file = desktop.folder / f"{name} never arrives.bin"
        file.write_bytes(b"x" * 1_000_000)
        yield home, server, file


def close_while_busy(desktop):
    """Closing with an upload under way asks first, whether by the frame's button or by the keys that quit; staying goes
    on, leaving leaves."""
    with busy_world(desktop, "busy") as (home, server, file):
        program = desktop.bucketdrop(home, "--connection", "Slow", **SLOW_KEYS)
        app = world.application(program.pid)
        press(app, BUCKET, "list item")
        find(app, "Upload files…", "push button")
        second = desktop.bucketdrop(home, file)
        assert second.wait(90) == 0, second.log.read_text()
        press(app, "Upload here", "push button")
        until(server.is_stalling.is_set, "an upload that does not end")

        ask_to_close(program)
        find(app, "Keep open", "push button")
        assert program.poll() is None
        press(app, "Keep open", "push button")
        until(lambda: not shows(app, "Keep open"), "the question gone")
        assert program.poll() is None, "it left although it was told to stay"

        world.take_keyboard(program, app)
        world.output("xdotool", "key", "ctrl+q")
        press(app, "Quit", "push button")
        status = program.wait(90)
        assert status == 0, f"{status}: {program.log.read_text(errors='replace')}"


def told_to_end_while_busy(desktop):
    """A polite kill in the middle of an upload closes the window in order and asks nothing."""
    with busy_world(desktop, "told to end") as (home, server, file):
        program = desktop.bucketdrop(home, **SLOW_KEYS)
        app = world.application(program.pid)
        # The second start says which connection, and what.
        second = desktop.bucketdrop(home, "--connection", "Slow", file)
        assert second.wait(90) == 0, second.log.read_text()
        press(app, BUCKET, "list item")
        press(app, "Upload here", "push button")
        until(server.is_stalling.is_set, "an upload that does not end")
        program.terminate()
        status = program.wait(90)
        assert status == 143, f"{status}: {program.log.read_text(errors='replace')}"
    assert not list(home.rglob("instance.sock")), "its socket is left"


def idle_is_idle(desktop):
    """With a long listing on screen and nothing to do, the program takes no processor time and paints nothing."""
    home = desktop.folder / "home-idle"
    program, app = open_local(desktop, home)
    s3 = client(lent(desktop, home))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        put = lambda number: s3.put_object(Bucket=BUCKET, Key=f"사진 {number:04}.jpg", Body=b"x")
        list(pool.map(put, range(IDLE_OBJECTS)))
    press(app, "Reload", "push button")
    press(app, "사진 0000.jpg", "list item")
    world.take_keyboard(program, app)

    # It lists on as one moves down.
    def is_all_listed():
        world.output("xdotool", "key", "End")
        return shows(app, f"{IDLE_OBJECTS:,} rows") and shows(app, f"사진 {IDLE_OBJECTS - 1:04}.jpg, ")

    until(is_all_listed, lambda: f"all the objects listed\n{world.dump(app)}")
    # Being looked at through the accessibility bus is work; from here on nobody looks.
    until_settled = time.monotonic() + 90
    before, now = None, spent(program)
    while now != before:
        assert time.monotonic() < until_settled, f"it never comes to rest: {before}, {now}"
        time.sleep(2)
        before, now = now, spent(program)
    time.sleep(10)
    ticks, wakings = (after - at_rest for after, at_rest in zip(spent(program), now))
    assert ticks <= 1, f"{ticks} ticks of processor time in 10 s with nothing to do"
    # The thread that paints has slept all the time: no frame.
    assert wakings == 0, f"the window's thread woke {wakings} times in 10 s with nothing to do"
    close(program, app)


def spent(program):
    """Ticks of processor time of a program so far, and how often its first thread has waited for something."""
    process = pathlib.Path(f"/proc/{program.pid}")
    fields = (process / "stat").read_text().rsplit(")", 1)[1].split()
    thread = (process / "task" / str(program.pid) / "status").read_text()
    return sum(map(int, fields[11:13])), int(re.search(r"\nvoluntary_ctxt_switches:\t(\d+)", thread)[1])


TESTS = [
    drop_upload_link,
    second_start_hands_over,
    no_display,
    close_while_busy,
    told_to_end_while_busy,
    korean_window_is_korean,
    idle_is_idle,
]
