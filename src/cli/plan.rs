//! `upload --dry-run`: what would go where, and what would not go.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::client::{Client, Outcome, Stop};
use super::json::Line;
use super::left_out::{self, LeftOut};
use crate::model::{Command, Event, Location, PutOptions, RequestId, ScanProgress};

/// Says what would go where; nothing is uploaded. What would fail of what was asked for makes it a failure here, too.
pub(super) fn plan(
    client: &mut Client<'_>,
    paths: Vec<PathBuf>,
    to: Location,
    options: Box<PutOptions>,
) -> Result<Outcome, Stop> {
    let asked = RequestId::next();
    let bucket = to.bucket.clone();
    let named: BTreeSet<PathBuf> = paths.iter().cloned().collect();
    client.send(Command::PlanUpload { request: asked, paths, to, options });
    let mut outcome = Outcome::AllDone;
    loop {
        let (files, skipped, questions, progress) = client.answer(|event| match event {
            Event::UploadPlanned { request, files, skipped, questions, progress } if request == asked => {
                Some((files, skipped, questions, progress))
            }
            _ => None,
        })?;
        for file in &files {
            let path = file.path.to_string_lossy();
            let line =
                Line::Planned { path: &path, bucket: bucket.as_str(), key: file.key.as_str(), bytes: file.bytes };
            client.printer.result(&format!("{path} -> s3://{bucket}/{}", file.key), &line)?;
        }
        for item in &skipped {
            if left_out::tell(client, item, &named)? == LeftOut::Failed {
                outcome = Outcome::SomethingFailed;
            }
        }
        for question in &questions {
            outcome = Outcome::SomethingFailed;
            left_out::tell_bad_name(client, question)?;
        }
        if progress == ScanProgress::Complete {
            return Ok(outcome);
        }
    }
}
