//! What ends a connection in the middle, as hyper really says it, is the line's fault and fails no file.

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::put_object::PutObjectError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::ErrorKind;
use http::Request;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

use super::classify::kind_of_chain;
use crate::model::FailureKind;

type Failed = SdkError<PutObjectError, HttpResponse>;

fn request() -> Request<SdkBody> {
    Request::put("http://h/b/k").body(SdkBody::from("body")).unwrap()
}

fn kind_of(error: ConnectorError) -> Option<FailureKind> {
    kind_of_chain(&Failed::dispatch_failure(error))
}

/// A frame of HTTP/2, of fewer than 256 bytes.
fn frame(kind: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    [&[0, 0, length, kind, 0, 0, 0, 0, stream], payload].concat()
}

/// Greets as a server of HTTP/2 does, and answers the first request by these bytes and by closing.
async fn answer_http2(mut socket: DuplexStream, answer: Vec<u8>) {
    const HEADERS: u8 = 1;
    const SETTINGS: u8 = 4;
    let mut preface = [0; 24];
    socket.read_exact(&mut preface).await.unwrap();
    socket.write_all(&frame(SETTINGS, 0, &[])).await.unwrap();
    loop {
        let mut head = [0; 9];
        socket.read_exact(&mut head).await.unwrap();
        let length = usize::from(head[1]) << 8 | usize::from(head[2]);
        socket.read_exact(&mut vec![0; length]).await.unwrap();
        if head[3] == HEADERS {
            break;
        }
    }
    socket.write_all(&answer).await.unwrap();
}

/// What hyper makes of such an answer.
async fn http2_error(answer: Vec<u8>) -> hyper::Error {
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let server = tokio::spawn(answer_http2(theirs, answer));
    let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(ours));
    let (mut sender, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    let error = sender.send_request(request()).await.unwrap_err();
    server.await.unwrap();
    error
}

#[tokio::test]
async fn what_ends_a_stream_of_http2_is_the_lines_fault() {
    const RST_STREAM: u8 = 3;
    const GOAWAY: u8 = 7;
    let answers = [
        ("GOAWAY, no error", frame(GOAWAY, 0, &[0; 8])),
        ("GOAWAY, enhance your calm", frame(GOAWAY, 0, &[0, 0, 0, 0, 0, 0, 0, 11])),
        ("refused stream", frame(RST_STREAM, 1, &[0, 0, 0, 7])),
        ("internal error", frame(RST_STREAM, 1, &[0, 0, 0, 2])),
        ("cancel", frame(RST_STREAM, 1, &[0, 0, 0, 8])),
        ("no frame at all", Vec::new()),
    ];
    for (name, answer) in answers {
        let error = http2_error(answer).await;
        let shown = format!("{name}: {error:?}");
        assert_eq!(kind_of(ConnectorError::other(Box::new(error), None)), Some(FailureKind::Offline), "{shown}");
    }
}

#[tokio::test]
async fn what_ends_a_connection_of_http1_is_the_lines_fault_but_not_our_own_bodys_failure() {
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(ours)).await.unwrap();
    let connection = tokio::spawn(connection);
    drop(theirs);
    connection.await.unwrap().ok();
    let error = sender.send_request(request()).await.unwrap_err();
    assert!(error.is_canceled(), "{error:?}");
    assert_eq!(kind_of(ConnectorError::other(Box::new(error), None)), Some(FailureKind::Offline));

    let (ours, _theirs) = tokio::io::duplex(64 * 1024);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(ours)).await.unwrap();
    tokio::spawn(connection);
    let broken = futures_util::stream::once(async { Err::<http_body::Frame<bytes::Bytes>, _>("the disk is gone") });
    let body = http_body_util::StreamBody::new(broken);
    let error = sender.send_request(Request::put("/k").body(body).unwrap()).await.unwrap_err();
    assert!(error.is_user(), "{error:?}");
    assert_eq!(kind_of(ConnectorError::user(Box::new(error))), None);
}

#[test]
fn the_connectors_own_word_counts_where_nothing_else_does() {
    let cases = [
        (ConnectorError::io("odd".into()), Some(FailureKind::Offline)),
        (ConnectorError::timeout("odd".into()), Some(FailureKind::Timeout)),
        (ConnectorError::other("odd".into(), Some(ErrorKind::TransientError)), Some(FailureKind::Offline)),
        (ConnectorError::other("odd".into(), None), None),
        (ConnectorError::user("odd".into()), None),
    ];
    for (error, expected) in cases {
        let shown = format!("{error:?}");
        assert_eq!(kind_of(error), expected, "{shown}");
    }
}
