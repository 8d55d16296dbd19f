//! The check of one link: its address, the stranger's answer beside what our keys see, and the reason where one is
//! wanted.

use super::Checks;
use super::book::{BucketCells, Timely};
use super::through::{OWN_LIMIT, Through};
use crate::engine::clock::Clock;
use crate::engine::sessions::Session;
use crate::model::{
    AclGrant, BucketFacts, Finding, Layer, LayerFinding, LineState, LinkCheck, LinkFacts, LinkKind, LinkTransport,
    LinkWay, Met, NoAddress, ObjectFacts, ObjectRef, OnlyHere, PolicyStanding, SignedLink, StrangerAnswer, Verdict,
    WantedObject, judge, layers, may_be_of_another, needs_get, needs_reason,
};
use crate::s3::{Asking, SeenObject};

/// So often a link is asked for whose object changes meanwhile.
const MOST_ASKED: u32 = 3;

/// How much is asked beside the link itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// What the verdict needs.
    AsNeeded,
    /// Every layer, anew.
    Everything,
}

/// A check, and what it was made of.
#[derive(Clone, Debug)]
pub(super) struct Checked {
    pub(super) check: LinkCheck,
    pub(super) layers: Vec<LayerFinding>,
    /// Whether its object is still the one that was asked for.
    pub(super) timely: Timely,
}

/// One check on its way.
struct Check<'a> {
    checks: &'a Checks,
    through: &'a Through,
    object: &'a ObjectRef,
    kind: LinkKind,
    way: LinkWay,
    address: String,
    met: Met,
    seen: SeenObject,
    layers: Vec<LayerFinding>,
    origin: Option<Verdict>,
}

impl Checks {
    /// Asks for the link of one object; once more if the object changes meanwhile.
    pub(super) async fn check(
        &self,
        through: &Through,
        object: &ObjectRef,
        address: Result<String, NoAddress>,
        depth: Depth,
        clock: &dyn Clock,
    ) -> Checked {
        let mut asked = 1;
        loop {
            let checked = Box::pin(self.check_once(through, object, address.clone(), depth, clock)).await;
            if !checked.timely.is_late() || asked >= MOST_ASKED {
                return checked;
            }
            asked += 1;
        }
    }

    async fn check_once(
        &self,
        through: &Through,
        object: &ObjectRef,
        address: Result<String, NoAddress>,
        depth: Depth,
        clock: &dyn Clock,
    ) -> Checked {
        let Ok(_place) = self.0.places.acquire().await else {
            return no_address(object, NoAddress::NeedsDomain, clock);
        };
        let address = match address {
            Ok(address) => address,
            Err(no) => return no_address(object, no, clock),
        };
        let timely = self.0.book.begin(object);
        let way = match through.origin(object).await {
            Some(origin) if origin == address => LinkWay::Service,
            _ => LinkWay::Domain,
        };
        let fresh = self.0.book.stored(object).filter(|_| depth == Depth::AsNeeded);
        let is_fresh = fresh.is_some();
        let own = async {
            match fresh {
                Some(known) => SeenObject { object: known, facts: ObjectFacts::default(), line: LineState::Works },
                None => through.see(object).await,
            }
        };
        let (met, seen) = futures_util::join!(self.0.stranger.ask(&address, Asking::Plain), own);
        let mut check = Check {
            checks: self,
            through,
            object,
            kind: LinkKind::Public,
            way,
            address,
            met,
            seen,
            layers: Vec::new(),
            origin: None,
        };
        check.follow_region().await;
        check.met = check.surely(check.met.clone(), &check.address).await;
        let mut verdict = check.judge();
        if is_fresh && !opens(&verdict) {
            self.0.book.forget_stored(object);
            check.seen = through.see(object).await;
            verdict = check.judge();
        }
        if way == LinkWay::Domain && fails(&verdict) {
            check.ask_origin().await;
            verdict = check.judge();
        }
        if depth == Depth::Everything || needs_reason(&verdict) {
            check.read_layers(&verdict).await;
            verdict = check.judge();
        } else if way == LinkWay::Service && opens_far_away(&verdict) {
            check.read_who_may().await;
            verdict = check.judge();
        }
        let checked = check.ended(verdict, timely, clock);
        self.0.book.keep(&checked.check, &checked.timely);
        checked
    }

    /// Asks for a signed link, as whoever gets it would.
    pub(super) async fn check_signed(&self, through: &Through, link: &SignedLink, clock: &dyn Clock) -> Checked {
        let object = &link.object;
        let Ok(_place) = self.0.places.acquire().await else {
            return no_address(object, NoAddress::NeedsDomain, clock);
        };
        if object.key.has_dot_segment() {
            let checked = no_address(object, NoAddress::DotSegment, clock);
            return Checked { check: LinkCheck { kind: LinkKind::Presigned, ..checked.check }, ..checked };
        }
        let timely = self.0.book.begin(object);
        let own = through.see(object);
        let (met, seen) = futures_util::join!(self.0.stranger.ask(&link.url, Asking::Signed), own);
        let check = Check {
            checks: self,
            through,
            object,
            kind: LinkKind::Presigned,
            way: LinkWay::Service,
            address: without_query(&link.url).to_owned(),
            met,
            seen,
            layers: Vec::new(),
            origin: None,
        };
        let verdict = check.judge();
        check.ended(verdict, timely, clock)
    }

    /// Tells what was found, but for what is about objects that have changed since. `tell` must not wait.
    pub(super) fn tell<T>(&self, found: Vec<(LinkCheck, Timely)>, tell: impl FnOnce(Vec<LinkCheck>) -> T) -> T {
        self.0.book.tell(found, tell)
    }

    /// What was found in the last minutes, to be told now.
    pub(super) fn remembered(&self, object: &ObjectRef, address: &str) -> Option<(LinkCheck, Timely)> {
        let timely = self.0.book.begin(object);
        // It would have been taken off the book by a change before that.
        self.0.book.check(object, address).map(|check| (check, timely))
    }
}

impl Check<'_> {
    fn judge(&self) -> Verdict {
        judge(
            &self.met,
            &LinkFacts {
                kind: self.kind,
                way: self.way,
                object: &self.seen.object,
                storage: self.seen.facts.storage,
                layers: &self.layers,
                origin: self.origin.as_ref(),
                line: self.seen.line,
                transport: transport(&self.met, &self.address),
            },
        )
    }

    /// What was met, by a GET where HEAD alone does not say it: what is in an archive has a head as well.
    async fn surely(&self, met: Met, address: &str) -> Met {
        match met {
            Met::Answer(head) if needs_get(&Met::Answer(head.clone()), self.seen.facts.storage) => {
                self.checks.0.stranger.ask_by_get(address, head).await
            }
            met => met,
        }
    }

    /// A bucket that is in another region is asked for there, once.
    async fn follow_region(&mut self) {
        let Met::Answer(StrangerAnswer { status: 300..=400, region: Some(region), .. }) = &self.met else {
            return;
        };
        if self.way == LinkWay::Domain {
            return;
        }
        let Ok(again) = self.through.address_in(self.object, Some(region)) else { return };
        if again == self.address {
            return;
        }
        if let Some(session) = &self.through.session {
            session.regions().remember(&self.object.bucket, region.clone());
        }
        self.met = self.checks.0.stranger.ask(&again, Asking::Plain).await;
        self.address = again;
    }

    /// Whether it is the domain that fails, or what is behind it.
    async fn ask_origin(&mut self) {
        let Some(origin) = self.through.origin(self.object).await else { return };
        let met = self.surely(self.checks.0.stranger.ask(&origin, Asking::Plain).await, &origin).await;
        let facts = LinkFacts {
            kind: self.kind,
            way: LinkWay::Service,
            object: &self.seen.object,
            storage: self.seen.facts.storage,
            layers: &self.layers,
            origin: None,
            line: self.seen.line,
            transport: transport(&met, &origin),
        };
        self.origin = Some(judge(&met, &facts));
    }

    /// What opened may have opened for this network only, whatever other statements of the policy say to anyone. So
    /// the policy is read for this very object, unless there is none; its list only if the policy does not open it.
    async fn read_who_may(&mut self) {
        let Some(session) = &self.through.session else { return };
        let cells = self.checks.0.book.bucket(self.object);
        let standing = cells.standing.get_or_try_init(async || {
            let asked = Box::pin(session.store.policy_standing(&self.object.bucket));
            tokio::time::timeout(OWN_LIMIT, asked).await
        });
        if matches!(standing.await, Ok(PolicyStanding::Absent)) {
            return;
        }
        let facts = self.bucket_facts(session, &cells).await;
        let found = self.layers_of(&facts, self.seen.facts);
        let policy_lets_few_in =
            |layer: &LayerFinding| matches!(layer.finding, Finding::PolicyOpensForSome | Finding::PolicyDoesNotOpen);
        self.layers = if found.iter().any(policy_lets_few_in) {
            let acl = self.object_acl(session).await;
            self.layers_of(&facts, ObjectFacts { acl, ..self.seen.facts })
        } else {
            found
        };
    }

    /// Reads the settings of the bucket, once for all its links, and what of the object is not known yet. Whose the
    /// object is, is asked only where that would be why it does not open.
    async fn read_layers(&mut self, verdict: &Verdict) {
        let Some(session) = &self.through.session else { return };
        let cells = self.checks.0.book.bucket(self.object);
        // What an upload has told is size and tag only.
        if self.seen.facts == ObjectFacts::default() && self.seen.line == LineState::Works {
            self.seen = self.through.see(self.object).await;
        }
        let (facts, acl) = futures_util::join!(self.bucket_facts(session, &cells), self.object_acl(session));
        let object = ObjectFacts { acl, ..self.seen.facts };
        self.layers = self.layers_of(&facts, object);
        if matches!(verdict, Verdict::Private(_)) && may_be_of_another(&self.layers) {
            let asked = Box::pin(session.store.object_owner(&self.object.bucket, &self.object.key));
            let owner = tokio::time::timeout(OWN_LIMIT, asked).await.ok().flatten();
            self.layers = self.layers_of(&facts, ObjectFacts { owner, ..object });
        }
    }

    /// The settings of the bucket. What did not come in time is asked for again by the next link.
    async fn bucket_facts(&self, session: &Session, cells: &BucketCells) -> BucketFacts {
        let facts = cells.facts.get_or_try_init(async || {
            let asked = Box::pin(session.store.bucket_access(&self.object.bucket));
            tokio::time::timeout(OWN_LIMIT, asked).await
        });
        let asked = [Layer::PublicAccessBlock, Layer::Ownership, Layer::Policy, Layer::RequesterPays];
        facts
            .await
            .cloned()
            .unwrap_or_else(|_elapsed| BucketFacts { not_asked: asked.to_vec(), ..BucketFacts::default() })
    }

    async fn object_acl(&self, session: &Session) -> Option<AclGrant> {
        let asked = Box::pin(session.store.object_acl(&self.object.bucket, &self.object.key));
        tokio::time::timeout(OWN_LIMIT, asked).await.unwrap_or(Some(AclGrant::NoAnswer))
    }

    fn layers_of(&self, bucket: &BucketFacts, object: ObjectFacts) -> Vec<LayerFinding> {
        let transport = transport(&self.met, &self.address);
        let wanted = WantedObject { bucket: &self.object.bucket, key: &self.object.key, transport };
        layers(bucket, &object, wanted)
    }

    fn ended(self, verdict: Verdict, timely: Timely, clock: &dyn Clock) -> Checked {
        let status = match &self.met {
            Met::Answer(answer) => Some(answer.status),
            Met::Nothing(_) => None,
        };
        let mut layers = self.layers;
        if opens(&verdict) {
            // A GET has opened it: it was restored.
            for layer in layers.iter_mut().filter(|layer| layer.layer == Layer::StorageClass) {
                layer.finding = Finding::AtHand;
            }
        }
        let check = LinkCheck {
            object: self.object.clone(),
            kind: self.kind,
            verdict,
            status,
            address: self.address,
            checked_at: clock.now(),
        };
        Checked { check, layers, timely }
    }
}

fn no_address(object: &ObjectRef, no: NoAddress, clock: &dyn Clock) -> Checked {
    let check = LinkCheck {
        object: object.clone(),
        kind: LinkKind::Public,
        verdict: Verdict::NoAddress(no),
        status: None,
        address: String::new(),
        checked_at: clock.now(),
    };
    Checked { check, layers: Vec::new(), timely: Timely::default() }
}

/// Whether a stranger was given it, from here at least.
pub(super) fn opens(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Public | Verdict::OpensOverTls { .. } | Verdict::OnlyFromHere(_))
}

/// Whether it may have opened for this network only.
fn opens_far_away(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Public | Verdict::OpensOverTls { .. } | Verdict::OnlyFromHere(OnlyHere::ThroughProxy))
}

/// Whether it is worth looking behind a domain.
fn fails(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Private(_) | Verdict::NotFound(_))
}

/// Over what it was answered in the end.
fn transport(met: &Met, address: &str) -> LinkTransport {
    let was_led_to_tls = matches!(met, Met::Answer(answer) if answer.over_tls.is_some());
    if address.starts_with("http://") && !was_led_to_tls { LinkTransport::Plain } else { LinkTransport::Tls }
}

/// An address as it may be kept: a signature is in the query.
pub(super) fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AnswerFrom, AskedBy, NoAnswer, Reach, Voice};

    #[test]
    fn what_is_led_to_tls_is_answered_over_tls() {
        let met = |over_tls: Option<&str>| {
            Met::Answer(StrangerAnswer {
                status: 200,
                code: None,
                message: None,
                size_bytes: None,
                etag: None,
                region: None,
                leads: None,
                over_tls: over_tls.map(str::to_owned),
                from: AnswerFrom::Server,
                voice: Voice::Unclear,
                by: AskedBy::Get,
                reach: Reach::World,
            })
        };
        let led = met(Some("https://cdn.example.com"));
        assert_eq!(transport(&led, "http://cdn.example.com/a"), LinkTransport::Tls);
        assert_eq!(transport(&met(None), "http://cdn.example.com/a"), LinkTransport::Plain);
        assert_eq!(transport(&Met::Nothing(NoAnswer::Timeout), "https://cdn.example.com/a"), LinkTransport::Tls);
    }
}
