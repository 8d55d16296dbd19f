//! Checks of links that are under way: of the object that is selected, and of links that were copied. Holds what was
//! asked and what came; `link_flow` asks and tells.

use std::collections::{HashMap, HashSet};

use super::dialogs::toasts::ToastId;
use super::unprinted::Unprinted;
use crate::model::{
    AccessReport, BucketName, CheckProgress, ConnectionId, Failure, GivenLink, LinkCheck, LinkFormat, LinkKind,
    ObjectRef, RequestId, Severity, SignedLink, Verdict,
};

/// So many copies are remembered, so that “check all” of an older message still works.
const COPIES_KEPT: usize = 8;

/// Checks under way and what came of them.
#[derive(Debug, Default)]
pub struct LinkState {
    /// The object whose selection has not rested long enough to be checked, and since when it rests.
    pub resting: Option<(ObjectRef, f64)>,
    /// The selected object, once its link was asked for.
    pub card: Option<CardCheck>,
    /// Links that were copied, the newest last.
    copies: Vec<CopiedCheck>,
    /// The links that stand on the clipboard, as far as this program can know.
    on_clipboard: Option<ToastId>,
    /// Buckets that were asked for their region already by a copy.
    pub asked_regions: HashSet<(ConnectionId, BucketName)>,
}

/// What was asked about the selected object.
#[derive(Debug)]
pub struct CardCheck {
    /// Which.
    pub object: ObjectRef,
    /// Its link, as it was asked for; `None` if it had none.
    pub url: Option<String>,
    /// The check; `None` once it is over.
    pub checking: Option<RequestId>,
    /// Why nothing could be asked.
    pub failure: Option<Failure>,
    /// Why it does not open.
    pub report: Explained,
}

/// How far the explanation is.
#[derive(Debug, Default)]
pub enum Explained {
    /// Nobody has asked: it opens, or is being checked.
    #[default]
    No,
    /// On its way.
    Asked(RequestId),
    /// Here.
    Here(Box<AccessReport>),
    /// It could not be found out.
    Failed(Failure),
}

/// Why links were copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyCause {
    /// The user asked for it.
    Asked,
    /// A batch of uploads is through.
    Batch,
    /// Signed links take the place of public ones that do not open.
    Fallback,
}

/// Links that are on the clipboard, and what is known of them.
#[derive(Debug)]
pub struct CopiedCheck {
    /// The message about them.
    pub toast: ToastId,
    /// Its first line: what was copied.
    pub told: String,
    /// How much the first line matters by itself.
    pub severity: Severity,
    /// What was copied.
    pub objects: Vec<ObjectRef>,
    /// The public addresses as they were handed out.
    pub urls: HashMap<ObjectRef, String>,
    /// Buckets of which nobody had said where they are when these links were made.
    pub guessed: HashSet<(ConnectionId, BucketName)>,
    /// Those of them that were signed.
    pub signed: Vec<SignedLink>,
    /// In which form.
    pub format: LinkFormat,
    /// Why.
    pub cause: CopyCause,
    /// The first address.
    pub first: Unprinted,
    requests: Vec<(RequestId, CheckProgress, Asking)>,
    results: HashMap<ObjectRef, Found>,
    failure: Option<Failure>,
    /// The user wants no more to be asked, and leaves the rest as it is.
    is_stopped: bool,
}

/// What a stranger met.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    verdict: Verdict,
    kind: LinkKind,
    /// The address it is about, where that is not the one that was handed out.
    elsewhere: Option<String>,
}

/// The worst of some links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worst {
    /// Of which object.
    pub object: ObjectRef,
    /// What is said of it.
    pub verdict: Verdict,
    /// Which kind of link it is.
    pub kind: LinkKind,
    /// Whether that was found at the address that was handed out.
    pub at: FoundAt,
}

/// Where something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundAt {
    /// At the address that was handed out.
    Link,
    /// At another one: what was handed out leads elsewhere.
    Elsewhere,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asking {
    UnderWay,
    Over,
}

/// What is known of copied links, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Links in all.
    pub total: usize,
    /// Links that were asked for.
    pub checked: usize,
    /// Those that do not open, or show something else.
    pub bad: usize,
    /// Those that open here and perhaps nowhere else.
    pub only_here: usize,
    /// Those that open by a redirect to TLS.
    pub redirected: usize,
    /// Those without an answer.
    pub unknown: usize,
    /// The first of the worst, with what it says.
    pub first: Option<Worst>,
}

impl CopiedCheck {
    /// Copied links of which nothing is known yet.
    pub fn new(toast: ToastId, told: String, severity: Severity, format: LinkFormat, cause: CopyCause) -> Self {
        Self {
            toast,
            told,
            severity,
            objects: Vec::new(),
            urls: HashMap::new(),
            guessed: HashSet::new(),
            signed: Vec::new(),
            format,
            cause,
            first: Unprinted::default(),
            requests: Vec::new(),
            results: HashMap::new(),
            failure: None,
            is_stopped: false,
        }
    }

    /// Notes that the user wants no more of them to be asked for.
    pub fn stop(&mut self) {
        self.is_stopped = true;
    }

    /// Notes that some of them are being asked for.
    pub fn ask(&mut self, request: RequestId) {
        self.is_stopped = false;
        self.requests.retain(|(_, _, asking)| *asking == Asking::UnderWay);
        self.requests.push((request, CheckProgress::default(), Asking::UnderWay));
    }

    /// Questions that are not answered.
    pub fn under_way(&self) -> impl Iterator<Item = RequestId> {
        self.requests.iter().filter(|(_, _, asking)| *asking == Asking::UnderWay).map(|(request, ..)| *request)
    }

    /// Whether every question is answered.
    pub fn is_over(&self) -> bool {
        self.requests.iter().all(|(_, _, asking)| *asking == Asking::Over)
    }

    /// How far all questions are together.
    pub fn progress(&self) -> CheckProgress {
        self.requests.iter().fold(CheckProgress::default(), |sum, (_, one, _)| CheckProgress {
            checked: sum.checked + one.checked,
            asked: sum.asked + one.asked,
            total: sum.total + one.total,
        })
    }

    /// Why nothing could be asked.
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// What is known so far.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally { total: self.objects.len(), checked: self.results.len(), ..Tally::default() };
        let mut worst = 0;
        for object in &self.objects {
            let Some(Found { verdict, kind, elsewhere }) = self.results.get(object) else { continue };
            let at = if elsewhere.is_some() { FoundAt::Elsewhere } else { FoundAt::Link };
            let rank = match verdict {
                _ if at == FoundAt::Elsewhere => {
                    tally.bad += 1;
                    5
                }
                Verdict::Public => continue,
                Verdict::Unknown(_) => {
                    tally.unknown += 1;
                    1
                }
                Verdict::OpensOverTls { .. } => {
                    tally.redirected += 1;
                    2
                }
                Verdict::OnlyFromHere(_) => {
                    tally.only_here += 1;
                    3
                }
                _ => {
                    tally.bad += 1;
                    4
                }
            };
            if rank > worst {
                worst = rank;
                tally.first = Some(Worst { object: object.clone(), verdict: verdict.clone(), kind: *kind, at });
            }
        }
        tally
    }

    /// Those that strangers are known not to be able to open.
    pub fn bad_objects(&self) -> Vec<ObjectRef> {
        let is_bad = |object: &&ObjectRef| self.results.get(*object).is_some_and(|found| found.verdict.is_failure());
        self.objects.iter().filter(is_bad).cloned().collect()
    }

    /// Those that are not known to open, if any is refused: refused ones and ones that nobody has asked for. Where
    /// nothing was learnt they are left alone, and so they are after the user has stopped the asking.
    pub fn to_replace(&self) -> Vec<ObjectRef> {
        let is_refused = |found: &Found| found.verdict.is_failure();
        if self.is_stopped || !self.results.values().any(is_refused) {
            return Vec::new();
        }
        let wants = |object: &&ObjectRef| self.results.get(*object).is_none_or(is_refused);
        self.objects.iter().filter(wants).cloned().collect()
    }

    /// Where those were found that were handed out with another address.
    pub fn found_elsewhere(&self) -> HashMap<ObjectRef, String> {
        let elsewhere = |(object, found): (&ObjectRef, &Found)| Some((object.clone(), found.elsewhere.clone()?));
        self.results.iter().filter_map(elsewhere).collect()
    }

    /// Notes that these addresses were handed out now; what was found there is about them from now on.
    pub fn put_right<'a>(&mut self, links: impl Iterator<Item = &'a GivenLink>) {
        for link in links {
            self.urls.insert(link.object.clone(), link.address.clone());
            if let Some(found) = self.results.get_mut(&link.object)
                && found.elsewhere.as_ref() == Some(&link.address)
            {
                found.elsewhere = None;
            }
        }
    }

    fn take(
        &mut self,
        request: RequestId,
        checks: &[LinkCheck],
        progress: CheckProgress,
        end: Option<&Result<(), Box<Failure>>>,
    ) {
        for check in checks {
            let handed_out = self.urls.get(&check.object).filter(|_| check.kind == LinkKind::Public);
            let elsewhere = handed_out.and_then(|url| check.other_address(url)).map(str::to_owned);
            let found = Found { verdict: check.verdict.clone(), kind: check.kind, elsewhere };
            self.results.insert(check.object.clone(), found);
        }
        if let Some(known) = self.requests.iter_mut().find(|(known, ..)| *known == request) {
            known.1 = progress;
            if end.is_some() {
                known.2 = Asking::Over;
            }
        }
        if let Some(Err(failure)) = end {
            self.failure = Some((**failure).clone());
        }
    }
}

impl LinkState {
    /// What is known of the link of this object beyond its last check, if it is the selected one.
    pub fn card_of(&self, object: &ObjectRef) -> Option<&CardCheck> {
        self.card.as_ref().filter(|card| card.object == *object)
    }

    /// Whether none of the links that were copied are being asked for, after which better ones may take their place.
    pub fn is_quiet(&self) -> bool {
        self.copies.iter().all(CopiedCheck::is_over)
    }

    /// Remembers copied links.
    pub fn add(&mut self, copied: CopiedCheck) {
        self.copies.retain(|known| known.toast != copied.toast);
        self.copies.push(copied);
        let surplus = self.copies.len().saturating_sub(COPIES_KEPT);
        self.copies.drain(..surplus);
    }

    /// Notes which links stand on the clipboard now, if any.
    pub fn put_on_clipboard(&mut self, copied: Option<ToastId>) {
        self.on_clipboard = copied;
    }

    /// Whether the links of this message still stand on the clipboard: nothing else was copied in this window since, and
    /// the window has not lost the focus, after which other programs may have used it.
    pub fn has_clipboard(&self, toast: ToastId) -> bool {
        self.on_clipboard == Some(toast)
    }

    /// The links that still stand on the clipboard, as far as is known.
    pub fn on_clipboard(&self) -> Option<&CopiedCheck> {
        self.copies.iter().find(|copied| self.on_clipboard == Some(copied.toast))
    }

    /// Another message is about the links of this one.
    pub fn rename_clipboard(&mut self, before: ToastId, now: ToastId) {
        if self.on_clipboard == Some(before) {
            self.on_clipboard = Some(now);
        }
    }

    /// The copied links that a message is about.
    pub fn copied(&mut self, toast: ToastId) -> Option<&mut CopiedCheck> {
        self.copies.iter_mut().find(|copied| copied.toast == toast)
    }

    /// Takes an answer about copied links in; the message it concerns.
    pub fn take(
        &mut self,
        request: RequestId,
        checks: &[LinkCheck],
        progress: CheckProgress,
        end: Option<&Result<(), Box<Failure>>>,
    ) -> Option<&mut CopiedCheck> {
        let asked = |copied: &&mut CopiedCheck| copied.requests.iter().any(|(known, ..)| *known == request);
        let copied = self.copies.iter_mut().find(asked)?;
        copied.take(request, checks, progress, end);
        Some(copied)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BucketName, ConnectionId, ObjectKey, OnlyHere, PrivateBecause, UnknownBecause};

    fn object(key: &str) -> ObjectRef {
        ObjectRef {
            connection: ConnectionId::local(),
            bucket: BucketName::new("weandb").unwrap(),
            key: ObjectKey::new(key),
        }
    }

    fn check(key: &str, verdict: Verdict) -> LinkCheck {
        LinkCheck {
            object: object(key),
            kind: LinkKind::Public,
            verdict,
            status: None,
            address: String::new(),
            checked_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    fn copied(keys: &[&str]) -> CopiedCheck {
        let mut copied =
            CopiedCheck::new(ToastId::default(), String::new(), Severity::Success, LinkFormat::Url, CopyCause::Asked);
        copied.objects = keys.iter().map(|key| object(key)).collect();
        copied
    }

    #[test]
    fn the_worst_is_named_and_what_nobody_asked_for_is_not_called_good() {
        let mut copied = copied(&["a", "b", "c", "d", "e"]);
        let request = RequestId::next();
        copied.ask(request);
        assert!(!copied.is_over());
        let checks = [
            check("a", Verdict::Unknown(UnknownBecause::Timeout)),
            check("b", Verdict::Public),
            check("c", Verdict::OnlyFromHere(OnlyHere::Loopback)),
            check("d", Verdict::Private(PrivateBecause::NothingOpensIt)),
        ];
        copied.take(request, &checks, CheckProgress { checked: 4, asked: 4, total: 5 }, Some(&Ok(())));
        assert!(copied.is_over());
        let tally = copied.tally();
        assert_eq!((tally.total, tally.checked), (5, 4));
        assert_eq!((tally.bad, tally.only_here, tally.unknown), (1, 1, 1));
        assert_eq!(tally.first.map(|worst| worst.object), Some(object("d")));
        assert_eq!(copied.bad_objects(), [object("d")]);
        assert_eq!(copied.to_replace(), [object("d"), object("e")], "an unknown one is left alone");
        copied.stop();
        assert!(copied.to_replace().is_empty(), "whoever stops the asking wants nothing changed");
        copied.ask(RequestId::next());
        assert_eq!(copied.to_replace().len(), 2, "and asks again");
    }

    #[test]
    fn what_was_found_at_another_address_is_no_verdict_on_the_link() {
        const FOUND: &str = "https://weandb.s3.eu-west-1.amazonaws.com/a";
        let mut copied = copied(&["a"]);
        copied.urls.insert(object("a"), "https://weandb.s3.us-east-1.amazonaws.com/a".to_owned());
        let request = RequestId::next();
        copied.ask(request);
        let found = LinkCheck { address: FOUND.to_owned(), ..check("a", Verdict::Public) };
        copied.take(request, &[found], CheckProgress { checked: 1, asked: 1, total: 1 }, Some(&Ok(())));
        let tally = copied.tally();
        assert_eq!((tally.bad, tally.first.map(|worst| worst.at)), (1, Some(FoundAt::Elsewhere)));
        assert!(copied.to_replace().is_empty(), "nobody is refused there");
        assert_eq!(copied.found_elsewhere().get(&object("a")).map(String::as_str), Some(FOUND));
        let given = GivenLink {
            object: object("a"),
            kind: LinkKind::Public,
            address: FOUND.to_owned(),
            given_at: jiff::Timestamp::UNIX_EPOCH,
            expires: None,
            verdict: None,
        };
        copied.put_right([&given].into_iter());
        assert_eq!(copied.tally().bad, 0, "the link that is handed out now is the one that was asked for");
    }
}
