//! What the tests of links share: a folder with objects, checks of their links, and what lands on the clipboard.

use crate::fake::{Setup, Stage, connection, folder, page_of_the_picture};
use bucketdrop::model::{
    AccessReport, CheckExtent, CheckProgress, Command, Event, Finding, Layer, LayerFinding, LinkCheck, LinkKind,
    Location, ObjectKey, ObjectRef, Prefix, PrivateBecause, RequestId, ShareWay, Verdict, public_url,
};
use egui_kittest::kittest::Queryable as _;

pub(crate) const PRIVATE: Verdict = Verdict::Private(PrivateBecause::NothingOpensIt);

/// The folder of the design's picture.
pub(crate) fn at() -> Location {
    folder("weandb", "photos/2026")
}

/// The window that shows it.
pub(crate) fn picture() -> Stage {
    Stage::showing(Setup::default(), &at(), page_of_the_picture())
}

/// An object in it.
pub(crate) fn object(name: &str) -> ObjectRef {
    at().object(ObjectKey::new(format!("photos/2026/{name}")))
}

/// The public address of an object of the connection.
pub(crate) fn url_of(object: &ObjectRef) -> String {
    public_url(&connection(), &object.bucket, None, &object.key).unwrap_or_default()
}

/// What a stranger met at an object's public address.
pub(crate) fn check(object: ObjectRef, verdict: Verdict) -> LinkCheck {
    let status = match verdict {
        Verdict::Public => Some(200),
        Verdict::Private(_) => Some(403),
        _ => None,
    };
    LinkCheck {
        kind: LinkKind::Public,
        verdict,
        status,
        address: url_of(&object),
        object,
        checked_at: "2026-11-21T05:02:00Z".parse().unwrap(),
    }
}

/// Answers a check of links, whole.
pub(crate) fn answer(stage: &mut Stage, request: RequestId, checks: Vec<LinkCheck>, total: usize) {
    let progress = CheckProgress { checked: checks.len(), asked: checks.len(), total };
    stage.wire.tell(Event::LinksChecked { request, checks, progress, end: Some(Ok(())) });
    stage.window.run();
}

/// Checks that were asked for.
pub(crate) fn checks_of(commands: &[Command]) -> Vec<(RequestId, Vec<ObjectRef>, CheckExtent)> {
    let asked = commands.iter().filter_map(|command| match command {
        Command::CheckLinks { request, objects, extent } => Some((*request, objects.clone(), *extent)),
        _ => None,
    });
    asked.collect()
}

/// What the last frame has put on the clipboard.
pub(crate) fn copied(stage: &Stage) -> Option<String> {
    stage.window.output().platform_output.commands.iter().find_map(|command| match command {
        egui::OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    })
}

/// Steps until something lands on the clipboard.
pub(crate) fn copied_soon(stage: &mut Stage) -> Option<String> {
    for _ in 0..8 {
        stage.window.step();
        if let Some(text) = copied(stage) {
            return Some(text);
        }
    }
    None
}

/// Selects a row and lets the selection rest; the check that follows.
pub(crate) fn select(stage: &mut Stage, name: &str) -> RequestId {
    stage.wire.commands();
    stage.window.get_by_label_contains(&format!("{name}, ")).click();
    stage.window.run();
    stage.window.run_steps(40);
    let mut asked = checks_of(&stage.wire.commands());
    assert_eq!(asked.len(), 1, "one check for one selection: {asked:?}");
    asked.remove(0).0
}

/// Why an object does not open.
pub(crate) fn report(object: &ObjectRef) -> AccessReport {
    let layer = |layer, finding| LayerFinding { layer, finding };
    AccessReport {
        check: check(object.clone(), PRIVATE),
        layers: vec![
            layer(Layer::ObjectAcl, Finding::AclDoesNotOpen),
            layer(Layer::Policy, Finding::NoPolicy),
            layer(Layer::PublicAccessBlock, Finding::NotBlocked),
            layer(Layer::RequesterPays, Finding::Unknown),
        ],
        ways: vec![
            ShareWay::ExpiringLink,
            ShareWay::PublicPrefix(Prefix::new("photos/2026")),
            ShareWay::Domain,
            ShareWay::ReEncrypt,
        ],
    }
}

/// Answers the last question for reasons.
pub(crate) fn explain(stage: &mut Stage, object: &ObjectRef) {
    let request = stage.wire.last_request(|command| match command {
        Command::ExplainAccess { request, .. } => Some(*request),
        _ => None,
    });
    let result = Ok(Box::new(report(object)));
    stage.wire.tell(Event::AccessExplained { request, object: Box::new(object.clone()), result });
    stage.window.run();
}
