//! The connection editor's text, checked: which field cannot stay, and the connection it makes.
//! Pure: the same check runs while typing in the window and before the engine stores anything.

use super::{
    ChainSays, Connection, ConnectionDraft, ConnectionId, CredentialSource, DraftProblem, DraftSource, Endpoint,
    EndpointProblem, KeyCommand, LinkDomain, LinkDomainDraft, LinkDomainProblem, LinkTemplate, Payer, Prefix, Region,
    SaidBy, Scope, Secret, SecretPlace, Service,
};

/// The name that the profile has which is used where none is named.
const DEFAULT_PROFILE: &str = "default";

impl ConnectionDraft {
    /// What the editor starts from when a saved connection is changed. The secret stays where it is.
    pub fn of(connection: &Connection) -> Self {
        let (source, access_key_id, aws_profile) = match &connection.credentials {
            CredentialSource::Keychain { access_key_id } | CredentialSource::ThisRunOnly { access_key_id } => {
                (DraftSource::AccessKey, access_key_id.clone(), String::new())
            }
            CredentialSource::AwsChain { profile, .. } => {
                (DraftSource::AwsProfile, String::new(), profile.clone().unwrap_or_default())
            }
            CredentialSource::Anonymous => (DraftSource::Anonymous, String::new(), String::new()),
        };
        Self {
            id: Some(connection.id.clone()),
            name: connection.name.clone(),
            service: connection.service,
            endpoint: connection.chosen_endpoint().map(|e| e.as_str().to_owned()).unwrap_or_default(),
            region: connection.chosen_region().map(|r| r.as_str().to_owned()).unwrap_or_default(),
            addressing: connection.addressing,
            ca_file: connection.ca_file.clone().unwrap_or_default(),
            payer: connection.payer,
            source,
            aws_profile,
            key_command: connection.key_command,
            access_key_id,
            secret_access_key: Secret::default(),
            session_token: Secret::default(),
            scopes: connection.scopes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            link_domains: connection.link_domains.iter().map(LinkDomainDraft::of).collect(),
        }
    }

    /// Without a name, a connection that takes its keys from a profile takes that one's name, too.
    pub fn take_profile_name(&mut self) {
        if self.source == DraftSource::AwsProfile && self.name.trim().is_empty() {
            let profile = self.aws_profile.trim();
            self.name = if profile.is_empty() { DEFAULT_PROFILE.to_owned() } else { profile.to_owned() };
        }
    }

    /// Every field that cannot stay as it is, from top to bottom; empty when the draft can be saved.
    /// `saved` is the connection being edited: its secret may stay only if the key id does.
    pub fn problems(&self, saved: Option<&Connection>) -> Vec<DraftProblem> {
        let keeps_secret = saved.and_then(Connection::access_key_id) == Some(self.access_key_id.trim());
        let secret = if keeps_secret { SavedSecret::Present } else { SavedSecret::Absent };
        let id = ConnectionId::new("draft");
        self.check(id, SecretPlace::default(), secret).err().unwrap_or_default()
    }

    /// The connection that this draft makes under `id`, or everything that is wrong with it, in the order of the
    /// fields. The secret is only asked for when none is saved.
    pub fn check(
        &self,
        id: ConnectionId,
        place: SecretPlace,
        saved: SavedSecret,
    ) -> Result<Connection, Vec<DraftProblem>> {
        let mut problems = Vec::new();
        let name = self.name.trim().to_owned();
        if name.is_empty() {
            problems.push(DraftProblem::Name);
        }
        let endpoint = self.checked_endpoint().unwrap_or_else(|problem| {
            problems.push(DraftProblem::Endpoint(problem));
            None
        });
        if endpoint.as_ref().is_some_and(|endpoint| endpoint.held_bucket().is_some()) {
            problems.push(DraftProblem::EndpointHoldsBucket);
        }
        let typed_region = Some(self.region.trim()).filter(|typed| !typed.is_empty());
        let region = Region::of(self.service, typed_region.unwrap_or(self.service.default_region()));
        let region = region.unwrap_or_else(|| {
            problems.push(DraftProblem::Region);
            Region::us_east_1()
        });
        let credentials = self.checked_credentials(place, saved, &mut problems);
        let scopes = checked_scopes(&self.scopes, &mut problems);
        let ca_file = checked_ca_file(&self.ca_file, &mut problems);
        let link_domains = checked_link_domains(&self.link_domains, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        // Nobody can be charged for what is not signed.
        let payer = if self.source == DraftSource::Anonymous { Payer::Owner } else { self.payer };
        let (service, addressing) = (self.service, self.addressing);
        let is_profile = self.source == DraftSource::AwsProfile;
        let key_command = if is_profile { self.key_command } else { KeyCommand::Refused };
        Ok(Connection {
            id,
            name,
            service,
            endpoint,
            region,
            addressing,
            ca_file,
            payer,
            credentials,
            key_command,
            chain: ChainSays::default(),
            scopes,
            link_domains,
        })
    }

    /// The connection as far as addresses go, whatever else is still missing. It has no keys and no rules.
    pub fn for_addresses(&self) -> Connection {
        let region = Region::of(self.service, self.region.trim());
        let region = region.or_else(|| Region::new(self.service.default_region()));
        let id = self.id.clone().unwrap_or_else(|| ConnectionId::new("draft"));
        Connection {
            name: self.name.trim().to_owned(),
            endpoint: self.checked_endpoint().ok().flatten(),
            region: region.unwrap_or_else(Region::us_east_1),
            addressing: self.addressing,
            ..Connection::plain(id, self.service)
        }
    }

    fn checked_endpoint(&self) -> Result<Option<Endpoint>, EndpointProblem> {
        // With a profile, the endpoint may stand in the profile itself.
        let may_be_empty = !self.service.needs_endpoint() || self.source == DraftSource::AwsProfile;
        if self.service == Service::ThisComputer || (self.endpoint.trim().is_empty() && may_be_empty) {
            return Ok(None);
        }
        Endpoint::parse(&self.endpoint).map(Some)
    }

    fn checked_credentials(
        &self,
        place: SecretPlace,
        saved: SavedSecret,
        problems: &mut Vec<DraftProblem>,
    ) -> CredentialSource {
        match self.source {
            DraftSource::Anonymous => return CredentialSource::Anonymous,
            DraftSource::AwsProfile => {
                let profile = Some(self.aws_profile.trim().to_owned()).filter(|profile| !profile.is_empty());
                let said_by = |typed: &str| if typed.trim().is_empty() { SaidBy::Chain } else { SaidBy::User };
                let (region, endpoint) = (said_by(&self.region), said_by(&self.endpoint));
                return CredentialSource::AwsChain { profile, region, endpoint };
            }
            DraftSource::AccessKey => {}
        }
        let access_key_id = self.access_key_id.trim().to_owned();
        if access_key_id.is_empty() || access_key_id.chars().any(|c| c.is_whitespace() || c.is_control()) {
            problems.push(DraftProblem::AccessKeyId);
        }
        if self.secret_access_key.expose().trim().is_empty() && saved == SavedSecret::Absent {
            problems.push(DraftProblem::Secret);
        }
        match place {
            SecretPlace::Keychain => CredentialSource::Keychain { access_key_id },
            SecretPlace::ThisRunOnly => CredentialSource::ThisRunOnly { access_key_id },
        }
    }
}

/// Whether the connection that is edited has a secret already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SavedSecret {
    /// It has; an empty field keeps it.
    Present,
    /// It has not.
    Absent,
}

/// Entries one a line or separated by commas; the same one twice counts once.
fn checked_scopes(text: &str, problems: &mut Vec<DraftProblem>) -> Vec<Scope> {
    let mut scopes = Vec::new();
    for (number, entry) in (1..).zip(text.split(['\n', ',']).filter(|entry| !entry.trim().is_empty())) {
        match Scope::parse(entry) {
            Some(scope) if !scopes.contains(&scope) => scopes.push(scope),
            Some(_) => {}
            None => problems.push(DraftProblem::Scope(number)),
        }
    }
    scopes
}

/// A path that is not whole would mean another file wherever the program was started.
fn checked_ca_file(text: &str, problems: &mut Vec<DraftProblem>) -> Option<String> {
    let path = text.trim();
    if path.is_empty() {
        return None;
    }
    if !std::path::Path::new(path).is_absolute() {
        problems.push(DraftProblem::CaFile);
    }
    Some(path.to_owned())
}

fn checked_link_domains(rows: &[LinkDomainDraft], problems: &mut Vec<DraftProblem>) -> Vec<LinkDomain> {
    let mut domains = Vec::new();
    for (number, row) in (1..).zip(rows) {
        if row.is_blank() {
            continue;
        }
        match row.check() {
            Ok(domain) => domains.push(domain),
            Err(problem) => problems.push(DraftProblem::LinkDomain(number, problem)),
        }
    }
    domains
}

impl LinkDomainDraft {
    /// What the editor shows of a saved one.
    pub fn of(domain: &LinkDomain) -> Self {
        let place = match (&domain.bucket, domain.prefix.is_root()) {
            (Some(bucket), true) => bucket.to_string(),
            (Some(bucket), false) => format!("{bucket}/{}", domain.prefix),
            (None, true) => String::new(),
            (None, false) => format!("*/{}", domain.prefix),
        };
        Self { place, pattern: domain.pattern.to_string(), drop_prefix: domain.drop_prefix.to_string() }
    }

    /// Whether nothing is typed.
    pub fn is_blank(&self) -> bool {
        [&self.place, &self.pattern, &self.drop_prefix].iter().all(|text| text.trim().is_empty())
    }

    /// The rule that this row makes, or what is wrong with it.
    pub fn check(&self) -> Result<LinkDomain, LinkDomainProblem> {
        let place = self.place.trim();
        let (bucket, prefix) = match place.strip_prefix('*') {
            None if place.is_empty() => (None, Prefix::root()),
            Some("" | "/") => (None, Prefix::root()),
            Some(rest) => (None, Prefix::new(rest.strip_prefix('/').ok_or(LinkDomainProblem::Place)?)),
            None => {
                let scope = Scope::parse(place).ok_or(LinkDomainProblem::Place)?;
                (Some(scope.bucket), scope.prefix)
            }
        };
        let pattern = LinkTemplate::parse(&self.pattern).map_err(LinkDomainProblem::Pattern)?;
        Ok(LinkDomain { bucket, prefix, pattern, drop_prefix: Prefix::new(self.drop_prefix.trim()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TemplateProblem;

    const CA_FILE: &str = if cfg!(windows) { r"C:\minio\ca.pem" } else { "/etc/minio/ca.pem" };

    fn draft() -> ConnectionDraft {
        ConnectionDraft {
            name: " Studio AWS ".into(),
            region: "ap-northeast-2".into(),
            access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
            secret_access_key: Secret::new("wJalrXUtnFEMI"),
            scopes: "weandb\ns3://files/2026, docs/a/, weandb".into(),
            ca_file: CA_FILE.into(),
            link_domains: vec![
                row("", "https://img.example.com", ""),
                row(" ", "", ""),
                row("weandb", "cdn.example.com/media", ""),
                row("s3://weandb/static/2026", "https://cdn.example.com/{key}", "static"),
                row("*/logs", "{scheme}://{host}/{bucket}/{key}", ""),
            ],
            ..ConnectionDraft::default()
        }
    }

    fn row(place: &str, pattern: &str, drop_prefix: &str) -> LinkDomainDraft {
        LinkDomainDraft { place: place.into(), pattern: pattern.into(), drop_prefix: drop_prefix.into() }
    }

    fn checked(draft: &ConnectionDraft) -> Result<Connection, Vec<DraftProblem>> {
        draft.check(ConnectionId::new("c-1"), SecretPlace::Keychain, SavedSecret::Absent)
    }

    #[test]
    fn a_good_draft_makes_a_connection_and_back() {
        let made = checked(&draft()).unwrap();
        assert_eq!(draft().problems(None), []);
        assert_eq!(made.name, "Studio AWS");
        let scopes: Vec<_> = made.scopes.iter().map(ToString::to_string).collect();
        assert_eq!(scopes, ["weandb", "files/2026/", "docs/a/"]);
        let rules: Vec<_> = made.link_domains.iter().map(LinkDomainDraft::of).collect();
        assert_eq!(
            rules,
            [
                row("", "https://img.example.com", ""),
                row("weandb", "https://cdn.example.com/media", ""),
                row("weandb/static/2026/", "https://cdn.example.com/{key}", "static/"),
                row("*/logs/", "{scheme}://{host}/{bucket}/{key}", ""),
            ]
        );
        assert_eq!((made.endpoint.clone(), made.ca_file.as_deref()), (None, Some(CA_FILE)));
        let again = ConnectionDraft::of(&made);
        assert_eq!(again.check(made.id.clone(), SecretPlace::Keychain, SavedSecret::Present), Ok(made.clone()));
        assert_eq!(again.problems(Some(&made)), [], "the saved secret may stay");
    }

    #[test]
    fn every_problem_is_found() {
        use DraftProblem as P;
        let bad = ConnectionDraft {
            service: Service::Other,
            region: "evil.tld/".into(),
            scopes: "ok\n/bad".into(),
            ca_file: "ca.pem".into(),
            link_domains: vec![row("b", "ftp://x", ""), row("", "", ""), row("*x", "https://x", ""), row("b", "", "")],
            ..ConnectionDraft::default()
        };
        assert_eq!(
            bad.problems(None),
            [
                P::Name,
                P::Endpoint(EndpointProblem::Empty),
                P::Region,
                P::AccessKeyId,
                P::Secret,
                P::Scope(2),
                P::CaFile,
                P::LinkDomain(1, LinkDomainProblem::Pattern(TemplateProblem::Scheme)),
                P::LinkDomain(3, LinkDomainProblem::Place),
                P::LinkDomain(4, LinkDomainProblem::Pattern(TemplateProblem::Empty)),
            ]
        );
        let spaced = ConnectionDraft { access_key_id: "AKIA IOSF".into(), ..draft() };
        assert_eq!(spaced.problems(None), [P::AccessKeyId]);
    }

    #[test]
    fn an_address_from_a_dashboard_is_not_taken_with_its_bucket() {
        let endpoint = |service, endpoint: &str| {
            let draft = ConnectionDraft { service, endpoint: endpoint.into(), region: String::new(), ..draft() };
            draft.problems(None)
        };
        let r2 = "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com";
        assert_eq!(endpoint(Service::CloudflareR2, r2), []);
        for service in [Service::CloudflareR2, Service::Other] {
            assert_eq!(endpoint(service, &format!("{r2}/weandb")), [DraftProblem::EndpointHoldsBucket]);
        }
        let origin = "https://weandb.nyc3.digitaloceanspaces.com";
        assert_eq!(endpoint(Service::DigitalOceanSpaces, origin), [DraftProblem::EndpointHoldsBucket]);
    }

    #[test]
    fn only_other_services_have_regions_with_capitals() {
        let with = |service, region: &str| {
            let endpoint = "https://cloud.example.com:6780".to_owned();
            let draft = ConnectionDraft { service, endpoint, region: region.into(), ..draft() };
            (draft.problems(None), draft.for_addresses().region.as_str().to_owned())
        };
        assert_eq!(with(Service::Other, "RegionOne"), (vec![], "RegionOne".to_owned()));
        assert_eq!(with(Service::Other, "kr_seoul-1"), (vec![], "kr_seoul-1".to_owned()));
        for region in ["evil.tld/", "a b", "Region/One", "지역"] {
            assert_eq!(with(Service::Other, region).0, [DraftProblem::Region], "{region}");
        }
        // Where the region becomes part of a host.
        for service in [Service::AmazonS3, Service::Wasabi, Service::BackblazeB2, Service::DigitalOceanSpaces] {
            assert_eq!(with(service, "RegionOne").0, [DraftProblem::Region], "{service:?}");
        }
    }

    #[test]
    fn another_key_id_needs_another_secret() {
        let saved = checked(&draft()).unwrap();
        let other = ConnectionDraft { access_key_id: "AKIAOTHER".into(), ..ConnectionDraft::of(&saved) };
        assert_eq!(other.problems(Some(&saved)), [DraftProblem::Secret]);
    }

    #[test]
    fn profiles_need_no_keys_and_no_endpoint() {
        let draft = ConnectionDraft {
            name: "aws".into(),
            service: Service::Other,
            source: DraftSource::AwsProfile,
            aws_profile: "work".into(),
            ..ConnectionDraft::default()
        };
        let connection = checked(&draft).unwrap();
        assert_eq!(connection.credentials, CredentialSource::aws_chain(Some("work".into())));
    }

    #[test]
    fn what_a_profile_says_does_not_become_the_users_word() {
        let typed = ConnectionDraft {
            name: "aws".into(),
            source: DraftSource::AwsProfile,
            payer: Payer::Requester,
            key_command: KeyCommand::Allowed,
            region: "us-east-1".into(),
            ..ConnectionDraft::default()
        };
        let chosen = checked(&typed).unwrap();
        assert_eq!(chosen.chosen_region().map(Region::as_str), Some("us-east-1"), "even if it is the default");
        let again = ConnectionDraft::of(&chosen);
        assert_eq!((again.region.as_str(), again.payer), ("us-east-1", chosen.payer));
        assert_eq!((chosen.payer, chosen.key_command), (typed.payer, again.key_command));
        assert_eq!(again.key_command, KeyCommand::Allowed);

        let left_open = checked(&ConnectionDraft { region: String::new(), ..typed }).unwrap();
        assert_eq!(left_open.chosen_region(), None);
        // As it is once environment and profile have been asked.
        let opened = Connection {
            region: Region::new("ap-northeast-2").unwrap(),
            endpoint: Endpoint::parse("http://127.0.0.1:9000").ok(),
            ..left_open
        };
        let draft = ConnectionDraft::of(&opened);
        assert_eq!((draft.region.as_str(), draft.endpoint.as_str()), ("", ""));
    }
}
