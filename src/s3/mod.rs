//! The S3 adapter: the only place that knows the AWS SDK.
//!
//! One [`S3Store`] is the SDK client of one connection, with one connection pool. It takes and gives model
//! types only, never SDK types, and turns every fault into an [`S3Error`] with a cause that a person can act on.
//! It keeps nothing on disk, and reads files in [`S3Store::connect`] only: `~/.aws`, by the SDK, and those of certificate
//! authorities.

pub mod checksum;

mod access_reading;
mod addresses;
mod answer_rest;
mod arrival;
mod authorities;
mod blank_keys;
mod body;
mod buckets;
mod chain_settings;
mod classify;
mod cleaning;
mod codes;
mod complete;
mod conditions;
mod convert;
mod diagnose;
mod dial;
mod direct;
mod error;
mod gate;
mod key_command;
mod keys;
mod learnt;
mod list;
mod list_page;
mod multipart;
mod object;
mod part_stream;
mod payer;
mod pool;
mod presign;
mod probe;
mod proof;
mod proxies;
mod put;
mod reconcile;
mod region_news;
mod regions;
mod sharing;
mod signer;
mod socks;
mod store;
mod stranger;
mod types;
mod uploads;
mod wire;

pub use access_reading::SeenObject;
pub use arrival::{Arrival, ArrivalSum};
pub use body::SentBytes;
pub use complete::{LOOK_COUNTS_FOR, Looked, Whole};
pub use error::S3Error;
pub use gate::{Allowance, BodyPacer, CallEnd, CallGate, CallKind, CallPass, GateFuture, Patience, Timers};
pub use learnt::{ChecksumMode, Dated, LearntFacts, LearntKeeper};
pub use list::start_after;
pub use part_stream::{PART_STEP_BYTES, PartReader, Reading, StreamedPart};
pub use presign::UploadTerms;
pub use proof::{Judgement, MultipartTag, SentContent};
pub use reconcile::{KeyHolds, Written};
pub use regions::RegionCache;
pub use sharing::ObjectAcl;
pub use store::S3Store;
pub use stranger::{Asking, NearAnswers, Stranger, StrangerConfig};
pub use types::{
    Destination, Download, Grouping, KeySource, ListedPart, PartBody, PartsPage, SignedPut, SignedUrl, StoreParams,
    Stored, StoredPart, UploadId, WriteCondition,
};
pub use uploads::{ListedUpload, PartsHeld, UploadsMarker, UploadsPage};

#[cfg(test)]
mod canned;
#[cfg(test)]
mod chain_hosts_tests;
#[cfg(test)]
mod ladder_tests;
#[cfg(test)]
mod line_errors;
#[cfg(test)]
mod looks_tests;
#[cfg(test)]
mod odd_answers;
#[cfg(test)]
mod refused_option_tests;
#[cfg(test)]
mod sharing_tests;
#[cfg(test)]
mod tagless_parts_tests;
#[cfg(test)]
mod tls_clock_links;
#[cfg(test)]
mod web_page_tests;
