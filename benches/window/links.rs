//! What copying thousands of links costs.

use std::time::{Duration, Instant};

use bucketdrop::model::{AppModel, LinkDomainDraft, LinkFormat, Location, ObjectKey, ObjectRef, Prefix};
use bucketdrop::ui::links::links;

use super::{Results, fake, ms};

const COUNT: usize = 10_000;
const RUNS: usize = 5;

/// The text for the clipboard, from the objects on. All of it is work of one thread, so its time is its CPU time; the
/// quickest of a few runs is what it costs without others on the machine.
fn time(model: &AppModel, objects: &[ObjectRef], format: LinkFormat) -> Duration {
    let once = || {
        let started = Instant::now();
        let links = links(model, objects, format);
        let text = links.text();
        let took = started.elapsed();
        assert_eq!((links.lines.len(), links.without_address), (objects.len(), 0));
        assert!(text.len() > objects.len() * 20);
        took
    };
    (0..RUNS).map(|_| once()).min().unwrap()
}

fn objects(at: &Location, name: &str) -> Vec<ObjectRef> {
    (0..COUNT).map(|number| at.object(ObjectKey::new(format!("photos/2026/{name} {number}.jpg")))).collect()
}

/// Every form of link, for names that need much escaping, with and without templates.
pub(super) fn copying(results: &mut Results) {
    let mut connection = fake::connection();
    let mut model = AppModel { connections: vec![connection.clone()], ..AppModel::default() };
    let at = Location { connection: connection.id.clone(), ..fake::folder("weandb", "") };
    let at = at.at(Prefix::root());
    let objects = objects(&at, "경복궁 가을 (밤)+%");
    let slowest = LinkFormat::ALL.map(|format| time(&model, &objects, format)).into_iter().max().unwrap();
    results.add(
        "10,000 links as text, the slowest form",
        ms(slowest),
        "under 100 ms".into(),
        slowest.as_millis() < 100,
    );

    connection.link_domains = (0..50)
        .map(|number| LinkDomainDraft {
            place: format!("weandb/folder-{number}/"),
            pattern: "https://cdn.example.com/{bucket}/{key}".into(),
            drop_prefix: String::new(),
        })
        .map(|row| row.check().unwrap())
        .collect();
    model.connections = vec![connection];
    let slowest = time(&model, &objects, LinkFormat::Markdown);
    results.add("the same with 50 templates", ms(slowest), "under 100 ms".into(), slowest.as_millis() < 100);
}
