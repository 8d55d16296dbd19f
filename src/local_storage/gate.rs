//! Stands between the connection and the protocol layer: request ids, unread bodies, planned faults.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, header};
use http_body::Frame;
use http_body_util::{BodyExt as _, Limited, StreamBody};
use hyper::body::Incoming;
use s3s::service::S3Service;
use s3s::{Body, HttpResponse, S3Error, S3ErrorCode, s3_error};
use tokio_util::sync::CancellationToken;

use super::bodies::{Ending, GuardedBody, Intake, Trouble};
use super::checksums::Hasher;
use super::faults::{Action, EventKind, FaultPlan, Profile, RequestEnd, RequestEvents, Then, Ticket};
use super::handling::{Handling, TrueStatus};
use super::index::Write;
use super::names;
use super::operation::Asked;
use super::receive::Promise;
use super::service::Storage;
use super::signatures;

/// What a list of a thousand keys may take as XML.
const LARGEST_LIST_BYTES: usize = 8 * 1024 * 1024;

/// What every connection calls.
#[derive(Clone)]
pub(super) struct Gate {
    pub service: S3Service,
    pub faults: Option<Arc<FaultPlan>>,
    pub ids: Arc<RequestIds>,
    pub storage: Arc<Storage>,
    /// Ends requests that stall on purpose.
    pub stop: CancellationToken,
}

/// Numbers requests; unlike from start to start.
pub(super) struct RequestIds {
    start: u64,
    next: AtomicU64,
}

impl RequestIds {
    pub(super) fn new() -> Self {
        Self { start: rand::random(), next: AtomicU64::new(1) }
    }

    fn next(&self) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        format!("{:016X}", self.start.wrapping_add(number.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
    }
}

/// The connection is to be closed without an answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Hangup {
    #[error("closed by plan")]
    Planned,
    #[error("the protocol layer failed: {0}")]
    Protocol(String),
}

type Answer = Result<HttpResponse, Hangup>;

impl hyper::service::Service<Request<Incoming>> for Gate {
    type Response = HttpResponse;
    type Error = Hangup;
    type Future = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let gate = self.clone();
        Box::pin(async move { gate.handle(request).await })
    }
}

impl Gate {
    async fn handle(self, request: Request<Incoming>) -> Answer {
        let further = self.faults.as_ref().map(|plan| plan.profile().names.further()).unwrap_or_default();
        if let Some(refusal) = names::refusal(request.uri(), request.headers(), further) {
            let mut answer = http_answer(refusal)?;
            answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            return Ok(answer);
        }
        let awaits_leave = request.headers().contains_key(header::EXPECT);
        let (mut parts, incoming) = request.into_parts();
        let (intake, mut answer) = match &self.faults {
            None => {
                let intake = Intake::new(incoming, RequestEvents::default());
                let answer = self.serve(Request::from_parts(parts, intake.body(Trouble::None))).await?;
                (intake, answer)
            }
            Some(plan) => {
                let (fault, mut ticket) = plan.begin(Asked::read(&parts.method, &parts.uri, &parts.headers));
                let intake = Intake::new(incoming, ticket.events.clone());
                parts
                    .extensions
                    .insert(Handling { profile: plan.profile(), flip_bit_at: flipped_byte(fault.as_ref()) });
                self.prepare(fault.as_ref(), &mut ticket, &parts.uri).await;
                let request = Request::from_parts(parts, intake.body(Trouble::of(fault.as_ref(), &self.stop)));
                let answer = self.serve_with_fault(request, &intake, fault, ticket).await?;
                (intake, answer)
            }
        };
        if awaits_leave && !intake.was_read() {
            // The client sends no body now, and must not take the next answer for this one's.
            answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        } else {
            intake.drain().await;
        }
        Ok(answer)
    }

    /// What a fault does before the request is looked at.
    async fn prepare(&self, fault: Option<&Action>, ticket: &mut Ticket, uri: &http::Uri) {
        match fault {
            Some(Action::Hold) => tokio::select! {
                () = ticket.release() => {}
                () = self.stop.cancelled() => {}
            },
            Some(action @ (Action::ForgetUpload | Action::ForgetPart { .. })) => {
                let mut pairs = uri.query().unwrap_or_default().split('&');
                let Some(id) = pairs.find_map(|pair| pair.strip_prefix("uploadId=")) else { return };
                let id = id.to_owned();
                let part = if let Action::ForgetPart { number } = action { Some(*number) } else { None };
                let forget = move |write: &mut Write<'_>| match part {
                    Some(number) => write.delete_part(&id, number),
                    None => write.delete_upload(&id),
                };
                if let Err(error) = self.storage.index.write(Vec::new(), forget).await {
                    tracing::warn!(%error, "cannot forget an upload");
                }
            }
            _ => {}
        }
    }

    /// Serves as the plan's profile wants it.
    async fn serve(&self, request: Request<Body>) -> Answer {
        let profile = request.extensions().get::<Handling>().map(|handling| handling.profile);
        let Some(profile) = profile.filter(|profile| *profile != Profile::default()) else {
            return self.serve_strictly(request).await;
        };
        let asked = Asked::read(request.method(), request.uri(), request.headers());
        if let Some(refusal) = profile.refusal(&asked, request.headers()) {
            drop(request);
            return http_answer(refusal);
        }
        let mut answer = self.serve_strictly(request).await?;
        if profile.hides_etag(asked.operation) {
            answer.headers_mut().remove(header::ETAG);
        }
        Ok(answer)
    }

    async fn serve_strictly(&self, request: Request<Body>) -> Answer {
        let protocol = |error: &dyn std::fmt::Debug| Hangup::Protocol(format!("{error:?}"));
        let request = without_odd_range(request);
        let checked = match signatures::refusal(request.uri(), request.headers()) {
            Some(refusal) => {
                drop(request);
                Err(refusal)
            }
            None => check_digests(request).await,
        };
        let answer = match checked {
            Ok(request) => self.service.call(request).await.map_err(|error| protocol(&error))?,
            Err(error) => error.to_http_response().map_err(|error| protocol(&error))?,
        };
        let id = self.ids.next();
        let mut answer = if answer.status().as_u16() < 400 { answer } else { with_id_in_error(answer, &id).await? };
        if let Some(TrueStatus(status)) = answer.extensions_mut().remove() {
            *answer.status_mut() = status;
        }
        let headers = answer.headers_mut();
        for name in ["x-amz-request-id", "x-amz-id-2"] {
            if let Ok(value) = HeaderValue::from_str(&id) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        headers.insert(header::SERVER, HeaderValue::from_static("Bucketdrop"));
        Ok(answer)
    }

    async fn serve_with_fault(
        &self,
        request: Request<Body>,
        intake: &Intake,
        fault: Option<Action>,
        mut ticket: Ticket,
    ) -> Answer {
        let mut ending = Ending::Whole;
        let answer = match fault {
            None
            | Some(
                Action::Hold
                | Action::SlowRequest { .. }
                | Action::FlipBit { .. }
                | Action::ForgetUpload
                | Action::ForgetPart { .. },
            ) => self.serve(request).await,
            Some(Action::Error { status, code }) => {
                drop(request);
                planned_error(status, &code)
            }
            Some(Action::ErrorAfter { status, code }) => {
                self.serve(request).await?;
                planned_error(status, &code)
            }
            Some(Action::Answer { status, headers, body }) => {
                drop(request);
                Ok(planned_answer(status, &headers, body))
            }
            Some(Action::AnswerAfter { status, headers, body }) => {
                self.serve(request).await?;
                Ok(planned_answer(status, &headers, body))
            }
            Some(Action::SpacesThen { count, every, then }) => {
                let last = self.last_words(request, then).await?;
                Ok(spaced_answer(count, every, last))
            }
            Some(Action::Delay(time)) => {
                tokio::time::sleep(time).await;
                self.serve(request).await
            }
            Some(Action::CloseBefore) => Err(Hangup::Planned),
            Some(Action::CloseAfter | Action::CloseInRequest { .. } | Action::StallInRequest { .. }) => {
                self.serve(request).await?;
                Err(Hangup::Planned)
            }
            Some(Action::StallBefore) => self.stall().await,
            Some(Action::StallAfter) => {
                self.serve(request).await?;
                self.stall().await
            }
            Some(Action::TruncateAnswer { after_bytes }) => {
                ending = Ending::Cut { after_bytes };
                self.serve(request).await
            }
            Some(Action::StallAnswer { after_bytes }) => {
                ending = Ending::Stall { after_bytes };
                self.serve(request).await
            }
            Some(Action::WithoutHeader(name)) => {
                let mut answer = self.serve(request).await?;
                answer.headers_mut().remove(name);
                Ok(answer)
            }
            Some(Action::WithHeader(name, value)) => {
                let mut answer = self.serve(request).await?;
                insert_header(&mut answer, &name, &value);
                Ok(answer)
            }
        };
        ticket.request_bytes = intake.read_bytes();
        let answer = answer?;
        ticket.events.tell(EventKind::Answering);
        ticket.end = RequestEnd::Answered(answer.status().as_u16());
        Ok(answer.map(|body| Body::http_body_unsync(GuardedBody::new(body, ending, ticket, self.stop.clone()))))
    }

    /// The body that comes behind white space.
    async fn last_words(&self, request: Request<Body>, then: Then) -> Result<Bytes, Hangup> {
        let answer = match then {
            Then::Answer => self.serve(request).await?,
            Then::Error(code) => {
                drop(request);
                planned_error(200, &code)?
            }
            Then::ErrorAfter(code) => {
                self.serve(request).await?;
                planned_error(200, &code)?
            }
        };
        let collected = answer.into_body().collect().await.map_err(|error| Hangup::Protocol(error.to_string()))?;
        let bytes = collected.to_bytes();
        let text = String::from_utf8_lossy(&bytes);
        let root = text.split_once("?>").map_or(text.as_ref(), |(_, rest)| rest);
        Ok(Bytes::from(root.to_owned()))
    }

    async fn stall(&self) -> Answer {
        self.stop.cancelled().await;
        Err(Hangup::Planned)
    }
}

fn planned_error(status: u16, code: &str) -> Answer {
    let mut error = S3Error::with_message(S3ErrorCode::Custom(code.into()), "A planned fault");
    error.set_status_code(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    http_answer(error)
}

fn http_answer(error: S3Error) -> Answer {
    error.to_http_response().map_err(|error| Hangup::Protocol(error.to_string()))
}

fn planned_answer(status: u16, headers: &[(String, String)], body: String) -> HttpResponse {
    let mut answer = HttpResponse::new(Body::from(body));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    for (name, value) in headers {
        insert_header(&mut answer, name, value);
    }
    answer
}

/// 200 at once, white space for a while, and then the body: how Amazon keeps a connection open over a long operation.
fn spaced_answer(count: u32, every: std::time::Duration, last: Bytes) -> HttpResponse {
    let begin = Bytes::from_static(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let steps = futures_util::stream::unfold(0, move |step| {
        let (begin, last) = (begin.clone(), last.clone());
        async move {
            let piece = match step {
                0 => begin,
                _ if step <= count => {
                    tokio::time::sleep(every).await;
                    Bytes::from_static(b" ")
                }
                _ if step == count + 1 => last,
                _ => return None,
            };
            Some((Ok::<_, s3s::StdError>(Frame::data(piece)), step + 1))
        }
    });
    let mut answer = HttpResponse::new(Body::http_body_unsync(StreamBody::new(Box::pin(steps))));
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    answer
}

fn flipped_byte(fault: Option<&Action>) -> Option<u64> {
    match fault {
        Some(Action::FlipBit { at_byte }) => Some(*at_byte),
        _ => None,
    }
}

fn insert_header(answer: &mut HttpResponse, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
        answer.headers_mut().insert(name, value);
    }
}

/// A range that S3 does not understand is as good as none, where no signature covers it.
fn without_odd_range(mut request: Request<Body>) -> Request<Body> {
    let headers = request.headers();
    let is_odd = |range: &HeaderValue| range.to_str().map_or(true, |range| s3s::dto::Range::parse(range).is_err());
    if headers.get(header::RANGE).is_some_and(is_odd) && !headers.contains_key(header::AUTHORIZATION) {
        request.headers_mut().remove(header::RANGE);
    }
    request
}

/// Holds the list of a DeleteObjects to the digest that came with it, which the protocol layer passes over.
async fn check_digests(request: Request<Body>) -> Result<Request<Body>, S3Error> {
    let query = request.uri().query().unwrap_or_default();
    let is_list = request.method() == Method::POST && query.split('&').any(|pair| matches!(pair, "delete" | "delete="));
    if !is_list || request.headers().contains_key("x-amz-trailer") {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    let promise = Promise::of_headers(&parts.headers)?;
    let body = Limited::new(body, LARGEST_LIST_BYTES)
        .collect()
        .await
        .map_err(|_error| s3_error!(MaxMessageLengthExceeded, "Your request was too big."))?;
    let bytes = body.to_bytes();
    let algorithms: Vec<_> = promise.algorithm().into_iter().collect();
    let mut hasher = Hasher::new(&algorithms);
    hasher.update(&bytes);
    promise.check(&hasher.finish())?;
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

/// Puts the request id, and the right region where the wrong one was signed for, into the XML of an error.
async fn with_id_in_error(answer: HttpResponse, id: &str) -> Answer {
    let region = answer.headers().get("x-amz-bucket-region").and_then(|region| region.to_str().ok()).map(str::to_owned);
    let (parts, body) = answer.into_parts();
    let bytes = body.collect().await.map_err(|error| Hangup::Protocol(error.to_string()))?.to_bytes();
    let text = String::from_utf8_lossy(&bytes);
    let body = match text.strip_suffix("</Error>") {
        None => Body::from(bytes),
        Some(open) => {
            let region = region.map(|region| format!("<Region>{region}</Region>")).unwrap_or_default();
            Body::from(format!("{open}{region}<RequestId>{id}</RequestId><HostId>{id}</HostId></Error>"))
        }
    };
    Ok(HttpResponse::from_parts(parts, body))
}
