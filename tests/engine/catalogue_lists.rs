//! Rows H43 to H48 of the fault catalogue: listings that lie, never end, or are not XML that anyone should read.

use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{
    AfterDownload, BatchId, Command, ConflictPolicy, Event, Failure, FailureKind, ObjectCount, ObjectPage, PageToken,
    Prefix, RequestId, Target,
};

use crate::catalogue_common::{SMALL, Scene};

fn list(scene: &Scene, after: Option<PageToken>) -> Result<ObjectPage, Failure> {
    let request = RequestId::next();
    scene.engine.send(Command::ListObjects { request, at: scene.at.clone(), after });
    scene.engine.expect("ObjectsListed", |event| match event {
        Event::ObjectsListed { request: r, result, .. } if *r == request => {
            Some(result.clone().map(|page| *page).map_err(|failure| *failure))
        }
        _ => None,
    })
}

/// Counts a folder, which pages through all of it.
fn count(scene: &Scene) -> Result<ObjectCount, FailureKind> {
    let request = RequestId::next();
    let targets = vec![Target::Folder(Prefix::new("d"))];
    scene.engine.send(Command::CountObjects { request, at: scene.at.clone(), targets, known_sizes: Vec::new() });
    scene.engine.expect("ObjectsCounted", |event| match event {
        Event::ObjectsCounted { request: r, count, end: Some(end) } if *r == request => {
            Some(end.as_ref().map(|()| (**count).clone()).map_err(|failure| failure.kind))
        }
        _ => None,
    })
}

fn answer(body: String) -> Fault {
    let headers = vec![("content-type".into(), "application/xml".into())];
    Fault::on("ListObjectsV2", Action::Answer { status: 200, headers, body })
}

fn page(rows: &str, end: &str) -> String {
    format!("<?xml version=\"1.0\"?><ListBucketResult><Name>test-bucket</Name>{rows}{end}</ListBucketResult>")
}

fn row(key: &str) -> String {
    format!(
        "<Contents><Key>{key}</Key><Size>1</Size><ETag>\"e\"</ETag>\
         <LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
    )
}

const AGAIN: &str = "<IsTruncated>true</IsTruncated><NextContinuationToken>again</NextContinuationToken>";

/// Nothing takes what came for all there is: not the window, not the count before a deletion, not a download.
fn is_told_to_be_cut_short(scene: &Scene, pages: usize) {
    let mut page = list(scene, None).unwrap();
    for _ in 1..pages {
        page = list(scene, page.next).unwrap();
    }
    assert_eq!(page.entries.len(), 1, "what came is shown");
    let asked = scene.count("ListObjectsV2");
    let rest = list(scene, Some(page.next.unwrap())).unwrap_err();
    assert_eq!(rest.kind, FailureKind::ListingCutShort);
    assert_eq!(scene.count("ListObjectsV2"), asked, "nobody is asked for what cannot be had");
    assert_eq!(count(scene), Err(FailureKind::ListingCutShort));
    let folder = tempfile::tempdir().unwrap();
    let (batch, to, then) = (BatchId::next(), Some(folder.path().to_owned()), AfterDownload::Keep);
    let (at, targets, on_conflict) = (scene.at.clone(), vec![Target::Folder(Prefix::new("d"))], ConflictPolicy::Skip);
    scene.engine.send(Command::Download { batch, at, targets, to, on_conflict, then });
    let told = scene.engine.expect("why not all of it is downloaded", |event| match event {
        Event::BatchIncomplete { batch: of, failure } => Some((*of, failure.kind)),
        _ => None,
    });
    assert_eq!(told, (batch, FailureKind::ListingCutShort));
    assert!(scene.count("ListObjectsV2") < 20, "{} pages", scene.count("ListObjectsV2"));
}

#[test]
fn h43_the_token_repeats() {
    let scene = Scene::new().fault(answer(page(&row("d/a"), AGAIN)));
    is_told_to_be_cut_short(&scene, 2);
}

#[test]
fn h44_truncated_without_a_token() {
    // Where the next page is asked for after the last row, the server gives the same one.
    let scene = Scene::new().fault(answer(page(&row("d/a"), "<IsTruncated>true</IsTruncated>")));
    is_told_to_be_cut_short(&scene, 2);
    // Without any row there is nowhere to go on from, and an empty folder is not what this is.
    let scene = Scene::new().fault(answer(page("", "<IsTruncated>true</IsTruncated>")));
    assert_eq!(list(&scene, None).unwrap_err().kind, FailureKind::ListingCutShort);
    assert_eq!(count(&scene), Err(FailureKind::ListingCutShort));
}

#[test]
fn h45_a_page_without_end() {
    let rows: String = (0..1000).map(|n| row(&format!("d/{n}{}", "k".repeat(20_000)))).collect();
    let scene = Scene::new().fault(answer(page(&rows, "<IsTruncated>false</IsTruncated>")));
    assert!(list(&scene, None).is_err(), "20 MB are no page");
    scene.server.plan.clear();
    scene.arrives("the connection is none the worse", SMALL);
}

#[test]
fn h46_keys_that_are_no_text() {
    let rows = row("d%2Fbad%FFbytes") + &row("d%2Fctrl%01") + &row("d%2Fgood+one%2B");
    let end = "<EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>";
    let scene = Scene::new().fault(answer(page(&rows, end)));
    let listed = list(&scene, None).unwrap();
    let keys: Vec<&str> = listed.entries.iter().map(bucketdrop::model::Entry::full_key).collect();
    assert!(keys.contains(&"d/good one+") && keys.contains(&"d/ctrl\u{1}"), "{keys:?}");
    // Raw control characters are no XML: an error or the row, but never another folder that looks empty.
    let scene = Scene::new().fault(answer(page(&row("d/\u{1}"), "<IsTruncated>false</IsTruncated>")));
    assert!(list(&scene, None).map_or(true, |page| !page.entries.is_empty()));
}

#[test]
fn h47_xml_bombs() {
    let laughs: Vec<String> = (1..20).map(|n| format!("<!ENTITY l{n} \"&l{0};&l{0};&l{0};\">", n - 1)).collect();
    let laughs = laughs.concat();
    let bomb = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY l0 \"lol\">{laughs}]><ListBucketResult><Name>&l19;</Name>\
         </ListBucketResult>"
    );
    let deep = "<a>".repeat(100_000) + &"</a>".repeat(100_000);
    for body in [bomb, page(&deep, "<IsTruncated>false</IsTruncated>")] {
        let scene = Scene::new().fault(answer(body));
        // A bomb that goes off takes all the memory, or for ever.
        let _listed = list(&scene, None);
        scene.server.plan.clear();
        scene.arrives("alive", SMALL);
    }
}

#[test]
fn h48_an_answer_shorter_than_it_says() {
    let scene = Scene::new();
    for n in 0..50 {
        scene.server.put(&format!("k{n}"), b"");
    }
    scene.server.plan.add(Fault::on("ListObjectsV2", Action::TruncateAnswer { after_bytes: 900 }).times(1));
    // Either all rows, after another try, or an error: never some of them as if they were all.
    assert!(list(&scene, None).map_or(true, |page| page.entries.len() == 50));
    assert_eq!(list(&scene, None).unwrap().entries.len(), 50);
}
