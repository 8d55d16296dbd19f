"""The links of a thousand hostile keys, opened in Chromium: the claim of what a browser can open, held against one.

`tests/run browser` runs it. The objects are put by boto3 into the storage on this computer, the links are those that
`bucketdrop-cli link` prints, and Chromium opens them as if they had been typed. Where the command line says that no browser can
open a key, Chromium is tried with the address all the same, and has to miss the object. Links as HTML are put into a
page, where they have to lead to the same address, and run nothing. Ends with a line `browser: N passed, N failed`.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.parse

import boto3
from botocore.config import Config

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import checks
from chromium import Chromium, program

BUCKET = "browser-bucket"
KEYS = json.loads(pathlib.Path(__file__).with_name("hostile_keys.json").read_text())
# Arguments have a longest length together.
AT_ONCE = 50


def content(number):
    return f"this is object {number}"


class Setup:
    """The storage, running; its bucket is open for anyone."""

    def __init__(self, programs, folder):
        self.program = pathlib.Path(programs, "bucketdrop-cli").resolve()
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("AWS_")
        } | {"BUCKETDROP_HOME": folder, "AWS_EC2_METADATA_DISABLED": "true", "LANG": "C.UTF-8"}

    def __enter__(self):
        self.server = subprocess.Popen(
            [self.program, "--json", "serve"], env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            text=True,
        )
        told = json.loads(self.server.stdout.readline())
        self.endpoint = told["endpoint"]
        self.environment |= {
            "AWS_ACCESS_KEY_ID": told["access_key_id"], "AWS_SECRET_ACCESS_KEY": told["secret_access_key"],
            "AWS_REGION": told["region"], "AWS_ENDPOINT_URL": self.endpoint,
        }
        self.s3 = boto3.client(
            "s3", endpoint_url=self.endpoint, region_name=told["region"], aws_access_key_id=told["access_key_id"],
            aws_secret_access_key=told["secret_access_key"], config=Config(s3={"addressing_style": "path"}),
        )
        self.s3.create_bucket(Bucket=BUCKET)
        statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        self.s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))
        for number, key in enumerate(KEYS):
            self.s3.put_object(Bucket=BUCKET, Key=key, Body=content(number).encode(), ContentType="text/plain")
        return self

    def __exit__(self, *_exception):
        self.server.terminate()
        self.server.wait(20)

    def links(self, *options):
        """The line about each key, as the command line prints it."""
        lines = {}
        for start in range(0, len(KEYS), AT_ONCE):
            uris = [f"s3://{BUCKET}/{key}" for key in KEYS[start:start + AT_ONCE]]
            ran = subprocess.run(
                [self.program, "--json", "--path-style", "link", *options, "--", *uris], env=self.environment,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120,
            )
            # A key that no browser can open is a failure, and told in a line like the others.
            assert ran.returncode in (0, 1), f"{ran.returncode}\n{ran.stdout}\n{ran.stderr}"
            for line in ran.stdout.splitlines():
                line = json.loads(line)
                lines[line["key"]] = line
        assert set(lines) == set(KEYS), set(KEYS) ^ set(lines)
        return lines


def links_open_what_they_name(setup, browser):
    """Plain links: each opens its very object, or is called one that no browser can open, and is."""
    wrong, out_of_reach = [], 0
    lines = setup.links()
    for number, key in enumerate(KEYS):
        line = lines[key]
        if line["event"] == "link":
            # Everything is on this computer, so this is the best that can be said of a link.
            if line["verdict"] != "only-this-computer":
                wrong.append((key, "is called", line["verdict"]))
            found = browser.open(line["link"])
            if found[0] != 200 or found[2] != content(number):
                wrong.append((key, line["link"], found))
            continue
        out_of_reach += 1
        if line["kind"] != "no-address":
            wrong.append((key, line))
        # Both the spelling that we would use, and the one with every byte encoded.
        for encoded in (urllib.parse.quote(key, safe="/"), "".join(f"%{byte:02X}" for byte in key.encode())):
            found = browser.open(f"{setup.endpoint}/{BUCKET}/{encoded}")
            if encoded.count("/") == key.count("/") and found[2] == content(number):
                wrong.append((key, "can be opened after all", encoded))
    assert not wrong, f"{len(wrong)} wrong: {wrong[:10]}"
    assert 20 <= out_of_reach <= 200, out_of_reach
    print(f"       {len(KEYS) - out_of_reach} opened; {out_of_reach} that no browser can reach, and none did")


def signed_links_open_what_they_name(setup, browser):
    """The same for links that expire, of every fifth key."""
    lines = setup.links("--expires", "10m", "--no-check")
    wrong = []
    for number, key in list(enumerate(KEYS))[::5]:
        if lines[key]["event"] == "link":
            found = browser.open(lines[key]["link"])
            if found[0] != 200 or found[2] != content(number):
                wrong.append((key, found))
    assert not wrong, f"{len(wrong)} wrong: {wrong[:10]}"


def html_links_lead_there_and_run_nothing(setup, browser):
    """Links as HTML in a page: the address is the plain link, the words are the name, and no name is markup."""
    plain, html = setup.links("--no-check"), setup.links("--no-check", "--format", "html")
    keys = [key for key in KEYS if plain[key]["event"] == "link"]
    # Some names are markup that runs; whatever gets out of its place leaves a mark.
    name = "<script>window.ran = 1</script>\"><img src=x onerror='window.ran = 1'>.png"
    setup.s3.put_object(Bucket=BUCKET, Key=name, Body=b"x")
    ran = subprocess.run(
        [setup.program, "--path-style", "link", "--no-check", "--format", "html", f"s3://{BUCKET}/{name}"],
        env=setup.environment, stdout=subprocess.PIPE, text=True, check=True, timeout=60,
    )
    page = [html[key]["link"] for key in keys] + [ran.stdout.strip()]
    browser.open(f"{setup.endpoint}/{BUCKET}/soap")
    text = json.dumps("<meta charset=utf-8>" + "".join(f"<p>{link}</p>" for link in page))
    # Written into a document: unlike through innerHTML, scripts would run.
    browser.evaluate(f"document.open(); document.write({text}); document.close(); window.ran = window.ran || 0")
    found = browser.evaluate(
        "[...document.querySelectorAll('p')].map(p => [p.querySelectorAll('*').length, p.querySelector('a')?.href ?? "
        "p.querySelector('img')?.src])"
    )
    assert len(found) == len(page), (len(found), len(page))
    wrong = [
        (key, link) for key, link in zip(keys, found, strict=False) if link != [1, plain[key]["link"]]
    ]
    assert not wrong, f"{len(wrong)} wrong: {wrong[:5]}"
    assert browser.evaluate("[window.ran, document.querySelectorAll('script, [onerror]').length]") == [0, 0]


TESTS = [links_open_what_they_name, signed_links_open_what_they_name, html_links_lead_there_and_run_nothing]


def main():
    told = checks.arguments(__doc__, "bucketdrop-cli")
    if program() is None:
        sys.exit("browser: Chromium is not on this computer (Debian: apt-get install chromium-headless-shell)")
    assert len(KEYS) == 1000, len(KEYS)
    tests = checks.chosen(TESTS, told.tests)
    with tempfile.TemporaryDirectory(prefix="bucketdrop-browser-") as folder, Setup(told.programs, folder) as setup:
        with Chromium() as browser:
            checks.run("browser", tests, setup, browser)


main()
