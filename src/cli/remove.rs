//! `remove`: counts, and deletes only with `--yes`.

use super::args::RemoveArgs;
use super::client::{Client, Outcome, Stop};
use super::json::Line;
use super::output::About;
use super::problem::problem;
use super::sizes;
use crate::model::{
    BucketName, Command, Connection, Event, Failure, FailureKind, Location, ObjectKey, Prefix, RequestId, Target,
};

/// `remove`.
pub(super) fn remove(client: &mut Client<'_>, connection: &Connection, args: &RemoveArgs) -> Result<Outcome, Stop> {
    let mut buckets: Vec<(BucketName, Vec<Target>)> = Vec::new();
    for object in &args.objects {
        match buckets.iter_mut().find(|(known, _)| *known == object.bucket) {
            Some((_, targets)) => targets.push(object.target()),
            None => buckets.push((object.bucket.clone(), vec![object.target()])),
        }
    }
    let mut outcome = Outcome::AllDone;
    for (bucket, targets) in buckets {
        let at = Location { connection: connection.id.clone(), bucket, prefix: Prefix::root() };
        let asked = RequestId::next();
        let (counted, found) = count(client, asked, &at, targets)?;
        outcome = counted.max_failed(outcome);
        if args.yes && !found.is_empty() {
            outcome = delete(client, asked, at, found)?.max_failed(outcome);
        }
    }
    if args.yes { Ok(outcome) } else { Err(Stop::Usage(problem("cli-usage-say-yes"))) }
}

impl Outcome {
    /// Failed if either did.
    fn max_failed(self, other: Self) -> Self {
        if self == Self::SomethingFailed { self } else { other }
    }
}

/// Says what there is, and gives those targets that are there. S3 itself calls the deletion of a missing object a
/// success; here a key that was mistyped is told.
fn count(
    client: &mut Client<'_>,
    asked: RequestId,
    at: &Location,
    mut targets: Vec<Target>,
) -> Result<(Outcome, Vec<Target>), Stop> {
    let bucket = at.bucket.clone();
    client.send(Command::CountObjects {
        request: asked,
        at: at.clone(),
        targets: targets.clone(),
        known_sizes: Vec::new(),
    });
    let (count, end) = client.answer(|event| match event {
        Event::ObjectsCounted { request, count, end: Some(end) } if request == asked => Some((count, end)),
        _ => None,
    })?;
    end?;
    let (objects, bytes) = (count.objects, count.total_bytes);
    for key in &count.missing_keys {
        let failure = Failure::new(FailureKind::NoSuchKey).with("key", key);
        client.failure(&failure, About { path: None, key: Some(key) })?;
    }
    let is_missing = !count.missing_keys.is_empty() || !count.empty_folders.is_empty();
    // Each by itself: a folder that was mistyped is not made good by what is found elsewhere.
    for folder in &count.empty_folders {
        let key = ObjectKey::new(folder.as_str());
        let failure = Failure::new(FailureKind::NoSuchKey).with("key", &key);
        client.failure(&failure, About { path: None, key: Some(&key) })?;
    }
    targets.retain(|target| match target {
        Target::Object(key) => !count.missing_keys.contains(key),
        Target::Folder(prefix) => !count.empty_folders.contains(prefix),
    });
    if objects > 0 {
        let (place, in_words) = (format!("s3://{bucket}"), sizes::bytes(bytes));
        let text = client.printer.words_count("cli-counted", objects, &[("place", &place), ("bytes", &in_words)]);
        client.printer.result(&text, &Line::Counted { bucket: bucket.as_str(), objects, bytes })?;
    }
    let outcome = if is_missing { Outcome::SomethingFailed } else { Outcome::AllDone };
    Ok((outcome, targets))
}

/// Deletes what was counted; what came meanwhile is told.
fn delete(client: &mut Client<'_>, counted: RequestId, at: Location, targets: Vec<Target>) -> Result<Outcome, Stop> {
    let (asked, bucket) = (RequestId::next(), at.bucket.clone());
    client.send(Command::DeleteObjects { request: asked, at, targets, counted });
    let mut told = 0;
    loop {
        let (deleted, came, failed, end) = client.answer(|event| match event {
            Event::ObjectsDeleted { request, deleted, came, failed, end, .. } if request == asked => {
                Some((deleted, came, failed, end))
            }
            _ => None,
        })?;
        // Each event repeats what failed before.
        for (key, failure) in failed.iter().skip(told) {
            client.failure(failure, About { path: None, key: Some(key) })?;
        }
        told = told.max(failed.len());
        if let Some(end) = end {
            let line = Line::Removed { bucket: bucket.as_str(), deleted, came: (came > 0).then_some(came) };
            let place = format!("s3://{bucket}");
            let mut text = client.printer.words_count("cli-removed", deleted, &[("place", &place)]);
            if came > 0 {
                text.push('\n');
                text.push_str(&client.printer.words_count("cli-removed-came", came, &[("place", &place)]));
            }
            client.printer.result(&text, &line)?;
            end?;
            return Ok(if told == 0 { Outcome::AllDone } else { Outcome::SomethingFailed });
        }
    }
}
