"""Where a drop goes: the folder, the bucket or the place under the pointer, and never nowhere without a word."""

import world
from steps import BUCKET, WINDOW, client, close, keys_of, lent, open_local
from world import find, press, shows, until


def middle(node):
    """The middle of a node on the screen."""
    place = world.Atspi.Component.get_extents(node, world.Atspi.CoordType.SCREEN)
    assert place.width > 0 and place.height > 0, f"{node.get_name()!r} is nowhere"
    return place.x + place.width // 2, place.y + place.height // 2


def stand(program):
    """Puts the window beside the place where drags begin, and waits until it has drawn itself there."""
    window = until(lambda: world.windows(program.pid), "the window")[0]
    world.place(window, *WINDOW)
    world.until_still(window)
    return window


def file_in(folder, name):
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"{name}\n")
    return path


def drop_on_rows(desktop):
    """A folder row takes what is dropped on it, and says so before; the free part of the table is the open folder."""
    home, folder = desktop.folder / "home-rows", desktop.folder / "rows"
    program, app = open_local(desktop, home)
    s3 = client(lent(desktop, home))
    for key in ("문서/a.txt", "사진 2026/b.txt", "z.txt"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    press(app, "Reload", "push button")
    row = find(app, "사진 2026", "list item")
    stand(program)

    def told():
        until(lambda: shows(app, f"s3://{BUCKET}/사진 2026/"), lambda: f"the folder named while hovering\n{world.dump(app)}")

    assert desktop.drag_files([file_in(folder, "행 위에.txt")], middle(row), told)
    key = "사진 2026/행 위에.txt"
    until(lambda: key in keys_of(s3, BUCKET), lambda: f"{key} in the bucket: {keys_of(s3, BUCKET)}\n{world.dump(app)}")

    # From another row on to the free part: the row that was passed takes nothing.
    left, top, width, height = WINDOW
    assert desktop.drag_files([file_in(folder, "beside.txt")], (left + width // 2, top + height // 2), lambda: world.says_what_a_drop_does(app))
    until(lambda: "beside.txt" in keys_of(s3, BUCKET), lambda: f"the file in the folder: {keys_of(s3, BUCKET)}")
    until(lambda: shows(app, "Done 2"), lambda: f"both done\n{world.dump(app)}")
    close(program, app)


def drop_on_bucket(desktop):
    """In the list of buckets a drop goes into the bucket under it; beside them it is refused in words."""
    home, folder = desktop.folder / "home-bucket", desktop.folder / "bucket"
    program, app = open_local(desktop, home)
    s3 = client(lent(desktop, home))
    s3.create_bucket(Bucket="second-bucket")
    press(app, "Reload", "push button")
    row = find(app, "second-bucket", "list item")
    window = stand(program)
    assert desktop.drag_files([file_in(folder, "버킷으로.txt")], middle(row), lambda: world.says_what_a_drop_does(app))
    until(lambda: keys_of(s3, "second-bucket") == ["버킷으로.txt"], lambda: f"the file in the bucket\n{world.dump(app)}")
    assert keys_of(s3, BUCKET) == []
    until(lambda: shows(app, "Done 1"), lambda: f"it done\n{world.dump(app)}")
    close(program, app)


def drop_without_a_place(desktop):
    """Before there is a connection, and while a dialog is open, a drop is refused in words; nothing is uploaded."""
    home, folder = desktop.folder / "home-nowhere", desktop.folder / "nowhere"
    program = desktop.bucketdrop(home)
    app = world.application(program.pid)
    find(app, "Try it on this computer", "push button")
    stand(program)
    left, top, width, height = WINDOW
    point = (left + width // 2, top + height - 120)
    desktop.drag_files([file_in(folder, "early.txt")], point, lambda: world.says_what_a_drop_does(app))
    find(app, "Connect first")
    press(app, "Try it on this computer", "push button")
    find(app, "Upload files…", "push button")
    press(app, "Settings", "list item")
    find(app, "Language", "combo box")
    desktop.drag_files([file_in(folder, "during.txt")], point, lambda: world.says_what_a_drop_does(app))
    find(app, "Finish the open dialog first")
    press(app, "Close", "push button")
    assert keys_of(client(lent(desktop, home)), BUCKET) == []
    close(program, app)


def lost_drag(desktop):
    """A drag that ends without a drop leaves nothing behind: its program is killed over the window, or it goes on to
    another place. The drop after it works, and only that one is uploaded. Who notices first that the program is dead is
    a matter of chance, so it dies more than once."""
    home, folder = desktop.folder / "home-lost", desktop.folder / "lost"
    program, app = open_local(desktop, home)
    s3 = client(lent(desktop, home))
    stand(program)
    left, top, width, height = WINDOW
    point = (left + width // 2, top + height // 2)

    def is_over():
        until(lambda: not world.shows_a_drag(app), lambda: f"the end of the drag in\n{world.dump(app)}")

    def genuine(name):
        assert desktop.drag_files([file_in(folder, name)], point, lambda: world.says_what_a_drop_does(app))
        until(lambda: name in keys_of(s3, BUCKET), lambda: f"{name} in the bucket\n{world.dump(app)}")
        until(lambda: not world.shows_a_drag(app), lambda: f"the end of the drop in\n{world.dump(app)}")

    def killed():
        world.says_what_a_drop_does(app)
        source.kill()
        source.wait()
        # The hand has neither moved nor let go.
        is_over()

    deaths = 3
    for death in range(deaths):
        source, handle = desktop.drag_source([file_in(folder, f"killed {death}.txt")])
        world.drag(handle, point, killed)
        genuine(f"after the killed {death}.txt")

    source, handle = desktop.drag_source([file_in(folder, "gone.txt")])

    def gone():
        world.says_what_a_drop_does(app)
        # Out of the window, on to nothing at all, as who has thought better of it.
        world.output("xdotool", "mousemove", str(left // 2), str(top + height - 40))
        is_over()

    world.drag(handle, point, gone)
    until(lambda: world.has_said(source, "refused"), "the drag that nobody took")
    world.end(source)
    genuine("after the gone.txt")
    dropped = ["after the gone.txt", *(f"after the killed {death}.txt" for death in range(deaths))]
    assert sorted(keys_of(s3, BUCKET)) == dropped, keys_of(s3, BUCKET)
    close(program, app)


def drag_that_is_not_handed_over(desktop):
    """More files than the window toolkit can take in one drop, and things that are no files of this computer: said in
    words, and what is here waits for "Upload here". Nothing of it is lost without a word."""
    home, folder = desktop.folder / "home-unread", desktop.folder / "unread"
    program, app = open_local(desktop, home)
    s3 = client(lent(desktop, home))
    stand(program)
    left, top, width, height = WINDOW
    point = (left + width // 2, top + height // 2)

    # Their list is longer than the 256 KiB that X11 hands over in one piece.
    names = [f"사진 {number:04} {'길' * 12}.txt" for number in range(1500)]
    many = [file_in(folder, name) for name in names]
    desktop.drag_files(many, point)
    find(app, f"1,500 items wait to be uploaded to s3://{BUCKET}/")
    assert keys_of(s3, BUCKET) == [], "nobody has said so yet"
    press(app, "Upload here", "push button")
    until(lambda: sorted(keys_of(s3, BUCKET)) == sorted(names), lambda: f"all in the bucket\n{world.dump(app)}")

    mixed = [file_in(folder, "here.txt"), "mtp://phone/DCIM/1.jpg"]
    desktop.drag_files(mixed, point)
    find(app, f"1 item waits to be uploaded to s3://{BUCKET}/")
    assert any("not on this computer" in name for _, name, _, _ in world.nodes(app)), world.dump(app)
    press(app, "Upload here", "push button")
    until(lambda: "here.txt" in keys_of(s3, BUCKET), lambda: f"it in the bucket\n{world.dump(app)}")

    # A drop that is handed over is taken as ever, once.
    assert desktop.drag_files([file_in(folder, "few.txt")], point, lambda: world.says_what_a_drop_does(app))
    until(lambda: "few.txt" in keys_of(s3, BUCKET), lambda: f"it in the bucket\n{world.dump(app)}")
    assert not any((role, name) == ("push button", "Upload here") for role, name, _, _ in world.nodes(app)), world.dump(app)
    close(program, app)


TESTS = [drop_on_rows, drop_on_bucket, drop_without_a_place, drag_that_is_not_handed_over, lost_drag]
