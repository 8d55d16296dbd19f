"""Who may do what: the storage on this computer against the rules of Amazon S3, as boto3 and bare requests see them.

Run as `harness.py` says. WRITER_*, BLIND_*, LISTER_* and OTHER_* are further keys, made by whoever runs this: one that may
only put objects, one that may everything but read settings, one that may get and list, one of another account that
may everything it is given.
"""

import base64
import hashlib
import json
import os
import urllib.parse

from harness import ENDPOINT, KEY, REGION, client, fetch, main, quoted, raw, refused

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
SIGNED_USERS = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
SWITCHES = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]


def key_of(name):
    return client(os.environ[f"{name}_KEY"], os.environ[f"{name}_SECRET"])


def ask(bucket, key, query="", method="GET", **headers):
    """A stranger's request: (status, code, headers, body)."""
    status, found, body = fetch(f"{ENDPOINT}{quoted(bucket, key)}{query}", method, headers=headers)
    code = body.partition(b"<Code>")[2].partition(b"</Code>")[0].decode() if status >= 300 else ""
    return status, code, found, body


def opens(bucket, key, query=""):
    """Whether a stranger may read: HEAD and GET must agree."""
    get, head = ask(bucket, key, query)[0], ask(bucket, key, query, "HEAD")[0]
    assert get == head, (key, get, head)
    return get == 200


def statement(bucket, resource="*", effect="Allow", action="s3:GetObject", principal="*", condition=None, **more):
    arn = f"arn:aws:s3:::{bucket}/{resource}" if resource else f"arn:aws:s3:::{bucket}"
    found = {"Effect": effect, "Principal": principal, "Action": action, "Resource": arn, **more}
    if condition:
        found["Condition"] = condition
    return found


def set_policy(s3, bucket, *statements):
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def is_public(s3, bucket):
    return s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"]


def block(s3, bucket, *on):
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={name: name in on for name in SWITCHES})


def own(s3, bucket, ownership):
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": ownership}]})


def test_policy_is_kept_and_removed(s3, bucket):
    with refused(404, "NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket=bucket)
    text = json.dumps({"Version": "2012-10-17", "Id": "한글 id", "Statement": [statement(bucket, "pub/*", Sid="one")]}, indent=2)
    answer = s3.put_bucket_policy(Bucket=bucket, Policy=text)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    got = s3.get_bucket_policy(Bucket=bucket)
    assert json.loads(got["Policy"]) == json.loads(text)
    assert is_public(s3, bucket)
    assert s3.delete_bucket_policy(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    s3.delete_bucket_policy(Bucket=bucket)
    with refused(404, "NoSuchBucketPolicy"):
        s3.get_bucket_policy_status(Bucket=bucket)
    with refused(404, "NoSuchBucket"):
        s3.put_bucket_policy(Bucket="no-such-bucket-here", Policy=text)


def test_bad_policies_are_refused(s3, bucket):
    good = statement(bucket)
    bad = [
        "", "not json", "[]", "{", '{"Version":"2012-10-17"}', '{"Statement":[]}',
        *[json.dumps({"Version": "2012-10-17", "Statement": [wrong]}) for wrong in [
            {**good, "Resource": "arn:aws:s3:::another-bucket/*"}, {**good, "Resource": f"{bucket}/*"},
            {**good, "Action": "s3:ListBucket"}, {**good, "Action": "s3:Fetch"}, {**good, "Effect": "allow"},
            {**good, "Principal": "ann"}, {**good, "Principal": {"AWS": "nobody"}}, {**good, "Extra": 1},
            {**good, "Condition": {"StringMatches": {"aws:Referer": "x"}}},
            *[{k: v for k, v in good.items() if k != missing} for missing in good],
        ]],
        json.dumps({"Version": "2012-10-17", "Id": "x" * 20480, "Statement": [good]}),
    ]
    for text in bad:
        if not text:
            continue  # boto3 itself refuses to send nothing
        with refused(400, "MalformedPolicy"):
            s3.put_bucket_policy(Bucket=bucket, Policy=text)
    with refused(404, "NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket=bucket)


def test_a_policy_opens_what_it_names(s3, bucket):
    for key in ["pub/a 한.txt", "pub/b", "private", "pub/deny"]:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    assert not any(opens(bucket, key) for key in ["pub/a 한.txt", "private"])
    set_policy(s3, bucket, statement(bucket, "pub/*"), statement(bucket, "pub/deny", "Deny", Sid="d"))
    assert opens(bucket, "pub/a 한.txt") and opens(bucket, "pub/b")
    assert not opens(bucket, "private") and not opens(bucket, "pub/deny")
    with refused(403, "AccessDenied"):
        s3.get_object(Bucket=bucket, Key="pub/deny")
    s3.get_object(Bucket=bucket, Key="private")
    for method, path in [("PUT", "pub/new"), ("DELETE", "pub/b")]:
        assert ask(bucket, path, "", method)[0] == 403
    assert ask(bucket, "pub/b", "?acl")[0] == 403 and fetch(f"{ENDPOINT}/{bucket}")[0] == 403
    # the owner can always get out of a policy that shuts everybody out
    set_policy(s3, bucket, {**statement(bucket, "", "Deny", "s3:*"), "Resource": "*"})
    with refused(403, "AccessDenied"):
        s3.list_objects_v2(Bucket=bucket)
    s3.get_bucket_policy(Bucket=bucket)
    s3.delete_bucket_policy(Bucket=bucket)
    s3.list_objects_v2(Bucket=bucket)


def test_missing_keys_are_told_only_to_those_who_may_list(s3, bucket):
    s3.put_object(Bucket=bucket, Key="there", Body=b"x")
    set_policy(s3, bucket, statement(bucket))
    assert opens(bucket, "there")
    assert ask(bucket, "missing")[:2] == (403, "AccessDenied") and ask(bucket, "missing", "", "HEAD")[0] == 403
    set_policy(s3, bucket, statement(bucket), statement(bucket, "", action="s3:ListBucket"))
    assert ask(bucket, "missing")[:2] == (404, "NoSuchKey") and ask(bucket, "missing", "", "HEAD")[0] == 404
    assert fetch(f"{ENDPOINT}/{bucket}?list-type=2")[0] == 200
    assert ask("no-such-bucket-here", "x")[:2] == (404, "NoSuchBucket")
    status, headers, _ = fetch(f"{ENDPOINT}/{bucket}", "HEAD")
    assert (status, headers["x-amz-bucket-region"]) == (200, REGION)
    s3.delete_bucket_policy(Bucket=bucket)
    status, headers, _ = fetch(f"{ENDPOINT}/{bucket}", "HEAD")
    assert (status, headers["x-amz-bucket-region"]) == (403, REGION)


def test_conditions(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    cases = [
        ({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, True, False),
        ({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}}, False, False),
        ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, True, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, False, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, True, True),
        ({"StringLike": {"aws:Referer": "https://example.com/*"}}, False, True),
        ({"StringEquals": {"aws:SourceVpc": "vpc-1"}}, False, False),
    ]
    for condition, is_open, public in cases:
        set_policy(s3, bucket, statement(bucket, condition=condition))
        assert (opens(bucket, "k"), is_public(s3, bucket)) == (is_open, public), condition
    set_policy(s3, bucket, statement(bucket, condition={"StringLike": {"aws:Referer": "https://example.com/*"}}))
    assert ask(bucket, "k", "", "GET", Referer="https://example.com/page")[0] == 200
    assert ask(bucket, "k", "", "GET", Referer="https://example.org/")[0] == 403
    set_policy(s3, bucket, statement(bucket), {
        **statement(bucket, "", "Deny", "s3:*", condition={"Bool": {"aws:SecureTransport": "false"}}),
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]})
    assert not opens(bucket, "k")
    with refused(403, "AccessDenied"):
        is_public(s3, bucket)
    assert "Deny" in s3.get_bucket_policy(Bucket=bucket)["Policy"], "the root may always look at the policy"


def test_versions_have_an_action_of_their_own(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket=bucket, Key="k", Body=b"old")["VersionId"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"new")
    set_policy(s3, bucket, statement(bucket))
    assert ask(bucket, "k")[3] == b"new" and ask(bucket, "k", f"?versionId={old}")[0] == 403
    set_policy(s3, bucket, statement(bucket, action="s3:GetObjectVersion"))
    assert ask(bucket, "k")[0] == 403 and ask(bucket, "k", f"?versionId={old}")[3] == b"old"
    set_policy(s3, bucket, statement(bucket, action=["s3:GetObject*"]))
    s3.delete_object(Bucket=bucket, Key="k")
    assert ask(bucket, "k")[:2] == (403, "AccessDenied") and ask(bucket, "k", f"?versionId={old}")[3] == b"old"
    set_policy(s3, bucket, statement(bucket), statement(bucket, "", action="s3:ListBucket"))
    status, code, headers, _ = ask(bucket, "k")
    assert (status, code, headers["x-amz-delete-marker"]) == (404, "NoSuchKey", "true")


def test_block_public_access(s3, bucket):
    with refused(404, "NoSuchPublicAccessBlockConfiguration"):
        s3.get_public_access_block(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="by-policy", Body=b"x")
    s3.put_object(Bucket=bucket, Key="by-acl", Body=b"x", ACL="public-read")
    set_policy(s3, bucket, statement(bucket, "by-policy"))
    def both():
        return opens(bucket, "by-policy"), opens(bucket, "by-acl")
    assert both() == (True, True)

    block(s3, bucket, "BlockPublicAcls")
    found = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert found == {name: name == "BlockPublicAcls" for name in SWITCHES}
    assert both() == (True, True)
    with refused(403, "AccessDenied"):
        s3.put_object(Bucket=bucket, Key="new", Body=b"x", ACL="public-read")
    with refused(403, "AccessDenied"):
        s3.put_object(Bucket=bucket, Key="new", Body=b"x", GrantRead=f'uri="{SIGNED_USERS}"')
    with refused(403, "AccessDenied"):
        s3.put_object_acl(Bucket=bucket, Key="by-policy", ACL="public-read")
    with refused(403, "AccessDenied"):
        s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    with refused(403, "AccessDenied"):
        s3.create_multipart_upload(Bucket=bucket, Key="new", ACL="public-read")
    with refused(403, "AccessDenied"):
        s3.copy_object(Bucket=bucket, Key="new", CopySource=f"{bucket}/by-acl", ACL="public-read")
    s3.put_object(Bucket=bucket, Key="new", Body=b"x", ACL="bucket-owner-full-control")

    block(s3, bucket, "IgnorePublicAcls")
    assert both() == (True, False)
    grants = s3.get_object_acl(Bucket=bucket, Key="by-acl")["Grants"]
    assert any(grant["Grantee"].get("URI") == ALL_USERS for grant in grants)
    s3.put_object(Bucket=bucket, Key="new", Body=b"x", ACL="public-read")

    block(s3, bucket, "BlockPublicPolicy")
    assert both() == (True, True)
    with refused(403, "AccessDenied"):
        set_policy(s3, bucket, statement(bucket))
    set_policy(s3, bucket, statement(bucket, condition={"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}))
    assert both() == (True, True) and not is_public(s3, bucket)

    block(s3, bucket)
    set_policy(s3, bucket, statement(bucket, "by-policy"))
    block(s3, bucket, "RestrictPublicBuckets")
    assert both() == (False, True) and is_public(s3, bucket)
    s3.get_object(Bucket=bucket, Key="by-policy")
    set_policy(s3, bucket, statement(bucket, condition={"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}))
    assert both() == (True, True)
    s3.delete_public_access_block(Bucket=bucket)
    with refused(404, "NoSuchPublicAccessBlockConfiguration"):
        s3.get_public_access_block(Bucket=bucket)


def test_ownership(s3, bucket):
    with refused(404, "OwnershipControlsNotFoundError"):
        s3.get_bucket_ownership_controls(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="by-acl", Body=b"x", ACL="public-read")
    own(s3, bucket, "BucketOwnerEnforced")
    rules = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert not opens(bucket, "by-acl")
    assert [grant["Permission"] for grant in s3.get_object_acl(Bucket=bucket, Key="by-acl")["Grants"]] == ["FULL_CONTROL"]
    for acl in ["public-read", "private", "authenticated-read", "bucket-owner-read"]:
        with refused(400, "AccessControlListNotSupported"):
            s3.put_object(Bucket=bucket, Key="new", Body=b"x", ACL=acl)
        with refused(400, "AccessControlListNotSupported"):
            s3.put_object_acl(Bucket=bucket, Key="by-acl", ACL=acl)
    with refused(400, "AccessControlListNotSupported"):
        s3.create_multipart_upload(Bucket=bucket, Key="new", ACL="public-read")
    with refused(400, "AccessControlListNotSupported"):
        s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    with refused(404, "404"):
        s3.head_object(Bucket=bucket, Key="new")
    s3.put_object(Bucket=bucket, Key="new", Body=b"x", ACL="bucket-owner-full-control")
    s3.put_object(Bucket=bucket, Key="new", Body=b"x")
    own(s3, bucket, "BucketOwnerPreferred")
    assert opens(bucket, "by-acl"), "the ACL was only asleep"
    own(s3, bucket, "ObjectWriter")
    s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    with refused(400, "InvalidBucketAclWithObjectOwnership"):
        own(s3, bucket, "BucketOwnerEnforced")
    s3.delete_bucket_ownership_controls(Bucket=bucket)
    with refused(400, "MalformedXML"):
        own(s3, bucket, "Nobody")
    name = f"{bucket}-enforced"
    with refused(400, "InvalidBucketAclWithObjectOwnership"):
        s3.create_bucket(Bucket=name, ACL="public-read", ObjectOwnership="BucketOwnerEnforced",
                         CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.create_bucket(Bucket=name, ObjectOwnership="BucketOwnerEnforced",
                     CreateBucketConfiguration={"LocationConstraint": REGION})
    with refused(400, "AccessControlListNotSupported"):
        s3.put_object(Bucket=name, Key="new", Body=b"x", ACL="public-read")


def test_grants(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", GrantRead=f'uri="{ALL_USERS}"', GrantFullControl='id="bucketdrop"')
    assert opens(bucket, "k")
    owner = s3.get_object_acl(Bucket=bucket, Key="k")["Owner"]
    mine = {"Grantee": {"Type": "CanonicalUser", "ID": owner["ID"]}, "Permission": "FULL_CONTROL"}
    others = {"Grantee": {"Type": "Group", "URI": SIGNED_USERS}, "Permission": "READ"}
    s3.put_object_acl(Bucket=bucket, Key="k", AccessControlPolicy={"Owner": owner, "Grants": [mine, others]})
    assert not opens(bucket, "k")
    key_of("OTHER").get_object(Bucket=bucket, Key="k")
    one = {"Grantee": {"Type": "CanonicalUser", "ID": "another-account"}, "Permission": "READ_ACP"}
    s3.put_object_acl(Bucket=bucket, Key="k", AccessControlPolicy={"Owner": owner, "Grants": [mine, one]})
    key_of("OTHER").get_object_acl(Bucket=bucket, Key="k")
    with refused(403, "AccessDenied"):
        key_of("OTHER").get_object(Bucket=bucket, Key="k")
    found = s3.get_object_acl(Bucket=bucket, Key="k")["Grants"]
    assert {"READ_ACP", "FULL_CONTROL"} == {grant["Permission"] for grant in found}
    for grantee in [{"Type": "CanonicalUser", "ID": "nobody"}, {"Type": "Group", "URI": "http://example.com/"}]:
        with refused(400, "InvalidArgument"):
            s3.put_object_acl(Bucket=bucket, Key="k", AccessControlPolicy={
                "Owner": owner, "Grants": [{"Grantee": grantee, "Permission": "READ"}]})
    with refused(400, "InvalidRequest"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", ACL="private", GrantRead=f'uri="{ALL_USERS}"')
    # a bucket's ACL lists and lets in, and opens no object
    s3.put_bucket_acl(Bucket=bucket, ACL="public-read-write")
    assert fetch(f"{ENDPOINT}/{bucket}?list-type=2")[0] == 200
    assert ask(bucket, "k")[0] == 403 and ask(bucket, "missing")[0] == 404
    assert fetch(f"{ENDPOINT}/{bucket}/by-stranger", "PUT", b"x")[0] == 200
    assert [grant["Permission"] for grant in s3.get_bucket_acl(Bucket=bucket)["Grants"]] == ["FULL_CONTROL", "READ", "WRITE"]
    s3.put_bucket_acl(Bucket=bucket, ACL="private")
    assert fetch(f"{ENDPOINT}/{bucket}?list-type=2")[0] == 403


def test_keys_with_few_rights(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    set_policy(s3, bucket, statement(bucket, "pub/*"))
    writer = key_of("WRITER")
    writer.put_object(Bucket=bucket, Key="written", Body=b"x")
    for call, more in [(writer.get_object, {"Key": "k"}), (writer.list_objects_v2, {}), (writer.get_bucket_policy, {}),
                       (writer.delete_object, {"Key": "k"}), (writer.get_public_access_block, {}),
                       (writer.get_bucket_ownership_controls, {}), (writer.put_object_acl, {"Key": "k", "ACL": "private"})]:
        with refused(403, "AccessDenied"):
            call(Bucket=bucket, **more)
    with refused(403, "403"):
        writer.head_object(Bucket=bucket, Key="written")
    with refused(403, "AccessDenied"):
        writer.list_buckets()
    with refused(403, "AccessDenied"):
        writer.put_object(Bucket=bucket, Key="written", Body=b"x", ACL="private")
    try:
        writer.get_object(Bucket=bucket, Key="k")
    except Exception as error:
        text = str(error)
    assert "is not authorized to perform: s3:GetObject on resource" in text and "no identity-based policy" in text, text
    head = raw("HEAD", f"/{bucket}", key=os.environ["WRITER_KEY"], secret=os.environ["WRITER_SECRET"])
    assert head[0] == 403 and head[1]["x-amz-bucket-region"] == REGION

    blind = key_of("BLIND")
    blind.get_object(Bucket=bucket, Key="k")
    blind.list_objects_v2(Bucket=bucket)
    for call, more in [(blind.get_bucket_policy, {}), (blind.get_bucket_policy_status, {}),
                       (blind.get_public_access_block, {}), (blind.get_bucket_ownership_controls, {}),
                       (blind.get_object_acl, {"Key": "k"}), (blind.get_bucket_request_payment, {})]:
        with refused(403, "AccessDenied"):
            call(Bucket=bucket, **more)

    lister = key_of("LISTER")
    with refused(404, "NoSuchKey"):
        lister.get_object(Bucket=bucket, Key="missing")
    with refused(403, "AccessDenied"):
        lister.put_object(Bucket=bucket, Key="x", Body=b"x")
    deleted = lister.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "k"}]})
    assert [error["Code"] for error in deleted["Errors"]] == ["AccessDenied"] and "Deleted" not in deleted
    with refused(403, "AccessDenied"):
        lister.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k")
    # a link is worth what its key may
    link = writer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    assert fetch(link)[0] == 403
    assert fetch(lister.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"}))[0] == 200


def test_another_account(s3, bucket):
    other = key_of("OTHER")
    s3.put_object(Bucket=bucket, Key="mine", Body=b"x")
    with refused(403, "AccessDenied"):
        other.get_object(Bucket=bucket, Key="mine")
    account = {"AWS": "arn:aws:iam::444455556666:root"}
    set_policy(s3, bucket, statement(bucket, action=["s3:GetObject", "s3:PutObject*"], principal=account))
    assert not is_public(s3, bucket)
    other.get_object(Bucket=bucket, Key="mine")
    other.put_object(Bucket=bucket, Key="theirs", Body=b"y")
    # an object of somebody else's is not the bucket owner's to read, nor to open by a policy
    with refused(403, "AccessDenied"):
        s3.get_object(Bucket=bucket, Key="theirs")
    set_policy(s3, bucket, statement(bucket), statement(bucket, action="s3:PutObject*", principal=account, Sid="2"))
    assert opens(bucket, "mine") and not opens(bucket, "theirs")
    assert other.get_object_acl(Bucket=bucket, Key="theirs")["Owner"]["ID"] == "another-account"
    other.put_object(Bucket=bucket, Key="shared", Body=b"y", ACL="bucket-owner-full-control")
    s3.get_object(Bucket=bucket, Key="shared")
    own(s3, bucket, "BucketOwnerPreferred")
    other.put_object(Bucket=bucket, Key="given", Body=b"y", ACL="bucket-owner-full-control")
    assert opens(bucket, "given")
    own(s3, bucket, "BucketOwnerEnforced")
    assert opens(bucket, "theirs"), "everything is the bucket owner's now"
    s3.delete_object(Bucket=bucket, Key="theirs")
    block(s3, bucket, "RestrictPublicBuckets")
    with refused(403, "AccessDenied"):
        other.get_object(Bucket=bucket, Key="mine")


def test_encrypted_objects(s3, bucket):
    set_policy(s3, bucket, statement(bucket))
    body = b"secret"
    s3.put_object(Bucket=bucket, Key="plain", Body=body)
    put = s3.put_object(Bucket=bucket, Key="kms", Body=body, ServerSideEncryption="aws:kms", SSEKMSKeyId="arn:aws:kms:x:1:key/k")
    assert put["ServerSideEncryption"] == "aws:kms" and put["ETag"].strip('"') != hashlib.md5(body).hexdigest()
    head = s3.head_object(Bucket=bucket, Key="kms")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", "arn:aws:kms:x:1:key/k")
    assert s3.get_object(Bucket=bucket, Key="kms")["Body"].read() == body
    assert opens(bucket, "plain")
    status, code, _, text = ask(bucket, "kms")
    assert (status, code) == (400, "InvalidArgument") and b"require AWS Signature Version 4" in text
    assert ask(bucket, "kms", "", "HEAD")[0] == 400
    link = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "kms"})
    assert fetch(link)[0] == 200
    s3.put_object(Bucket=bucket, Key="managed", Body=body, ServerSideEncryption="AES256")
    assert s3.head_object(Bucket=bucket, Key="managed")["ServerSideEncryption"] == "AES256" and opens(bucket, "managed")
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b"k" * 32}
    s3.put_object(Bucket=bucket, Key="customer", Body=body, **key)
    assert s3.get_object(Bucket=bucket, Key="customer", **key)["Body"].read() == body
    for call in (s3.get_object, s3.head_object):
        with refused(400, "InvalidRequest" if call == s3.get_object else "400"):
            call(Bucket=bucket, Key="customer")
    assert ask(bucket, "customer")[:2] == (400, "InvalidRequest")
    with refused(403, "AccessDenied"):
        s3.get_object(Bucket=bucket, Key="customer", SSECustomerAlgorithm="AES256", SSECustomerKey=b"o" * 32)
    with refused(400, "InvalidRequest"):
        s3.get_object(Bucket=bucket, Key="plain", **key)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts", ServerSideEncryption="aws:kms")
    part = s3.upload_part(Bucket=bucket, Key="parts", UploadId=upload["UploadId"], PartNumber=1, Body=body)
    s3.complete_multipart_upload(Bucket=bucket, Key="parts", UploadId=upload["UploadId"], MultipartUpload={
        "Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert upload["ServerSideEncryption"] == s3.head_object(Bucket=bucket, Key="parts")["ServerSideEncryption"] == "aws:kms"
    s3.copy_object(Bucket=bucket, Key="plain again", CopySource=f"{bucket}/kms")
    assert opens(bucket, "plain again")
    s3.delete_bucket_policy(Bucket=bucket)
    assert ask(bucket, "kms")[:2] == (403, "AccessDenied")


def test_archived_objects(s3, bucket):
    set_policy(s3, bucket, statement(bucket))
    for class_ in ["GLACIER", "DEEP_ARCHIVE"]:
        s3.put_object(Bucket=bucket, Key=class_, Body=b"cold", StorageClass=class_)
        head = s3.head_object(Bucket=bucket, Key=class_)
        assert head["StorageClass"] == class_ and "Restore" not in head
        assert ask(bucket, class_, "", "HEAD")[0] == 200 and ask(bucket, class_)[:2] == (403, "InvalidObjectState")
        with refused(403, "InvalidObjectState"):
            s3.get_object(Bucket=bucket, Key=class_)
        with refused(403, "ObjectNotInActiveTierError"):
            s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/{class_}")
        answer = s3.restore_object(Bucket=bucket, Key=class_, RestoreRequest={"Days": 2, "GlacierJobParameters": {"Tier": "Bulk"}})
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
        restore = s3.head_object(Bucket=bucket, Key=class_)["Restore"]
        assert restore.startswith('ongoing-request="false", expiry-date="') and restore.endswith(' GMT"'), restore
        assert opens(bucket, class_)
    s3.put_object(Bucket=bucket, Key="warm", Body=b"x", StorageClass="STANDARD_IA")
    with refused(403, "InvalidObjectState"):
        s3.restore_object(Bucket=bucket, Key="warm", RestoreRequest={"Days": 1})


def test_requester_pays(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    set_policy(s3, bucket, statement(bucket))
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner" and opens(bucket, "k")
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "Requester"
    assert ask(bucket, "k")[:2] == (403, "AccessDenied")
    assert ask(bucket, "k", "", "GET", **{"x-amz-request-payer": "requester"})[0] == 403
    other = key_of("OTHER")
    with refused(403, "AccessDenied"):
        other.get_object(Bucket=bucket, Key="k")
    assert other.get_object(Bucket=bucket, Key="k", RequestPayer="requester")["RequestCharged"] == "requester"
    s3.get_object(Bucket=bucket, Key="k")
    assert "RequestCharged" not in s3.head_object(Bucket=bucket, Key="k")


if __name__ == "__main__":
    main(globals())
