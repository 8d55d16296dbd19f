"""What the scenarios have in common: starting and closing the window, and asking its storage from outside."""

import json

import world
from world import find, press, until

# Where the window stands while files are dragged onto it, and where on it they are dropped.
WINDOW = (330, 40, 1240, 900)
BUCKET = "my-files"


def open_local(desktop, home, *arguments, **environment):
    """Starts the window and goes through the door "Try it on this computer"."""
    program = desktop.bucketdrop(home, *arguments, **environment)
    app = world.application(program.pid)
    press(app, "Try it on this computer", "push button")
    find(app, "Upload files…", "push button")
    return program, app


def ask_to_close(program):
    """What a click on the close button of the window's frame does."""
    window = until(lambda: world.windows(program.pid), "the window")[0]
    world.output("wmctrl", "-i", "-c", hex(int(window)))


def close(program, app):
    """Closes the window as its frame's button does, and waits for the program's end."""
    ask_to_close(program)
    status = program.wait(90)
    assert status == 0, f"the program ended with {status}: {program.log.read_text(errors='replace')}"


def lent(desktop, home):
    """The embedded storage of the running window, as its command line lends it."""
    ran = desktop.cli(home, "--json", "serve")
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def client(storage):
    """An S3 client of another maker."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=storage["endpoint"],
        region_name=storage["region"],
        aws_access_key_id=storage["access_key_id"],
        aws_secret_access_key=storage["secret_access_key"],
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
    )


def keys_of(s3, bucket):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, EncodingType="url")
    from urllib.parse import unquote_plus

    return [unquote_plus(entry["Key"]) for page in pages for entry in page.get("Contents", [])]


def links_on_clipboard(count):
    """The lines of the clipboard, once there are as many links as expected."""

    def look():
        lines = world.clipboard().splitlines()
        return lines if len(lines) == count and all(line.startswith("http") for line in lines) else None

    return until(look, lambda: f"{count} links on the clipboard, not {world.clipboard()!r}", 60)
