//! Connections that transfers go through, when they are changed or deleted.

use super::{Connection, CredentialSource, Endpoint, Partition, SaidBy};

/// What becomes of the transfers that go through a connection when it is deleted, or when its requests are to go to
/// another place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OpenTransfers {
    /// Nothing is done while there are any, also failed ones that could be tried again: the answer is a failure of the
    /// kind [`super::FailureKind::ConnectionInUse`].
    #[default]
    Ask,
    /// They are cancelled and cleaned up on the server first; failed ones leave the list.
    Cancel,
    /// They go on: those that wait, to the new place. For a deletion the same as [`OpenTransfers::Ask`].
    Follow,
}

/// Where requests go, as far as it decides which bucket a name means.
#[derive(Debug, PartialEq, Eq)]
enum Place<'a> {
    /// Amazon's own hosts; names of buckets are the same in all regions of a partition.
    Amazon(Partition),
    At(Endpoint),
    /// Wherever environment or profile say.
    Profile(Option<&'a str>),
    Nowhere,
}

impl Connection {
    /// Whether a bucket's name means another bucket there than here: another service, endpoint, part of Amazon, or
    /// profile that says them. Keys, names, addressing, and regions of one service are no other place.
    pub fn leads_elsewhere(&self, changed: &Self) -> bool {
        self.place() != changed.place()
    }

    /// Whether a bucket's name is known to mean the same one there.
    pub fn leads_to_same_buckets(&self, other: &Self) -> bool {
        self.place() != Place::Nowhere && !self.leads_elsewhere(other)
    }

    fn place(&self) -> Place<'_> {
        if let CredentialSource::AwsChain { profile, endpoint: SaidBy::Chain, .. } = &self.credentials {
            return Place::Profile(profile.as_deref());
        }
        match self.request_endpoint() {
            Some(endpoint) => Place::At(endpoint),
            None if self.service == super::Service::AmazonS3 => Place::Amazon(Partition::of(&self.region)),
            None => Place::Nowhere,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Addressing, ConnectionId, Region, Service};

    fn plain(service: Service) -> Connection {
        Connection::plain(ConnectionId::new("c"), service)
    }

    fn at(endpoint: &str) -> Connection {
        Connection { endpoint: Endpoint::parse(endpoint).ok(), ..plain(Service::Other) }
    }

    fn amazon(region: &str) -> Connection {
        Connection { region: Region::new(region).unwrap(), ..plain(Service::AmazonS3) }
    }

    fn profile(name: &str) -> Connection {
        Connection { credentials: CredentialSource::aws_chain(Some(name.to_owned())), ..amazon("eu-west-1") }
    }

    #[test]
    fn only_another_place_is_elsewhere() {
        let keys = CredentialSource::Keychain { access_key_id: "AKIA".to_owned() };
        let same = [
            (amazon("eu-west-1"), amazon("us-east-2")),
            (amazon("eu-west-1"), Connection { credentials: keys, name: "n".to_owned(), ..amazon("eu-west-1") }),
            (at("https://a.example"), Connection { addressing: Addressing::Path, ..at("a.example/") }),
            (profile("work"), Connection { region: Region::new("us-east-1").unwrap(), ..profile("work") }),
        ];
        for (before, after) in same {
            assert!(!before.leads_elsewhere(&after), "{before:?} and {after:?}");
        }
        let other = [
            (amazon("eu-west-1"), amazon("cn-north-1")),
            (amazon("us-west-1"), amazon("us-gov-west-1")),
            (amazon("eu-west-1"), at("https://a.example")),
            (at("https://a.example"), at("https://b.example")),
            (at("https://a.example"), at("http://a.example")),
            (at("https://a.example"), at("https://a.example:8443")),
            (profile("work"), profile("private")),
            (profile("work"), amazon("eu-west-1")),
            (plain(Service::Wasabi), plain(Service::BackblazeB2)),
        ];
        for (before, after) in other {
            assert!(before.leads_elsewhere(&after), "{before:?} and {after:?}");
        }
    }
}
