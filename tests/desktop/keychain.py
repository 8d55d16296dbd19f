"""A keychain that is locked, as after a login without a password: the window lives, says so, and goes on without it."""

import json
import os

import world
from steps import client, close
from world import find, output, press, shows, until

BUCKET = "vault"


def storage_of_another(desktop):
    """The embedded storage of another home, as a service that keys are needed for."""
    program = desktop.spawn(
        [str(desktop.programs / "bucketdrop-cli"), "--json", "serve"],
        env=os.environ | {"BUCKETDROP_HOME": str(desktop.folder / "home-service")},
    )
    # It also says that it could not read its own keys.
    told = lambda: [line for line in program.log.read_text().splitlines(keepends=True) if line[0] == "{" and line[-1] == "\n"]
    return json.loads(until(told, lambda: f"the storage: {program.log.read_text()}")[0])


@world.needs(keychain="locked")
def locked_keychain(desktop):
    """A saved connection whose secret cannot be read: told in words; its secret is typed again, the keychain will not
    have it, and for this run it is used without."""
    storage = storage_of_another(desktop)
    s3 = client(storage)
    s3.create_bucket(Bucket=BUCKET)
    home = desktop.folder / "home-locked"
    home.mkdir(mode=0o700)
    settings = home / "settings.toml"
    settings.write_text(
        f'[[connections]]\nid = "vault"\nname = "Vault"\nservice = "other"\nendpoint = "{storage["endpoint"]}"\n'
        f'region = "{storage["region"]}"\naddressing = "path"\ncredentials = "keychain"\n'
        f'access_key_id = "{storage["access_key_id"]}"\n'
    )
    settings.chmod(0o600)
    program = desktop.bucketdrop(home, "--connection", "Vault")
    app = world.application(program.pid)
    find(app, "The keychain is locked")
    # It lives: a key opens the settings.
    world.take_keyboard(program, app)
    output("xdotool", "key", "ctrl+comma")
    find(app, "Language", "combo box")
    output("xdotool", "key", "Escape")
    until(lambda: not shows(app, "Appearance"), "the settings closed")

    press(app, "Edit connection…", "push button")
    field = find(app, "Secret access key", "password text")
    assert field.get_component_iface().grab_focus()
    world.until_focused(app, "Secret access key", "password text")
    output("xdotool", "type", "--delay", "5", storage["secret_access_key"])
    # What stands in the field is masked on the bus, too.
    length = len(storage["secret_access_key"])
    masked = lambda: [text for role, _, text, _ in world.nodes(app) if role == "password text"]
    until(lambda: any(len(text) == length for text in masked()), lambda: f"the secret typed: {masked()}")
    assert storage["secret_access_key"] not in world.dump(app)
    press(app, "Save and connect", "push button")
    find(app, "Use for this run only", "push button")
    assert shows(app, "The keychain is locked"), world.dump(app)
    press(app, "Use for this run only", "push button")
    press(app, BUCKET, "list item")
    find(app, "Upload files…", "push button")

    file = desktop.folder / "자물쇠.txt"
    file.write_text("without a keychain\n")
    second = desktop.bucketdrop(home, file)
    assert second.wait(90) == 0, second.log.read_text()
    press(app, "Upload here", "push button")
    until(lambda: shows(app, "Done 1"), lambda: f"the upload done\n{world.dump(app)}")
    assert s3.get_object(Bucket=BUCKET, Key=file.name)["Body"].read() == file.read_bytes()
    kept = [path for path in home.rglob("*") if path.is_file() and storage["secret_access_key"].encode() in path.read_bytes()]
    assert not kept, f"the secret lies in {kept}"
    close(program, app)


TESTS = [locked_keychain]
