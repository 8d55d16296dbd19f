//! Checks of links that are under way: of the object that is selected, and of links that were copied. Holds what was
//! asked and what came; `link_flow` asks and tells.

use std::collections::HashMap;

use super::dialogs::toasts::ToastId;
use crate::model::{
    Access, AccessReport, CheckProgress, Failure, LinkCheck, LinkFormat, LinkKind, ObjectRef, RequestId, Severity,
    SignedLink, Verdict,
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
}

/// What was asked about the selected object.
#[derive(Debug)]
pub struct CardCheck {
    /// Which.
    pub object: ObjectRef,
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
    /// Those of them that were signed.
    pub signed: Vec<SignedLink>,
    /// In which form.
    pub format: LinkFormat,
    /// Why.
    pub cause: CopyCause,
    /// The first address.
    pub first: String,
    requests: Vec<(RequestId, CheckProgress, Asking)>,
    results: HashMap<ObjectRef, (Verdict, LinkKind)>,
    failure: Option<Failure>,
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
    /// Those without an answer.
    pub unknown: usize,
    /// The first of the worst, with what it says.
    pub first: Option<(ObjectRef, Verdict, LinkKind)>,
}

impl CopiedCheck {
    /// Copied links of which nothing is known yet.
    pub fn new(toast: ToastId, told: String, severity: Severity, format: LinkFormat, cause: CopyCause) -> Self {
        Self {
            toast,
            told,
            severity,
            objects: Vec::new(),
            signed: Vec::new(),
            format,
            cause,
            first: String::new(),
            requests: Vec::new(),
            results: HashMap::new(),
            failure: None,
        }
    }

    /// Notes that some of them are being asked for.
    pub fn ask(&mut self, request: RequestId) {
        self.requests.retain(|(_, _, asking)| *asking == Asking::UnderWay);
        self.requests.push((request, CheckProgress::default(), Asking::UnderWay));
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
            let Some((verdict, kind)) = self.results.get(object) else { continue };
            let rank = match verdict {
                Verdict::Public => continue,
                Verdict::Unknown(_) => {
                    tally.unknown += 1;
                    1
                }
                Verdict::OnlyFromHere(_) => {
                    tally.only_here += 1;
                    2
                }
                _ => {
                    tally.bad += 1;
                    3
                }
            };
            if rank > worst {
                worst = rank;
                tally.first = Some((object.clone(), verdict.clone(), *kind));
            }
        }
        tally
    }

    /// Those that strangers are known not to be able to open.
    pub fn bad_objects(&self) -> Vec<ObjectRef> {
        let is_bad = |object: &&ObjectRef| {
            self.results.get(*object).is_some_and(|(verdict, _)| verdict.access() == Access::Private)
        };
        self.objects.iter().filter(is_bad).cloned().collect()
    }

    /// Those that are not known to open: refused ones and ones that nobody has asked for. Where nothing was learnt they
    /// are left alone.
    pub fn to_replace(&self) -> Vec<ObjectRef> {
        let wants = |object: &&ObjectRef| {
            self.results.get(*object).is_none_or(|(verdict, _)| verdict.access() == Access::Private)
        };
        self.objects.iter().filter(wants).cloned().collect()
    }

    fn take(
        &mut self,
        request: RequestId,
        checks: &[LinkCheck],
        progress: CheckProgress,
        end: Option<&Result<(), Box<Failure>>>,
    ) {
        for check in checks {
            self.results.insert(check.object.clone(), (check.verdict.clone(), check.kind));
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

    /// Remembers copied links.
    pub fn add(&mut self, copied: CopiedCheck) {
        self.copies.retain(|known| known.toast != copied.toast);
        self.copies.push(copied);
        let surplus = self.copies.len().saturating_sub(COPIES_KEPT);
        self.copies.drain(..surplus);
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
        assert_eq!(tally.first.map(|(object, ..)| object), Some(object("d")));
        assert_eq!(copied.bad_objects(), [object("d")]);
        assert_eq!(copied.to_replace(), [object("d"), object("e")], "an unknown one is left alone");
    }
}
