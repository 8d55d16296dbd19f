//! The connection editor's text, checked: which field cannot stay, and the connection it makes.
//! Pure: the same check runs while typing in the window and before the engine stores anything.

use super::{BucketName, Secret};
use super::{
    Connection, ConnectionDraft, ConnectionId, CredentialSource, DraftProblem, DraftSource, Endpoint, LinkDomain,
    Region, Scope, SecretPlace, Service,
};

impl ConnectionDraft {
    /// What the editor starts from when a saved connection is changed. The secret stays where it is.
    pub fn of(connection: &Connection) -> Self {
        let (source, access_key_id, aws_profile) = match &connection.credentials {
            CredentialSource::Keychain { access_key_id } | CredentialSource::ThisRunOnly { access_key_id } => {
                (DraftSource::AccessKey, access_key_id.clone(), String::new())
            }
            CredentialSource::AwsChain { profile } => {
                (DraftSource::AwsProfile, String::new(), profile.clone().unwrap_or_default())
            }
            CredentialSource::Anonymous => (DraftSource::Anonymous, String::new(), String::new()),
        };
        Self {
            id: Some(connection.id.clone()),
            name: connection.name.clone(),
            service: connection.service,
            endpoint: connection.endpoint.as_ref().map(|e| e.as_str().to_owned()).unwrap_or_default(),
            region: connection.region.as_str().to_owned(),
            addressing: connection.addressing,
            source,
            aws_profile,
            access_key_id,
            secret_access_key: Secret::default(),
            session_token: Secret::default(),
            scopes: connection.scopes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            link_domains: connection.link_domains.iter().map(domain_line).collect::<Vec<_>>().join("\n"),
        }
    }

    /// Every field that cannot stay as it is, from top to bottom; empty when the draft can be saved.
    /// `saved` is the connection being edited: its secret may stay only if the key id does.
    pub fn problems(&self, saved: Option<&Connection>) -> Vec<DraftProblem> {
        let mut problems = Vec::new();
        if self.name.trim().is_empty() {
            problems.push(DraftProblem::Name);
        }
        if let Err(problem) = self.parsed_endpoint() {
            problems.push(problem);
        }
        if self.parsed_region().is_none() {
            problems.push(DraftProblem::Region);
        }
        if self.source == DraftSource::AccessKey {
            if self.access_key_id.trim().is_empty() {
                problems.push(DraftProblem::AccessKeyId);
            }
            let keeps_secret = saved.and_then(Connection::access_key_id) == Some(self.access_key_id.trim());
            if self.secret_access_key.is_empty() && !keeps_secret {
                problems.push(DraftProblem::Secret);
            }
        }
        problems.extend(self.parsed_scopes().err());
        problems.extend(self.parsed_link_domains().err());
        problems
    }

    /// The connection that this draft makes under `id`; the first problem if it cannot be.
    /// Whether there is a secret is not looked at.
    pub fn to_connection(&self, id: ConnectionId, place: SecretPlace) -> Result<Connection, DraftProblem> {
        if self.name.trim().is_empty() {
            return Err(DraftProblem::Name);
        }
        let access_key_id = self.access_key_id.trim().to_owned();
        let credentials = match (self.source, place) {
            (DraftSource::AccessKey, _) if access_key_id.is_empty() => return Err(DraftProblem::AccessKeyId),
            (DraftSource::AccessKey, SecretPlace::Keychain) => CredentialSource::Keychain { access_key_id },
            (DraftSource::AccessKey, SecretPlace::ThisRunOnly) => CredentialSource::ThisRunOnly { access_key_id },
            (DraftSource::AwsProfile, _) => {
                let profile = Some(self.aws_profile.trim().to_owned()).filter(|profile| !profile.is_empty());
                CredentialSource::AwsChain { profile }
            }
            (DraftSource::Anonymous, _) => CredentialSource::Anonymous,
        };
        Ok(Connection {
            id,
            name: self.name.trim().to_owned(),
            service: self.service,
            endpoint: self.parsed_endpoint()?,
            region: self.parsed_region().ok_or(DraftProblem::Region)?,
            addressing: self.addressing,
            credentials,
            scopes: self.parsed_scopes()?,
            link_domains: self.parsed_link_domains()?,
        })
    }

    /// The endpoint typed; `None` where the service has its own and nothing was typed.
    /// A service with endpoints of its own keeps none: it follows from the region.
    fn parsed_endpoint(&self) -> Result<Option<Endpoint>, DraftProblem> {
        let may_be_empty = !self.service.needs_endpoint() || self.takes_profile_endpoint();
        if self.endpoint.trim().is_empty() && may_be_empty {
            return Ok(None);
        }
        Endpoint::parse(&self.endpoint).map(Some).map_err(DraftProblem::Endpoint)
    }

    /// A profile may carry `endpoint_url`, so nothing has to be typed.
    fn takes_profile_endpoint(&self) -> bool {
        self.source == DraftSource::AwsProfile && self.service == Service::Other
    }

    fn parsed_region(&self) -> Option<Region> {
        let typed = self.region.trim();
        Region::new(if typed.is_empty() { self.service.default_region() } else { typed })
    }

    fn parsed_scopes(&self) -> Result<Vec<Scope>, DraftProblem> {
        let parse = |(number, text): (usize, &str)| Scope::parse(text).ok_or(DraftProblem::Scope(number));
        entries(&self.scopes, &['\n', ',']).map(parse).collect()
    }

    fn parsed_link_domains(&self) -> Result<Vec<LinkDomain>, DraftProblem> {
        let parse = |(number, text): (usize, &str)| parse_domain(text).ok_or(DraftProblem::LinkDomain(number));
        entries(&self.link_domains, &['\n', ',']).map(parse).collect()
    }
}

/// Non-empty entries with their number, from 1.
fn entries<'t>(text: &'t str, separators: &'t [char]) -> impl Iterator<Item = (usize, &'t str)> {
    let filled = text.split(separators).map(str::trim).filter(|entry| !entry.is_empty());
    filled.enumerate().map(|(index, entry)| (index + 1, entry))
}

/// `https://img.example.com`, or `bucket = https://img.example.com`.
fn parse_domain(text: &str) -> Option<LinkDomain> {
    let (bucket, base) = match text.split_once('=') {
        Some((bucket, base)) => (Some(BucketName::new(bucket.trim()).ok()?), base),
        None => (None, text),
    };
    Some(LinkDomain { bucket, base: Endpoint::parse(base).ok()? })
}

fn domain_line(domain: &LinkDomain) -> String {
    match &domain.bucket {
        Some(bucket) => format!("{bucket} = {}", domain.base),
        None => domain.base.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EndpointProblem;

    fn draft() -> ConnectionDraft {
        ConnectionDraft {
            name: "Studio AWS".into(),
            region: "ap-northeast-2".into(),
            access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
            secret_access_key: Secret::new("wJalrXUtnFEMI"),
            scopes: "weandb, team-media-prod/photos/2026".into(),
            link_domains: "https://img.example.com\nweandb = cdn.example.com/media".into(),
            ..ConnectionDraft::default()
        }
    }

    #[test]
    fn a_full_draft_makes_a_connection_and_back() {
        let made = draft().to_connection(ConnectionId::new("c-1"), SecretPlace::Keychain).unwrap();
        assert_eq!(draft().problems(None), []);
        assert_eq!(
            made.scopes.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["weandb", "team-media-prod/photos/2026/"]
        );
        assert_eq!(made.link_domains[1].base.as_str(), "https://cdn.example.com/media");
        assert_eq!(made.endpoint, None);
        let again = ConnectionDraft::of(&made);
        assert_eq!(again.to_connection(made.id.clone(), SecretPlace::Keychain).unwrap(), made);
        assert_eq!(again.problems(Some(&made)), [], "the saved secret may stay");
    }

    #[test]
    fn every_field_is_checked() {
        let empty = ConnectionDraft { service: Service::Other, ..ConnectionDraft::default() };
        assert_eq!(
            empty.problems(None),
            [
                DraftProblem::Name,
                DraftProblem::Endpoint(EndpointProblem::Empty),
                DraftProblem::AccessKeyId,
                DraftProblem::Secret
            ]
        );
        let odd = ConnectionDraft {
            region: "evil.tld/".into(),
            scopes: "good, /bad".into(),
            link_domains: "ftp://x".into(),
            ..draft()
        };
        assert_eq!(odd.problems(None), [DraftProblem::Region, DraftProblem::Scope(2), DraftProblem::LinkDomain(1)]);
    }

    #[test]
    fn another_key_id_needs_another_secret() {
        let saved = draft().to_connection(ConnectionId::new("c-1"), SecretPlace::Keychain).unwrap();
        let other = ConnectionDraft { access_key_id: "AKIAOTHER".into(), ..ConnectionDraft::of(&saved) };
        assert_eq!(other.problems(Some(&saved)), [DraftProblem::Secret]);
    }
}
