"""The command line against moto, an S3 server by other people, checked with boto3.

`tests/run moto` runs it. moto checks no signatures (the embedded storage does, in other tests); what counts here is that a
server which is not ours understands every request, that we understand its answers, and that its CRC64NVME is ours.
Ends with a line `moto: N passed, N failed`.
"""

import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import unicodedata
import urllib.error
import urllib.parse
import urllib.request
from random import Random

import boto3
from botocore.config import Config

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import checks
from moto_server import Moto

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLEEXAMPLE00", "AWS_SECRET_ACCESS_KEY": "example-secret-key"}
BUCKET = "moto-bucket"


class Setup:
    """A folder, a server, and how to talk to it."""

    def __init__(self, programs, folder, url):
        self.program = pathlib.Path(programs, "bucketdrop-cli").resolve()
        self.folder = pathlib.Path(folder)
        self.url = url
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("AWS_")
        } | KEYS | {"BUCKETDROP_HOME": str(self.folder / "home"), "AWS_EC2_METADATA_DISABLED": "true", "LANG": "C.UTF-8"}
        self.s3 = boto3.client(
            "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"], config=Config(s3={"addressing_style": "path"}),
        )

    def cli(self, *arguments, status=0, **environment):
        """Runs a command; its exit status has to be this one."""
        ran = subprocess.run(
            [self.program, "--endpoint-url", self.url, "--path-style", *map(str, arguments)],
            env=self.environment | environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, timeout=120,
        )
        assert ran.returncode == status, f"{arguments}: {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
        return ran

    def lines(self, *arguments, **options):
        return [json.loads(line) for line in self.cli("--json", *arguments, **options).stdout.splitlines()]

    def keys(self, prefix=""):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def file(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path


def uploads_arrive(setup):
    names = [
        "plain.txt", "a b+c%20#d&e?.txt", "괄호 [1] (최종).txt", unicodedata.normalize("NFD", "한글.txt"), "empty.bin",
        "deep/er/still.html",
    ]
    for name in names:
        setup.file(f"up/{name}", b"" if name == "empty.bin" else name.encode())
    setup.file("up/.DS_Store", b"x")
    big = setup.file("up/big.bin", os.urandom(17 * 1024 * 1024 + 3))
    lines = setup.lines("upload", setup.folder / "up", f"s3://{BUCKET}/in/")
    done = {line["key"]: line for line in lines if line["event"] == "done"}
    expected = sorted(f"in/up/{name}" for name in [*names, "big.bin"])
    assert sorted(done) == expected == sorted(setup.keys("in/")), (sorted(done), setup.keys("in/"))
    assert [line["reason"] for line in lines if line["event"] == "skipped"] == ["system-file"]
    last = lines[-1]
    assert (last["event"], last["uploaded"], last["skipped"], last["failed"]) == ("finished", 7, 1, 0), last
    for key in expected:
        stored = setup.s3.get_object(Bucket=BUCKET, Key=key)
        local = setup.folder / key.removeprefix("in/")
        assert stored["Body"].read() == local.read_bytes(), key
    assert setup.s3.head_object(Bucket=BUCKET, Key="in/up/deep/er/still.html")["ContentType"].startswith("text/html")
    head = setup.s3.head_object(Bucket=BUCKET, Key="in/up/big.bin", ChecksumMode="ENABLED")
    assert head["ETag"].endswith('-3"') and head["ContentLength"] == big.stat().st_size, head
    # The checksum of the whole object, which moto computes with a library of its own.
    assert done["in/up/big.bin"]["checksum"] == "CRC64NVME:" + head["ChecksumCRC64NVME"], head
    # The answer's entity tag is the MD5 of the parts' MD5s, which moto computed from what it got: that is proof.
    assert done["in/up/big.bin"]["verified"] == "accepted", done["in/up/big.bin"]
    assert not setup.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads"), "an upload was left unfinished"


def options_arrive(setup):
    file = setup.file("options.txt", b"x")
    ran = setup.cli(
        "upload", file, f"s3://{BUCKET}/o/", "--content-type", "text/x-special", "--cache-control", "max-age=60",
        "--metadata", "note=kept", "--tag", "team=blue", "--storage-class", "STANDARD_IA", "--acl", "public-read",
    )
    # Public now, by its ACL: the plain address opens for a stranger.
    with urllib.request.urlopen(ran.stdout.strip()) as answer:
        assert answer.read() == b"x"
    head = setup.s3.head_object(Bucket=BUCKET, Key="o/options.txt")
    assert head["ContentType"] == "text/x-special" and head["CacheControl"] == "max-age=60", head
    assert head["Metadata"] == {"note": "kept"} and head["StorageClass"] == "STANDARD_IA", head
    tags = setup.s3.get_object_tagging(Bucket=BUCKET, Key="o/options.txt")["TagSet"]
    assert tags == [{"Key": "team", "Value": "blue"}], tags


def public_uploads_open_by_the_way_that_there_is(setup):
    strangers = lambda key: [
        (grant["Permission"], grant["Grantee"].get("URI", "").rpartition("/")[2])
        for grant in setup.s3.get_object_acl(Bucket=BUCKET, Key=key)["Grants"] if grant["Grantee"]["Type"] == "Group"
    ]
    setup.file("pub/small.txt", b"x")
    setup.file("pub/big.bin", os.urandom(17 * 1024 * 1024))
    setup.cli("upload", setup.folder / "pub", f"s3://{BUCKET}/", "--public")
    assert [strangers(f"pub/{name}") for name in ("small.txt", "big.bin")] == [[("READ", "AllUsers")]] * 2
    setup.cli("upload", setup.folder / "pub", f"s3://{BUCKET}/unasked/")
    assert strangers("unasked/pub/small.txt") == []
    # Lists are off: everything arrives, without one, and the reason is told once.
    rule = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    setup.s3.put_bucket_ownership_controls(Bucket=BUCKET, OwnershipControls=rule)
    lines = setup.lines("upload", setup.folder / "pub", f"s3://{BUCKET}/off/", "--public", status=1)
    told = [line for line in lines if line["event"] == "not-public"]
    assert [line["kind"] for line in told] == ["acl-not-supported"], lines
    refusing = [(layer["layer"], layer["finding"]) for layer in told[0]["layers"]]
    assert ("ownership", "acls-off") in refusing and ("policy", "no-policy") in refusing, lines
    assert (lines[-1]["uploaded"], lines[-1]["failed"], lines[-1]["not_public"]) == (2, 0, 1), lines
    assert strangers("off/pub/small.txt") == []
    # The policy opens the place already.
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/off/*"}
    setup.s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    setup.cli("upload", setup.folder / "pub", f"s3://{BUCKET}/off/again/", "--public")
    setup.s3.delete_bucket_policy(Bucket=BUCKET)
    setup.s3.delete_bucket_ownership_controls(Bucket=BUCKET)


def conflicts_follow_the_rule(setup):
    file = setup.file("clash.txt", b"new")
    body = lambda key: setup.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    old = lambda: setup.s3.put_object(Bucket=BUCKET, Key="c/clash.txt", Body=b"old")
    old()
    assert [line["event"] for line in setup.lines("upload", file, f"s3://{BUCKET}/c")] == ["skipped", "finished"]
    assert body("c/clash.txt") == b"old"
    setup.cli("upload", file, f"s3://{BUCKET}/c", "--on-conflict", "rename")
    assert body("c/clash (2).txt") == b"new" and body("c/clash.txt") == b"old"
    os.utime(file, (1_000_000_000, 1_000_000_000))
    assert setup.lines("upload", file, f"s3://{BUCKET}/c", "--on-conflict", "newer")[0]["reason"] == "not-newer"
    setup.cli("upload", file, f"s3://{BUCKET}/c", "--on-conflict", "overwrite")
    assert body("c/clash.txt") == b"new"


def dry_run_sends_nothing(setup):
    setup.file("dry/a.txt", b"x")
    setup.file("dry/b.log", b"x")
    lines = setup.lines("upload", setup.folder / "dry", f"s3://{BUCKET}/d/", "--dry-run", "--exclude", "*.log")
    assert [(line["event"], line.get("key")) for line in lines] == [("planned", "d/dry/a.txt"), ("skipped", None)], lines
    assert setup.keys("d/") == []


def listings_page(setup):
    keys = [f"page/{number:04}/x y.txt" for number in range(1203)]
    for key in keys:
        setup.s3.put_object(Bucket=BUCKET, Key=key, Body=b"1")
    setup.s3.put_object(Bucket=BUCKET, Key="page/가 나+%.txt", Body=b"12")
    flat = setup.lines("list", f"s3://{BUCKET}/page/", "--recursive")
    assert [line["key"] for line in flat] == [*keys, "page/가 나+%.txt"]
    grouped = setup.lines("list", f"s3://{BUCKET}/page/")
    assert len([line for line in grouped if line["event"] == "prefix"]) == 1203, len(grouped)
    assert [line["key"] for line in grouped if line["event"] == "object"] == ["page/가 나+%.txt"]
    assert {"event": "bucket", "bucket": BUCKET} .items() <= setup.lines("list")[0].items()


def links_lead_there(setup):
    key = "l/a b+%/[1] 한글.txt"
    setup.s3.put_object(Bucket=BUCKET, Key=key, Body=b"linked", ACL="public-read")
    plain = setup.cli("link", f"s3://{BUCKET}/{key}").stdout.strip()
    assert urllib.request.urlopen(plain).read() == b"linked", plain
    signed = setup.lines("link", f"s3://{BUCKET}/{key}", "--expires", "30m")[0]
    assert urllib.request.urlopen(signed["link"]).read() == b"linked", signed
    assert "X-Amz-Expires=1800" in signed["link"] and signed["expires"]
    uri = setup.cli("link", f"s3://{BUCKET}/{key}", "--format", "s3").stdout
    assert uri == f"s3://{BUCKET}/{key}\n", uri


def downloads_arrive(setup):
    contents = {"dl/one two.txt": b"1", "dl/sub/셋.bin": os.urandom(9_000_000), "dl/sub/empty": b""}
    for key, body in contents.items():
        setup.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
    target = setup.folder / "fetched"
    setup.cli("download", f"s3://{BUCKET}/dl/", target)
    found = {str(path.relative_to(target)): path.read_bytes() for path in target.rglob("*") if path.is_file()}
    assert found == contents, sorted(found)
    # A second time everything is there already, and stays.
    (target / "dl/one two.txt").write_bytes(b"mine")
    setup.cli("download", f"s3://{BUCKET}/dl/one two.txt", target / "dl")
    assert (target / "dl/one two.txt").read_bytes() == b"mine"


def removals_remove(setup):
    for number in range(1105):
        setup.s3.put_object(Bucket=BUCKET, Key=f"rm/{number}", Body=b"")
    setup.s3.put_object(Bucket=BUCKET, Key="rm-stays", Body=b"")
    counted = setup.lines("remove", f"s3://{BUCKET}/rm/", status=2)
    assert counted[0]["objects"] == 1105 and len(setup.keys("rm/")) == 1105, counted
    removed = setup.lines("remove", f"s3://{BUCKET}/rm/", "--yes")
    assert [line["deleted"] for line in removed if line["event"] == "removed"] == [1105] and setup.keys("rm") == ["rm-stays"], removed


def refusals_are_told(setup):
    file = setup.file("refused.txt", b"x")
    lines = setup.lines("upload", file, "s3://no-such-bucket-here/", status=1)
    assert lines[0]["event"] == "failed" and lines[0]["kind"] == "no-such-bucket", lines
    assert lines[0]["title"] and lines[0]["advice"]
    assert setup.lines("list", "s3://no-such-bucket-here", status=1)[0]["kind"] == "no-such-bucket"
    assert setup.lines("upload", setup.folder / "gone", f"s3://{BUCKET}/", status=1)[0]["kind"] == "source-missing"
    # The port is taken, and nobody listens on it.
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}"
        ran = subprocess.run(
            [setup.program, "--json", "--endpoint-url", nowhere, "list"], env=setup.environment, stdout=subprocess.PIPE,
            text=True, timeout=90,
        )
    assert ran.returncode == 1 and json.loads(ran.stdout)["kind"] == "connection-refused", ran
    without = {name: "" for name in KEYS} | {"HOME": str(setup.folder)}
    assert setup.lines("list", status=1, **without)[0]["kind"] == "no-credentials"


def links_are_judged(setup):
    """What a stranger meets, in the cases that moto can express. Everything is on this computer, so the best that
    can be said of a link is that it opens here."""
    opens, closed = "only-this-computer", "private-nothing-opens-it"
    cases = {}

    def bucket(name, *statements):
        setup.s3.create_bucket(Bucket=name)
        if statements:
            policy = {"Version": "2012-10-17", "Statement": list(statements)}
            setup.s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))

    def statement(effect, resource):
        return {"Effect": effect, "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{resource}"}

    def put(verdict, place, **options):
        name, key = place.split("/", 1)
        setup.s3.put_object(Bucket=name, Key=key, Body=key.encode(), **options)
        cases[place] = verdict

    bucket("by-policy", statement("Allow", "by-policy/*"), statement("Deny", "by-policy/secret/*"))
    for key in ["plain.txt", "a b+c%20.txt", "한글 사진.png"]:
        put(opens, f"by-policy/{key}")
    put("private-policy-denies", "by-policy/secret/1")
    put("private-policy-denies", "by-policy/secret/2 3")
    bucket("by-list")
    for key in ["1", "a b", "끝"]:
        put(opens, f"by-list/open/{key}", ACL="public-read")
        put(closed, f"by-list/closed/{key}")
    put("private-archived", "by-list/archived", ACL="public-read", StorageClass="GLACIER")
    cases |= {"by-list/none": "not-found-missing", "by-policy/none": "not-found-missing"}
    bucket("versions", statement("Allow", "versions/*"))
    setup.s3.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    for key in ["gone", "gone too"]:
        put("not-found-deleted", f"versions/{key}")
        setup.s3.delete_object(Bucket="versions", Key=key)
    bucket("blocked")
    put("private-blocked", "blocked/1")
    put("private-blocked", "blocked/2")
    switches = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]
    setup.s3.put_public_access_block(Bucket="blocked", PublicAccessBlockConfiguration=dict.fromkeys(switches, True))
    bucket("enforced")
    rules = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    setup.s3.put_bucket_ownership_controls(Bucket="enforced", OwnershipControls=rules)
    put(closed, "enforced/1")
    cases["no-such-bucket-here/1"] = "not-found-no-such-bucket"
    # Of objects that are not there the links are told all the same, each with a failure, and the status is 1.
    told = setup.lines("link", *(f"s3://{place}" for place in cases), status=1)
    lines = [line for line in told if line["event"] == "link"]
    missing = [verdict for verdict in cases.values() if verdict.startswith("not-found")]
    assert [line["event"] for line in told if line["event"] != "link"] == ["failed"] * len(missing), told
    found = {f"{line['bucket']}/{line['key']}": line["verdict"] for line in lines}
    wrong = {place: (found.get(place), verdict) for place, verdict in cases.items() if found.get(place) != verdict}
    assert not wrong, wrong
    assert len(cases) >= 20, len(cases)
    assert all(line["reason"] and line["access"] in ("private", "unknown") for line in lines), lines
    signed = setup.lines("link", "s3://by-list/closed/1", "--expires", "5m")[0]
    assert (signed["verdict"], signed["access"]) == (opens, "unknown"), signed
    # For people: the link alone on standard output, the verdict beside it.
    ran = setup.cli("link", "s3://by-list/closed/1")
    assert ran.stdout.strip() == f"{setup.url}/by-list/closed/1" and "private" in ran.stderr, ran
    assert setup.lines("link", "s3://by-list/closed/1", "--no-check")[0]["verdict"] is None
    uploaded = setup.lines("upload", setup.file("checked.txt", b"x"), "s3://by-policy/up/", "--check")[0]
    assert (uploaded["verdict"], uploaded["access"]) == (opens, "unknown"), uploaded
    report = setup.lines("doctor", "s3://blocked/1", status=1)[0]
    assert (report["event"], report["verdict"]) == ("explained", "private-blocked"), report
    assert {"layer": "public-access-block", "finding": "all-blocked"} in report["layers"], report
    assert report["ways"][0] == "expiring-link", report
    setup.cli("doctor", "s3://by-policy/plain.txt")
    assert [line["found"] for line in setup.lines("doctor")][0] == "reached"


class Engine:
    """The engine itself, by a test program that does what it is told."""

    def __init__(self, setup):
        command = ["cargo", "test", "--locked", "--quiet", "--test", "engine", "--", "--ignored", "--exact", "--nocapture",
                   "moto::works_on_moto_as_it_is_told"]
        environment = os.environ | {"BUCKETDROP_MOTO_URL": setup.url}
        self.program = subprocess.Popen(
            command, cwd=pathlib.Path(__file__).parents[2], env=environment, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.program.stdin.close()
        rest = self.program.stdout.read()
        assert self.program.wait(60) == 0, rest

    def __call__(self, do, **what):
        self.program.stdin.write(json.dumps({"do": do, **what}) + "\n")
        self.program.stdin.flush()
        for line in self.program.stdout:
            if line.startswith("moto-answer "):
                return json.loads(line.removeprefix("moto-answer "))
        raise AssertionError(f"the engine has ended at {do} {what}")


def existing_policies(bucket):
    """What stands in buckets before: none, odd spellings that mean something, and made-up ones."""
    own, everything = f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"
    role = {"AWS": "arn:aws:iam::123456789012:role/reader"}
    yield None
    yield {"Version": "2012-10-17", "Statement": []}
    # One statement that is no list, an old version, and none.
    for version in ({"Version": "2012-10-17"}, {"Version": "2008-10-17"}, {}):
        yield version | {"Id": "old", "Statement": {
            "Sid": "a", "Effect": "Allow", "Principal": role, "Action": "s3:ListBucket", "Resource": own,
        }}
    yield {"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": [everything, own]},
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["s3:GetObject"], "Resource": f"{own}/others/*"},
        # Somebody has taken a name like ours.
        {"Sid": "BucketdropPublicRead1", "Effect": "Allow", "Principal": role, "Action": "s3:Put*", "Resource": everything},
    ]}
    random = Random(4)
    for number in range(40):
        statements = []
        for part in range(random.randrange(1, 5)):
            statement = {
                "Sid": f"made{number}x{part}", "Effect": random.choice(["Allow", "Allow", "Deny"]),
                "Principal": random.choice([role, {"AWS": ["123456789012", role["AWS"]]}, {"Service": "logging.s3.amazonaws.com"}]),
                random.choice(["Action", "Action", "NotAction"]): random.choice(
                    ["s3:PutObject", ["s3:GetObject", "s3:GetObjectVersion"], "s3:*", ["s3:List*"]]),
                "Resource": random.choice([everything, [own, everything], f"{own}/사진/*", f"{own}/pub/*"]),
            }
            if random.random() < 0.4:
                statement["Condition"] = random.choice([
                    {"Bool": {"aws:SecureTransport": "false"}}, {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8"]}},
                    {"StringLike": {"aws:Referer": "https://example.com/*"}, "Bool": {"aws:SecureTransport": True}},
                ])
            statements.append(statement)
        yield {"Version": "2012-10-17", "Statement": statements}


def policies_open_a_prefix_and_close_it_again(setup):
    """Planned, applied and taken back by the engine; the documents are read by boto3, and strangers are urllib."""

    def status(bucket, key):
        try:
            with urllib.request.urlopen(f"{setup.url}/{bucket}/{urllib.parse.quote(key)}") as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def policy(bucket):
        try:
            return json.loads(setup.s3.get_bucket_policy(Bucket=bucket)["Policy"])
        except setup.s3.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] == "NoSuchBucketPolicy", error
            return None

    def listed(document):
        found = (document or {}).get("Statement", [])
        return found if isinstance(found, list) else [found]

    keys = ["pub/1", "pub/한글 2", "public", "others/1", "1"]
    opened, turned = [], 0
    with Engine(setup) as engine:
        for number, before in enumerate(existing_policies("shared-00")):
            bucket = f"shared-{number:02}"
            before = before and json.loads(json.dumps(before).replace("shared-00", bucket))
            setup.s3.create_bucket(Bucket=bucket)
            for key in keys:
                setup.s3.put_object(Bucket=bucket, Key=key, Body=b"x")
            if before is not None:
                setup.s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(before))
            statuses = [status(bucket, key) for key in keys]
            answer = engine("open", bucket=bucket, prefix="pub/")
            assert "failure" not in answer and answer["objects"] == 2, (before, answer)
            after = policy(bucket)
            # One statement more, which is the one that was shown; the rest is as it was.
            new = [one for one in listed(after) if one not in listed(before)]
            assert new == [json.loads(answer["statement"])], (before, after)
            assert len(listed(after)) == len(listed(before)) + 1 and after == json.loads(answer["after"])
            assert {name: new[0][name] for name in ("Effect", "Principal", "Action", "Resource")} == {
                "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/pub/*",
            }, new
            assert set(new[0]) == {"Sid", "Effect", "Principal", "Action", "Resource"}, new
            rest = {name: value for name, value in after.items() if name != "Statement"}
            kept = {name: value for name, value in (before or {}).items() if name != "Statement"}
            assert kept.items() <= rest.items() and set(rest) <= {*kept, "Version"}, (before, after)
            now = [status(bucket, key) for key in keys]
            # moto heeds neither principals nor conditions, so some of the made-up ones open or deny it for everybody.
            denies = any(one["Effect"] == "Deny" for one in listed(before))
            assert now == [200, 200, *statuses[2:]] or denies and now[2:] == statuses[2:], (before, statuses, now)
            turned += statuses[:2] == [403, 403] and now[:2] == [200, 200]
            opened.append((bucket, before, statuses, answer["change"]))
        assert turned >= 10, f"only {turned} of {len(opened)} were closed before and open afterwards"
        assert engine("verdict", bucket="shared-00", key="pub/1")["verdict"] == "only-this-computer"
        assert engine("verdict", bucket="shared-00", key="public")["verdict"] == "private-nothing-opens-it"
        engine("restart")
        for bucket, before, statuses, change in opened:
            undone = engine("undo", change=change)
            assert undone == {"failure": None}, (bucket, undone, before, policy(bucket))
            left = policy(bucket)
            assert left == before or (before or {}).get("Statement") == [] and not listed(left), (before, left)
            assert [status(bucket, key) for key in keys] == statuses, bucket
        assert engine("verdict", bucket="shared-00", key="pub/1")["verdict"] == "private-nothing-opens-it"
    print(f"       {len(opened)} policies opened and closed; strangers were refused, let in and refused again by {turned} of them")


TESTS = [
    uploads_arrive, options_arrive, public_uploads_open_by_the_way_that_there_is, conflicts_follow_the_rule,
    dry_run_sends_nothing, listings_page, links_lead_there, links_are_judged, policies_open_a_prefix_and_close_it_again,
    downloads_arrive, removals_remove, refusals_are_told,
]


def main():
    told = checks.arguments(__doc__, "bucketdrop-cli")
    tests = checks.chosen(TESTS, told.tests)
    with tempfile.TemporaryDirectory(prefix="bucketdrop-moto-") as folder, Moto(f"{folder}/moto.log") as url:
        setup = Setup(told.programs, folder, url)
        setup.s3.create_bucket(Bucket=BUCKET)
        checks.run("moto", tests, setup)


main()
