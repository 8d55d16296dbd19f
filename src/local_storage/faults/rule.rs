//! The rules of a plan: which requests go wrong, and how.

use std::time::Duration;

use crate::local_storage::operation::{Asked, Signed};

/// Operations that store or start something.
const WRITES: [&str; 6] =
    ["PutObject", "UploadPart", "CopyObject", "UploadPartCopy", "CreateMultipartUpload", "CompleteMultipartUpload"];

/// One rule of a plan. Made with [`Fault::on`] or [`Fault::anywhere`]; the first rule that fits a request acts.
#[derive(Clone, Debug)]
pub struct Fault {
    operation: Option<String>,
    bucket: Option<String>,
    key: Option<String>,
    part_number: Option<u32>,
    attempts: Attempts,
    writes_only: Option<WritesOnly>,
    signed: Option<Signed>,
    passes: u32,
    chance: Option<Chance>,
    pub(super) left: Option<u32>,
    pub(super) action: Action,
}

/// Marks a rule that is for requests that write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct WritesOnly;

/// A fraction of requests, the same ones for the same seed and order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Chance {
    state: u64,
    per_mille: u32,
}

impl Chance {
    /// The next throw of SplitMix64.
    fn hits(&mut self) -> bool {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % 1000 < u64::from(self.per_mille)
    }
}

/// Which attempts of the same request (operation, bucket, key and part number) a rule is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attempts {
    All,
    Only(u32),
    First(u32),
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Answers with an S3 error; nothing is done.
    Error {
        /// HTTP status, e.g. 503.
        status: u16,
        /// S3 code, e.g. `SlowDown`.
        code: String,
    },
    /// Does what was asked, then answers with an S3 error all the same.
    ErrorAfter {
        /// HTTP status, e.g. 500.
        status: u16,
        /// S3 code, e.g. `InternalError`.
        code: String,
    },
    /// Answers with exactly this; nothing is done.
    Answer {
        /// HTTP status.
        status: u16,
        /// Headers by name and value.
        headers: Vec<(String, String)>,
        /// The body.
        body: String,
    },
    /// Waits, then goes on as usual.
    Delay(Duration),
    /// Closes the connection before anything is read or done.
    CloseBefore,
    /// Closes the connection when so many bytes of the request's body have come; nothing is kept.
    CloseInRequest {
        /// Bytes of the body.
        after_bytes: u64,
    },
    /// Stops reading when so many bytes of the request's body have come, for ever.
    StallInRequest {
        /// Bytes of the body.
        after_bytes: u64,
    },
    /// Reads the request's body no faster than this.
    SlowRequest {
        /// Bytes per second.
        bytes_per_sec: u64,
    },
    /// Does nothing until the test calls [`FaultPlan::release`](super::FaultPlan::release), then goes on as usual.
    Hold,
    /// Does what was asked, then closes the connection without an answer.
    CloseAfter,
    /// Sends so many bytes of the answer's body, then closes the connection.
    TruncateAnswer {
        /// Bytes of the body.
        after_bytes: u64,
    },
    /// Reads and does nothing, and never answers.
    StallBefore,
    /// Does what was asked, and never answers.
    StallAfter,
    /// Sends so many bytes of the answer's body, then nothing more.
    StallAnswer {
        /// Bytes of the body.
        after_bytes: u64,
    },
    /// Does what was asked, then answers with exactly this all the same.
    AnswerAfter {
        /// HTTP status.
        status: u16,
        /// Headers by name and value.
        headers: Vec<(String, String)>,
        /// The body.
        body: String,
    },
    /// Answers 200 at once, then white space at intervals, and at last the body: what was asked is done first or not
    /// at all, and the body is the true one or an error.
    SpacesThen {
        /// Pieces of white space.
        count: u32,
        /// Time between two.
        every: Duration,
        /// What comes behind them.
        then: Then,
    },
    /// Turns over one bit of the body between the connection and the disk, behind the check of the signature.
    FlipBit {
        /// Which byte, counted round and round: any number fits any body.
        at_byte: u64,
    },
    /// Forgets the multipart upload that is asked about, then goes on as usual.
    ForgetUpload,
    /// Loses one part of the multipart upload that is asked about, then goes on as usual.
    ForgetPart {
        /// Which one.
        number: u32,
    },
    /// Does what was asked and leaves a header out of the answer, e.g. `etag`.
    WithoutHeader(String),
    /// Does what was asked and sets a header of the answer.
    WithHeader(String, String),
}

/// What comes at the end of [`Action::SpacesThen`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// What was asked is done, and its own answer comes.
    Answer,
    /// Nothing is done, and an `<Error>` of this code comes.
    Error(String),
    /// What was asked is done, and an `<Error>` of this code comes all the same.
    ErrorAfter(String),
}

impl Action {
    /// An S3 error without the request being handled.
    pub fn error(status: u16, code: &str) -> Self {
        Self::Error { status, code: code.to_owned() }
    }

    /// Does what was asked and answers 200 with nothing in it.
    pub fn empty_answer() -> Self {
        Self::AnswerAfter { status: 200, headers: Vec::new(), body: String::new() }
    }

    /// What a gateway in front of the service says: a page, and no S3 code.
    pub fn gateway_error(status: u16) -> Self {
        Self::Answer {
            status,
            headers: vec![("content-type".into(), "text/html".into())],
            body: format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"),
        }
    }

    /// What a CDN says that still holds an older object: 200, another ETag, other bytes.
    pub fn old_copy(etag: &str, body: &str) -> Self {
        Self::Answer {
            status: 200,
            headers: vec![
                ("etag".into(), format!("\"{etag}\"")),
                ("content-type".into(), "text/plain".into()),
                ("content-length".into(), body.len().to_string()),
                ("age".into(), "3600".into()),
                ("x-cache".into(), "Hit from cdn".into()),
            ],
            body: body.to_owned(),
        }
    }

    /// Sends the client elsewhere: 301, 302, 307 or 308 with a `Location`.
    pub fn redirect(status: u16, location: &str) -> Self {
        Self::Answer { status, headers: vec![("location".into(), location.to_owned())], body: String::new() }
    }

    /// What Amazon says in the wrong region: 301 with the right one, and no `Location`.
    pub fn other_region(region: &str) -> Self {
        let text = "The bucket you are attempting to access must be addressed using the specified endpoint. Please \
                    send all future requests to this endpoint.";
        Self::Answer {
            status: 301,
            headers: vec![
                ("content-type".into(), "application/xml".into()),
                ("x-amz-bucket-region".into(), region.to_owned()),
            ],
            body: format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>PermanentRedirect</Code>\
                 <Message>{text}</Message><Endpoint>s3.{region}.amazonaws.com</Endpoint></Error>"
            ),
        }
    }

    /// What a captive portal says: 200 and a page.
    pub fn html_page() -> Self {
        Self::Answer {
            status: 200,
            headers: vec![("content-type".into(), "text/html".into())],
            body: "<!DOCTYPE html><html><body><h1>Please log in to the network</h1></body></html>".into(),
        }
    }
}

impl Fault {
    /// For one operation by its S3 name, e.g. `UploadPart`.
    pub fn on(operation: &str, action: Action) -> Self {
        Self { operation: Some(operation.to_owned()), ..Self::anywhere(action) }
    }

    /// For every request.
    pub fn anywhere(action: Action) -> Self {
        Self {
            operation: None,
            bucket: None,
            key: None,
            part_number: None,
            attempts: Attempts::All,
            writes_only: None,
            signed: None,
            passes: 0,
            chance: None,
            left: None,
            action,
        }
    }

    /// For every request that stores or starts something: PUT, parts, copies, Create and Complete.
    pub fn on_writes(action: Action) -> Self {
        Self { writes_only: Some(WritesOnly), ..Self::anywhere(action) }
    }

    /// Only in this bucket.
    #[must_use]
    pub fn bucket(mut self, bucket: &str) -> Self {
        self.bucket = Some(bucket.to_owned());
        self
    }

    /// Only for this key.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// Only for requests that carry their signature there, or carry none.
    #[must_use]
    pub fn signed(mut self, signed: Signed) -> Self {
        self.signed = Some(signed);
        self
    }

    /// Only for this part.
    #[must_use]
    pub fn part(mut self, number: u32) -> Self {
        self.part_number = Some(number);
        self
    }

    /// Only the nth time the same request comes, counted from 1.
    #[must_use]
    pub fn attempt(mut self, nth: u32) -> Self {
        self.attempts = Attempts::Only(nth);
        self
    }

    /// Only the first n times each same request comes.
    #[must_use]
    pub fn first_attempts(mut self, n: u32) -> Self {
        self.attempts = Attempts::First(n);
        self
    }

    /// At most n times in all.
    #[must_use]
    pub fn times(mut self, n: u32) -> Self {
        self.left = Some(n);
        self
    }

    /// Lets the first n requests that fit pass.
    #[must_use]
    pub fn after(mut self, n: u32) -> Self {
        self.passes = n;
        self
    }

    /// Only so many of a thousand requests that fit, chosen by `seed`.
    #[must_use]
    pub fn per_mille(mut self, per_mille: u32, seed: u64) -> Self {
        self.chance = Some(Chance { state: seed, per_mille });
        self
    }

    /// Whether the rule acts on a request; counts those it lets pass, and how often it still may act.
    pub(super) fn acts(&mut self, asked: &Asked, attempt: u32) -> bool {
        if !self.fits(asked, attempt) {
            return false;
        }
        if self.passes > 0 {
            self.passes -= 1;
            return false;
        }
        if self.chance.as_mut().is_some_and(|chance| !chance.hits()) {
            return false;
        }
        self.left = self.left.map(|left| left.saturating_sub(1));
        true
    }

    fn fits(&self, asked: &Asked, attempt: u32) -> bool {
        let same = |wanted: &Option<String>, given: &Option<String>| wanted.is_none() || wanted == given;
        let now = match self.attempts {
            Attempts::All => true,
            Attempts::Only(nth) => attempt == nth,
            Attempts::First(n) => attempt <= n,
        };
        now && self.left != Some(0)
            && (self.writes_only.is_none() || WRITES.contains(&asked.operation))
            && self.operation.as_deref().is_none_or(|operation| operation == asked.operation)
            && self.signed.is_none_or(|signed| signed == asked.signed)
            && same(&self.bucket, &asked.bucket)
            && same(&self.key, &asked.key)
            && (self.part_number.is_none() || self.part_number == asked.part_number)
    }
}
