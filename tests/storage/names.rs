//! Under which names the storage answers: a page of another host, whose name leads to this computer, gets nothing.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ObjectCannedAcl;
use bucketdrop::local_storage::faults::{Profile, ServedNames};

use super::{Served, serve, succeeds};

/// The head of the answer to a request for an object that anyone may read, as a browser would ask for `host`, and
/// whether the object's bytes came with it.
async fn asked(served: &Served, method: &str, host: &str, path: &str) -> (String, bool) {
    let url = format!("{}{path}", served.storage.endpoint());
    let mut command = std::process::Command::new("curl");
    command.args(["--silent", "--noproxy", "*", "--max-time", "20", "--include", "--request", method]);
    command.args(["--header", &format!("Host: {host}"), "--header", "Origin: http://evil.example"]);
    command.args(["--header", "Access-Control-Request-Method: GET", &url]);
    let said = String::from_utf8_lossy(&succeeds(command).await.stdout).to_ascii_lowercase();
    let (head, body) = said.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.contains("everybody's bytes"))
}

async fn with_a_public_object() -> Served {
    let served = serve().await;
    served.storage.ensure_bucket("bucket").await.unwrap();
    let put = served.sdk().put_object().bucket("bucket").key("k").acl(ObjectCannedAcl::PublicRead);
    put.body(ByteStream::from_static(b"everybody's bytes")).send().await.unwrap();
    served
}

#[tokio::test]
async fn only_who_asks_for_this_computer_is_answered() {
    let served = with_a_public_object().await;
    let port = served.storage.port();
    let own =
        [("127.0.0.1", "/bucket/k"), ("LOCALHOST", "/bucket/k"), ("[::1]", "/bucket/k"), ("bucket.localhost", "/k")];
    for (name, path) in own {
        let (head, has_bytes) = asked(&served, "GET", &format!("{name}:{port}"), path).await;
        assert!(head.starts_with("http/1.1 200 ") && has_bytes, "{name}: {head}");
    }
    served.faults.clear_log();
    for host in ["evil.example", "0.0.0.0", "127.0.0.1.evil.example", "localhost.evil.example"] {
        for host in [host.to_owned(), format!("{host}:{port}")] {
            let (head, has_bytes) = asked(&served, "GET", &host, "/bucket/k").await;
            assert!(head.starts_with("http/1.1 421 ") && !has_bytes, "{host}: {head}");
        }
    }
    assert_eq!(served.faults.log(), []);
    served.storage.shutdown().await;
}

#[tokio::test]
async fn a_page_of_another_origin_is_not_let_in_by_cors() {
    let served = with_a_public_object().await;
    let host = format!("localhost:{}", served.storage.port());
    for method in ["GET", "OPTIONS"] {
        let (head, _) = asked(&served, method, &host, "/bucket/k").await;
        assert!(!head.contains("access-control-"), "{method}: {head}");
        assert_eq!(head.starts_with("http/1.1 200 "), method == "GET", "{method}: {head}");
    }
    served.storage.shutdown().await;
}

#[tokio::test]
async fn a_plan_can_give_the_storage_further_names() {
    let served = with_a_public_object().await;
    let names = ServedNames::Also(&["storage.example.test"]);
    served.faults.set_profile(Profile { names, ..Profile::default() });
    for (host, status) in [("storage.example.test", "200"), ("Storage.Example.test:80", "200"), ("other.test", "421")] {
        let (head, _) = asked(&served, "GET", host, "/bucket/k").await;
        assert!(head.starts_with(&format!("http/1.1 {status} ")), "{host}: {head}");
    }
    served.storage.shutdown().await;
}
