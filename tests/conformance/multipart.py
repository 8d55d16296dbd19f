"""Multipart uploads on this computer, held to what Amazon S3 does, as boto3 sees it. Run as `harness.py` says."""

import base64
import hashlib
import os
import zlib

from harness import ENDPOINT, MIB, PLAIN, crc64nvme, fetch, main, raw, refused, upload_parts


def test_multipart(s3, bucket):
    one, two, three = os.urandom(5 * MIB), os.urandom(6 * MIB), os.urandom(1234)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="big", ContentType="video/mp4", Metadata={"m": "1"},
                                        ACL="public-read")["UploadId"]
    done = upload_parts(s3, bucket, "big", upload, [(9, three), (2, two), (1, b"first try"), (1, one)])
    done = [done[3], done[1], done[0]]
    listed = s3.list_parts(Bucket=bucket, Key="big", UploadId=upload)
    assert [(p["PartNumber"], p["Size"], p["ETag"]) for p in listed["Parts"]] == [
        (1, len(one), done[0]["ETag"]), (2, len(two), done[1]["ETag"]), (9, len(three), done[2]["ETag"])]
    pages = s3.get_paginator("list_parts").paginate(
        Bucket=bucket, Key="big", UploadId=upload, PaginationConfig={"PageSize": 1})
    assert [[p["PartNumber"] for p in page["Parts"]] for page in pages] == [[1], [2], [9]]
    with refused(404, "NoSuchKey"):
        s3.get_object(Bucket=bucket, Key="big")
    answer = s3.complete_multipart_upload(Bucket=bucket, Key="big", UploadId=upload, MultipartUpload={"Parts": done})
    md5s = b"".join(hashlib.md5(part).digest() for part in (one, two, three))
    assert answer["ETag"] == f'"{hashlib.md5(md5s).hexdigest()}-3"'
    got = s3.get_object(Bucket=bucket, Key="big")
    whole = one + two + three
    assert got["Body"].read() == whole and got["ContentType"] == "video/mp4" and got["Metadata"] == {"m": "1"}
    middle = s3.get_object(Bucket=bucket, Key="big", Range=f"bytes={len(one) - 10}-{len(one) + 9}")["Body"].read()
    assert middle == whole[len(one) - 10:len(one) + 10]
    part = s3.get_object(Bucket=bucket, Key="big", PartNumber=2)
    assert part["Body"].read() == two and part["PartsCount"] == 3
    with refused(416, "InvalidPartNumber"):
        s3.get_object(Bucket=bucket, Key="big", PartNumber=4)
    assert fetch(f"{ENDPOINT}/{bucket}/big")[0] == 200
    with refused(404, "NoSuchUpload"):
        s3.list_parts(Bucket=bucket, Key="big", UploadId=upload)
    with refused(404, "NoSuchUpload"):
        s3.complete_multipart_upload(Bucket=bucket, Key="big", UploadId=upload, MultipartUpload={"Parts": done})
    parts = s3.get_object_attributes(Bucket=bucket, Key="big", ObjectAttributes=["ObjectParts", "ObjectSize"])
    assert parts["ObjectParts"]["TotalPartsCount"] == 3 and parts["ObjectSize"] == len(whole)
    # a copy of it is one piece again
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "big"})
    copy = s3.get_object(Bucket=bucket, Key="copy")
    assert copy["ETag"] == f'"{hashlib.md5(whole).hexdigest()}"' and copy["Body"].read() == whole
    s3.delete_object(Bucket=bucket, Key="big")


def test_multipart_refusals(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    def complete(parts, **more):
        return s3.complete_multipart_upload(
            Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts}, **more)
    small = upload_parts(s3, bucket, "k", upload, [(1, b"small"), (2, b"last")])
    with refused(400, "EntityTooSmall"):
        complete(small)
    with refused(400, "InvalidPartOrder"):
        complete(small[::-1])
    with refused(400, "InvalidPartOrder"):
        complete([small[0], small[0]])
    with refused(400, "InvalidPart"):
        complete([{**small[0], "ETag": '"00000000000000000000000000000000"'}])
    with refused(400, "InvalidPart"):
        complete([{"PartNumber": 7, "ETag": small[0]["ETag"]}])
    with refused(400, "InvalidPart"):
        complete([{**small[0], "ChecksumCRC32": "AAAAAA=="}])
    with refused(400, "MalformedXML"):
        complete([])
    with refused(400, "InvalidRequest"):
        complete(small[:1], MpuObjectSize=99)
    for number in (0, 10001):
        with refused(400, "InvalidArgument"):
            s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=number, Body=b"")
    with refused(404, "NoSuchUpload"):
        s3.upload_part(Bucket=bucket, Key="k", UploadId="nonsense", PartNumber=1, Body=b"")
    with refused(404, "NoSuchUpload"):
        s3.upload_part(Bucket=bucket, Key="other", UploadId=upload, PartNumber=1, Body=b"")
    s3.put_object(Bucket=bucket, Key="k", Body=b"there")
    with refused(412, "PreconditionFailed"):
        complete(small[:1], IfNoneMatch="*")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"there"
    complete(small[:1], MpuObjectSize=5)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"small"
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    upload_parts(s3, bucket, "k", upload, [(1, b"small")])
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)
    with refused(404, "NoSuchUpload"):
        s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)
    with refused(404, "NoSuchUpload"):
        s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)


def test_multipart_checksums(s3, bucket):
    one, two = os.urandom(5 * MIB), os.urandom(100)
    for name, kind in [("CRC32", "COMPOSITE"), ("SHA256", "COMPOSITE"), ("SHA1", "COMPOSITE"), ("CRC32", "FULL_OBJECT")]:
        made = s3.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm=name, ChecksumType=kind)
        assert made["ChecksumAlgorithm"] == name and made["ChecksumType"] == kind
        upload = made["UploadId"]
        with refused(400, "BadDigest"):
            wrong = base64.b64encode(b"\0" * {"CRC32": 4, "SHA1": 20, "SHA256": 32}[name]).decode()
            s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=one, **{f"Checksum{name}": wrong})
        done = upload_parts(s3, bucket, "k", upload, [(1, one), (2, two)], ChecksumAlgorithm=name)
        listed = s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)
        assert [p[f"Checksum{name}"] for p in listed["Parts"]] == [p[f"Checksum{name}"] for p in done]
        with refused(400, "BadDigest"):
            s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": done},
                                         ChecksumType=kind, **{f"Checksum{name}": wrong})
        other = {"COMPOSITE": "FULL_OBJECT", "FULL_OBJECT": "COMPOSITE"}[kind]
        with refused(400, "InvalidRequest"):
            s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": done},
                                         ChecksumType=other)
        if kind == "COMPOSITE":
            bare = [{"PartNumber": p["PartNumber"], "ETag": p["ETag"]} for p in done]
            with refused(400, "InvalidRequest"):
                s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": bare})
        answer = s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": done})
        assert answer["ChecksumType"] == kind
        value = answer[f"Checksum{name}"]
        if kind == "FULL_OBJECT":
            assert value == base64.b64encode(zlib.crc32(one + two).to_bytes(4, "big")).decode()
        elif name != "CRC32":
            digest = getattr(hashlib, name.lower())
            assert value == base64.b64encode(digest(digest(one).digest() + digest(two).digest()).digest()).decode() + "-2"
        head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
        assert head[f"Checksum{name}"] == value and head["ChecksumType"] == kind
    with refused(400, "InvalidRequest"):
        s3.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm="SHA256", ChecksumType="FULL_OBJECT")
    with refused(400, "InvalidRequest"):
        s3.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm="CRC64NVME", ChecksumType="COMPOSITE")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm="SHA256")["UploadId"]
    with refused(400, "InvalidRequest"):
        s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"x", ChecksumAlgorithm="CRC32")
    # a composite checksum needs that of each part, one over the whole object does not
    upload = PLAIN.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm="SHA256")["UploadId"]
    status, _, body = raw("PUT", f"/{bucket}/k?partNumber=1&uploadId={upload}", b"x")
    assert status == 400 and b"<Code>InvalidRequest</Code>" in body, (status, body)
    assert b"expected checksum Type: sha256, actual checksum Type: null" in body, body
    with refused(400, "InvalidRequest"):
        PLAIN.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"x")
    upload = PLAIN.create_multipart_upload(
        Bucket=bucket, Key="k", ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")["UploadId"]
    PLAIN.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"x")
    # CRC64NVME over the whole object, with headers made by hand
    small = b"crc64 of a small part"
    upload = PLAIN.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    path = f"/{bucket}/k?partNumber=1&uploadId={upload}"
    assert raw("PUT", path, small, {"x-amz-checksum-crc64nvme": crc64nvme(b"x")})[0] == 400
    status, headers, _ = raw("PUT", path, small, {"x-amz-checksum-crc64nvme": crc64nvme(small)})
    assert status == 200 and headers["x-amz-checksum-crc64nvme"] == crc64nvme(small)
    parts = {"Parts": [{"PartNumber": 1, "ETag": headers["ETag"]}]}
    with refused(400, "BadDigest"):
        PLAIN.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload=parts,
                                        ChecksumCRC64NVME=crc64nvme(b"x"), ChecksumType="FULL_OBJECT")
    answer = PLAIN.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload=parts,
                                             ChecksumCRC64NVME=crc64nvme(small), ChecksumType="FULL_OBJECT")
    assert answer["ChecksumCRC64NVME"] == crc64nvme(small)


def test_list_multipart_uploads(s3, bucket):
    keys = ["a/1", "a/1", "a/2", "b", "c/x/y", "c/z", "한/글"]
    ids = [(key, s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]) for key in keys]
    def all_of(**query):
        pages = s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, **query)
        uploads, prefixes = [], []
        for page in pages:
            uploads += [(u["Key"], u["UploadId"]) for u in page.get("Uploads", [])]
            prefixes += [p["Prefix"] for p in page.get("CommonPrefixes", [])]
        return uploads, prefixes
    for size in (1, 2, 3, 1000):
        assert all_of(PaginationConfig={"PageSize": size}) == (sorted(ids), []), size
        assert all_of(Delimiter="/", PaginationConfig={"PageSize": size}) == (
            [ids[3]], ["a/", "c/", "한/"]), size
        assert all_of(Prefix="c/", Delimiter="/", PaginationConfig={"PageSize": size}) == ([ids[5]], ["c/x/"]), size


def test_upload_part_copy(s3, bucket):
    data = os.urandom(6 * MIB)
    s3.put_object(Bucket=bucket, Key="source", Body=data)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    source = {"Bucket": bucket, "Key": "source"}
    parts = []
    for number, span in [(1, f"bytes=0-{5 * MIB - 1}"), (2, f"bytes={5 * MIB}-{6 * MIB - 1}")]:
        answer = s3.upload_part_copy(Bucket=bucket, Key="k", UploadId=upload, PartNumber=number, CopySource=source,
                                     CopySourceRange=span)
        parts.append({"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]})
    with refused(400, "InvalidArgument"):
        s3.upload_part_copy(Bucket=bucket, Key="k", UploadId=upload, PartNumber=3, CopySource=source,
                            CopySourceRange=f"bytes=0-{6 * MIB}")
    PLAIN.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts})
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == data


if __name__ == "__main__":
    main(globals())
