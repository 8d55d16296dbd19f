"""Hangul typed through an input method, as Koreans type it: ibus with its Hangul engine, over XIM."""

import contextlib
import subprocess

import world
from steps import BUCKET, client, close, keys_of, lent, open_local
from world import find, output, press, shows, until

# What the keys of a Korean keyboard say where Latin letters are printed.
KEYS = {"안녕": "dkssud", "사진": "tkwls", "새폴더": "tovhfej"}


def strike(app, name, key):
    """Presses a key that changes what stands in the field, and waits until it has: of keys that come faster than a busy
    input method takes them, some are lost. One that has no effect for long was, and is pressed again."""
    before = text_of(app, name)
    for _attempt in range(3):
        output("xdotool", "key", key)
        with contextlib.suppress(world.Missing):
            return until(lambda: text_of(app, name) not in (before, None), key, 15)
    raise world.Missing(f"the key {key} has no effect in {name!r}, where {before!r} stands\n{world.dump(app)}")


def typed(app, name, word):
    """Presses the keys of a word, each of which changes the syllable that is being typed."""
    for key in KEYS[word]:
        strike(app, name, key)


def in_hangul_mode(app, name):
    """Sees to it that the focused field is typed into in Hangul: some versions begin each field with Latin letters."""
    before = text_of(app, name)
    for _attempt in range(5):
        strike(app, name, "r")
        is_latin = text_of(app, name) == f"{before}r"
        strike(app, name, "BackSpace")
        until(lambda: text_of(app, name) == before, lambda: f"no letter in {name!r}\n{world.dump(app)}")
        if not is_latin:
            return
        output("xdotool", "key", "shift+space")
    raise world.Missing(f"no Hangul in {name!r}")


def enter_until(look, what):
    """Presses Enter. With some versions the first one only ends the syllable that is being typed, as in other programs."""
    output("xdotool", "key", "Return")
    try:
        until(look, what, 10)
    except world.Missing:
        output("xdotool", "key", "Return")
        until(look, what)


def text_of(app, name):
    """What stands in the field of this name."""
    return next((text for role, found, text, _ in world.nodes(app) if role == "entry" and found == name), None)


def hangul_input(desktop):
    """Letters join to syllables in the filter, in the path, and in a dialog; Enter ends the last one and does its own."""
    ibus = desktop.spawn(["ibus-daemon", "--xim", "--panel=disable"])
    choose = ["ibus", "engine", "hangul"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    until(lambda: subprocess.run(choose, **quiet).returncode == 0, lambda: f"the Hangul engine: {ibus.log.read_text()}")
    home = desktop.folder / "home-hangul"
    program, app = open_local(desktop, home, XMODIFIERS="@im=ibus")
    s3 = client(lent(desktop, home))
    for key in ("안녕.txt", "사진/b.txt", "plain.txt"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    press(app, "Reload", "push button")
    find(app, "plain.txt", "list item")
    world.take_keyboard(program, app)

    output("xdotool", "key", "ctrl+f")
    world.until_focused(app, "Filter this folder", "entry")
    in_hangul_mode(app, "Filter this folder")
    typed(app, "Filter this folder", "안녕")
    until(lambda: text_of(app, "Filter this folder") == "안녕", lambda: f"안녕 in the filter\n{world.dump(app)}")
    until(lambda: not shows(app, "plain.txt"), lambda: f"only what the filter leaves\n{world.dump(app)}")
    find(app, "안녕.txt", "list item")
    # Backspace takes the last letter of a syllable that is not complete, and no whole one.
    output("xdotool", "key", "BackSpace")
    until(lambda: text_of(app, "Filter this folder") == "안녀", lambda: f"안녀 in the filter\n{world.dump(app)}")
    # The first Esc belongs to the syllable; no key may be left in the field as a letter.
    output("xdotool", "key", "Escape")
    until(lambda: text_of(app, "Filter this folder") in ("안", "안녀", ""), lambda: f"no stray letter\n{world.dump(app)}")
    output("xdotool", "key", "Escape")
    until(lambda: shows(app, "plain.txt"), lambda: f"no filter\n{world.dump(app)}")

    output("xdotool", "key", "ctrl+l")
    field = "Bucket and folder"
    until(lambda: text_of(app, field) == f"{BUCKET}/", lambda: f"the field for a path\n{world.dump(app)}")
    world.until_focused(app, field, "entry")
    output("xdotool", "key", "End")
    in_hangul_mode(app, field)
    typed(app, field, "사진")
    until(lambda: text_of(app, field) == f"{BUCKET}/사진", lambda: f"사진 in the path\n{world.dump(app)}")
    enter_until(lambda: shows(app, "b.txt"), lambda: f"the folder\n{world.dump(app)}")

    output("xdotool", "key", "ctrl+shift+n")
    until(lambda: any(role == "dialog" for role, *_ in world.nodes(app)), "the dialog for a new folder")
    world.until_focused(app, "Name of the folder", "entry")
    in_hangul_mode(app, "Name of the folder")
    typed(app, "Name of the folder", "새폴더")
    until(lambda: shows(app, "새폴더"), lambda: f"새폴더 in the dialog\n{world.dump(app)}")
    made = "사진/새폴더/"
    enter_until(lambda: made in keys_of(s3, BUCKET), lambda: f"{made}: {keys_of(s3, BUCKET)}\n{world.dump(app)}")
    close(program, app)
    world.end(ibus)


TESTS = [hangul_input]
