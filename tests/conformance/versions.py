"""Versions of objects on this computer, held to what Amazon S3 does, as boto3 sees it. Run as `harness.py` says."""

from harness import ENDPOINT, fetch, main, raw, refused, upload_parts


def set_versioning(s3, bucket, status):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == status


def versions_of(s3, bucket, **more):
    """Every version and marker as (key, id, is latest, is marker), as the pages have them."""
    found, pages, more = [], 0, dict(more)
    while True:
        page = s3.list_object_versions(Bucket=bucket, **more)
        pages += 1
        rows = [(v["Key"], v["VersionId"], v["IsLatest"], False) for v in page.get("Versions", [])]
        rows += [(m["Key"], m["VersionId"], m["IsLatest"], True) for m in page.get("DeleteMarkers", [])]
        found += rows
        if not page["IsTruncated"]:
            return found, pages
        assert rows or page.get("CommonPrefixes")
        more["KeyMarker"] = page["NextKeyMarker"]
        more.pop("VersionIdMarker", None)
        if "NextVersionIdMarker" in page:
            more["VersionIdMarker"] = page["NextVersionIdMarker"]


def body_of(s3, bucket, key, **more):
    return s3.get_object(Bucket=bucket, Key=key, **more)["Body"].read()


def test_versioning_is_off_at_first(s3, bucket):
    assert "VersionId" not in s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    answer = s3.get_object(Bucket=bucket, Key="k")
    assert "VersionId" not in answer and answer["Body"].read() == b"1"
    assert body_of(s3, bucket, "k", VersionId="null") == b"1"
    assert versions_of(s3, bucket)[0] == [("k", "null", True, False)]
    gone = s3.delete_object(Bucket=bucket, Key="k")
    assert "DeleteMarker" not in gone and "VersionId" not in gone
    assert versions_of(s3, bucket)[0] == []
    for body, code in [(b"<VersioningConfiguration><Status>On</Status></VersioningConfiguration>", b"MalformedXML"),
                       (b"<VersioningConfiguration></VersioningConfiguration>",
                        b"IllegalVersioningConfigurationException")]:
        status, _, answer = raw("PUT", f"/{bucket}?versioning=", body)
        assert status == 400 and code in answer, (status, answer)
    with refused(404, "NoSuchBucket"):
        s3.put_bucket_versioning(Bucket="no-such-bucket-here", VersioningConfiguration={"Status": "Enabled"})


def test_every_write_makes_a_version(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"before")
    set_versioning(s3, bucket, "Enabled")
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"one")["VersionId"]
    second = s3.put_object(Bucket=bucket, Key="k", Body=b"two")["VersionId"]
    copied = s3.copy_object(Bucket=bucket, Key="k", CopySource={"Bucket": bucket, "Key": "k", "VersionId": first})
    assert copied["CopySourceVersionId"] == first and copied["VersionId"] not in (first, second, "null")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    done = s3.complete_multipart_upload(
        Bucket=bucket, Key="k", UploadId=upload,
        MultipartUpload={"Parts": upload_parts(s3, bucket, "k", upload, [(1, b"parts")])})
    ids = [done["VersionId"], copied["VersionId"], second, first, "null"]
    assert versions_of(s3, bucket)[0] == [("k", i, n == 0, False) for n, i in enumerate(ids)]
    for version, data in zip(ids, [b"parts", b"one", b"two", b"one", b"before"]):
        assert body_of(s3, bucket, "k", VersionId=version) == data
        head = s3.head_object(Bucket=bucket, Key="k", VersionId=version)
        assert head["VersionId"] == version and head["ContentLength"] == len(data)
    assert s3.head_object(Bucket=bucket, Key="k")["VersionId"] == done["VersionId"]
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["k"]
    with refused(404, "NoSuchVersion"):
        s3.get_object(Bucket=bucket, Key="k", VersionId="0" * 32)
    with refused(400, "InvalidArgument"):
        s3.get_object(Bucket=bucket, Key="k", VersionId="abc")
    with refused(404, "NoSuchVersion"):
        s3.get_object(Bucket=bucket, Key="other", VersionId=first)


def test_delete_markers(s3, bucket):
    set_versioning(s3, bucket, "Enabled")
    one = s3.put_object(Bucket=bucket, Key="k", Body=b"one")["VersionId"]
    gone = s3.delete_object(Bucket=bucket, Key="k")
    assert gone["DeleteMarker"] is True and gone["ResponseMetadata"]["HTTPStatusCode"] == 204
    marker = gone["VersionId"]
    assert versions_of(s3, bucket)[0] == [("k", one, False, False), ("k", marker, True, True)]
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    for method in ("GET", "HEAD"):
        status, headers, _ = raw(method, f"/{bucket}/k")
        assert (status, headers["x-amz-delete-marker"], headers["x-amz-version-id"]) == (404, "true", marker)
        status, headers, _ = raw(method, f"/{bucket}/k?versionId={marker}")
        assert (status, headers["x-amz-delete-marker"], headers["allow"]) == (405, "true", "DELETE")
        assert headers["last-modified"]
    assert body_of(s3, bucket, "k", VersionId=one) == b"one"
    with refused(405, "MethodNotAllowed"):
        s3.get_object_tagging(Bucket=bucket, Key="k", VersionId=marker)
    again = s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    assert again != marker, "a second delete sets a second marker"
    for version in (again, marker):
        removed = s3.delete_object(Bucket=bucket, Key="k", VersionId=version)
        assert removed["DeleteMarker"] is True and removed["VersionId"] == version
    assert body_of(s3, bucket, "k") == b"one", "without its marker the object is back"
    never = s3.delete_object(Bucket=bucket, Key="never there")
    assert never["DeleteMarker"] is True
    removed = s3.delete_object(Bucket=bucket, Key="k", VersionId=one)
    assert removed["VersionId"] == one and "DeleteMarker" not in removed
    assert s3.delete_object(Bucket=bucket, Key="k", VersionId=one)["VersionId"] == one, "gone already is gone"
    with refused(404, "NoSuchKey"):
        s3.get_object(Bucket=bucket, Key="k")


def test_deleting_the_newest_brings_back_the_one_before(s3, bucket):
    set_versioning(s3, bucket, "Enabled")
    ids = [s3.put_object(Bucket=bucket, Key="k", Body=str(n).encode())["VersionId"] for n in range(3)]
    s3.delete_object(Bucket=bucket, Key="k", VersionId=ids[2])
    assert body_of(s3, bucket, "k") == b"1" and s3.head_object(Bucket=bucket, Key="k")["VersionId"] == ids[1]
    s3.delete_object(Bucket=bucket, Key="k", VersionId=ids[0])
    assert body_of(s3, bucket, "k") == b"1"
    assert versions_of(s3, bucket)[0] == [("k", ids[1], True, False)]


def test_many_are_deleted_by_marker_or_by_version(s3, bucket):
    set_versioning(s3, bucket, "Enabled")
    one = s3.put_object(Bucket=bucket, Key="a", Body=b"1")["VersionId"]
    s3.put_object(Bucket=bucket, Key="b", Body=b"1")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [
        {"Key": "a", "VersionId": one}, {"Key": "b"}, {"Key": "c"}, {"Key": "a", "VersionId": "abc"}]})
    deleted = {d["Key"]: d for d in answer["Deleted"]}
    assert deleted["a"]["VersionId"] == one and "DeleteMarker" not in deleted["a"]
    for key in "bc":
        assert deleted[key]["DeleteMarker"] is True and deleted[key]["DeleteMarkerVersionId"]
    assert [(e["Key"], e["Code"]) for e in answer["Errors"]] == [("a", "NoSuchVersion")]
    marker = deleted["b"]["DeleteMarkerVersionId"]
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "b", "VersionId": marker}]})
    assert answer["Deleted"] == [
        {"Key": "b", "VersionId": marker, "DeleteMarker": True, "DeleteMarkerVersionId": marker}]
    assert body_of(s3, bucket, "b") == b"1"


def test_suspended_buckets_write_the_null_version(s3, bucket):
    set_versioning(s3, bucket, "Enabled")
    kept = s3.put_object(Bucket=bucket, Key="k", Body=b"kept")["VersionId"]
    set_versioning(s3, bucket, "Suspended")
    assert "VersionId" not in s3.put_object(Bucket=bucket, Key="k", Body=b"null 1")
    s3.put_object(Bucket=bucket, Key="k", Body=b"null 2")
    assert versions_of(s3, bucket)[0] == [("k", "null", True, False), ("k", kept, False, False)]
    assert s3.head_object(Bucket=bucket, Key="k")["VersionId"] == "null"
    gone = s3.delete_object(Bucket=bucket, Key="k")
    assert (gone["DeleteMarker"], gone["VersionId"]) == (True, "null")
    assert sorted(versions_of(s3, bucket)[0]) == sorted([("k", "null", True, True), ("k", kept, False, False)])
    set_versioning(s3, bucket, "Enabled")
    new = s3.put_object(Bucket=bucket, Key="k", Body=b"new")["VersionId"]
    assert sorted(versions_of(s3, bucket)[0]) == sorted(
        [("k", new, True, False), ("k", "null", False, True), ("k", kept, False, False)])
    set_versioning(s3, bucket, "Suspended")
    s3.put_object(Bucket=bucket, Key="k", Body=b"null 3")
    assert versions_of(s3, bucket)[0] == [("k", "null", True, False), ("k", new, False, False), ("k", kept, False, False)]
    assert body_of(s3, bucket, "k", VersionId=kept) == b"kept"


def test_conditions_see_the_current_version(s3, bucket):
    set_versioning(s3, bucket, "Enabled")
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*")
    with refused(412, "PreconditionFailed"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*")
    s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfMatch=first["ETag"])
    with refused(412, "PreconditionFailed"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"3", IfMatch=first["ETag"])
    s3.delete_object(Bucket=bucket, Key="k")
    with refused(404, "NoSuchKey"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"3", IfMatch=first["ETag"])
    s3.put_object(Bucket=bucket, Key="k", Body=b"3", IfNoneMatch="*")
    assert body_of(s3, bucket, "k") == b"3" and len(versions_of(s3, bucket)[0]) == 4
    s3.delete_object(Bucket=bucket, Key="k")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    parts = upload_parts(s3, bucket, "k", upload, [(1, b"4")])
    s3.complete_multipart_upload(
        Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts}, IfNoneMatch="*")
    assert body_of(s3, bucket, "k") == b"4"


def test_versions_by_pages(s3, bucket):
    set_versioning(s3, bucket, "Enabled")
    for key in ["a/1", "a/2", "b", "c/x/1", "c/y", "한글 +"]:
        for n in range(3):
            s3.put_object(Bucket=bucket, Key=key, Body=str(n).encode())
    s3.delete_object(Bucket=bucket, Key="b")
    everything, pages = versions_of(s3, bucket)
    assert len(everything) == 19 and pages == 1
    for size in (1, 2, 5):
        found, pages = versions_of(s3, bucket, MaxKeys=size)
        assert sorted(found) == sorted(everything), size
        assert sum(latest for _, _, latest, _ in found) == 6
        assert pages >= 19 // size
    assert {row[0] for row in versions_of(s3, bucket, Prefix="c/", MaxKeys=2)[0]} == {"c/x/1", "c/y"}
    page = s3.list_object_versions(Bucket=bucket, Delimiter="/")
    assert [p["Prefix"] for p in page["CommonPrefixes"]] == ["a/", "c/"]
    assert {v["Key"] for v in page["Versions"]} == {"b", "한글 +"}
    for size in (1, 2, 3):
        found, _ = versions_of(s3, bucket, Delimiter="/", MaxKeys=size)
        assert {row[0] for row in found} == {"b", "한글 +"} and len(found) == 7
    page = s3.list_object_versions(Bucket=bucket, MaxKeys=2)
    for v in page["Versions"]:
        s3.delete_object(Bucket=bucket, Key=v["Key"], VersionId=v["VersionId"])
    rest, _ = versions_of(
        s3, bucket, KeyMarker=page["NextKeyMarker"], VersionIdMarker=page["NextVersionIdMarker"])
    assert len(rest) == 17, "a listing goes on behind a version that is gone"
    with refused(400, "InvalidArgument"):
        s3.list_object_versions(Bucket=bucket, VersionIdMarker=page["NextVersionIdMarker"])


def test_tags_and_acls_are_of_a_version(s3, bucket):
    set_versioning(s3, bucket, "Enabled")
    old = s3.put_object(Bucket=bucket, Key="k", Body=b"old", Tagging="n=old")["VersionId"]
    new = s3.put_object(Bucket=bucket, Key="k", Body=b"new", Tagging="n=new")["VersionId"]
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [{"Key": "n", "Value": "new"}]
    answer = s3.put_object_tagging(
        Bucket=bucket, Key="k", VersionId=old, Tagging={"TagSet": [{"Key": "n", "Value": "changed"}]})
    assert answer["VersionId"] == old
    assert s3.get_object_tagging(Bucket=bucket, Key="k", VersionId=old)["TagSet"][0]["Value"] == "changed"
    assert s3.get_object_tagging(Bucket=bucket, Key="k", VersionId=new)["TagSet"][0]["Value"] == "new"
    s3.put_object_acl(Bucket=bucket, Key="k", VersionId=old, ACL="public-read")
    assert fetch(f"{ENDPOINT}/{bucket}/k")[0] == 403
    status, _, body = fetch(f"{ENDPOINT}/{bucket}/k?versionId={old}")
    assert (status, body) == (200, b"old")
    assert fetch(f"{ENDPOINT}/{bucket}/k?versionId={new}")[0] == 403


def test_a_bucket_with_versions_is_not_empty(s3, bucket):
    set_versioning(s3, bucket, "Enabled")
    one = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"]
    marker = s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    with refused(409, "BucketNotEmpty"):
        s3.delete_bucket(Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="k", VersionId=one)
    with refused(409, "BucketNotEmpty"):
        s3.delete_bucket(Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="k", VersionId=marker)
    s3.delete_bucket(Bucket=bucket)


if __name__ == "__main__":
    main(globals())
