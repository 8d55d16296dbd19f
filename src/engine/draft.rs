//! From what stands in the connection editor to a connection: the one place where drafts are checked.

use crate::model::{
    BucketName, Connection, ConnectionDraft, ConnectionId, CredentialSource, DraftProblem, DraftSource, Endpoint,
    EndpointProblem, Failure, FailureKind, LinkDomain, Region, Scope, SecretPlace, Service,
};

/// Checks a draft. Every problem is found, in the order of the fields; the secret is only asked for when
/// `has_saved_secret` says that there is none.
pub(crate) fn check(
    draft: &ConnectionDraft,
    id: ConnectionId,
    place: SecretPlace,
    saved: SavedSecret,
) -> Result<Connection, Vec<DraftProblem>> {
    let mut problems = Vec::new();
    let name = draft.name.trim().to_owned();
    if name.is_empty() {
        problems.push(DraftProblem::Name);
    }
    let endpoint = endpoint(draft).unwrap_or_else(|problem| {
        problems.push(DraftProblem::Endpoint(problem));
        None
    });
    let region_text = match draft.region.trim() {
        "" => draft.service.default_region(),
        typed => typed,
    };
    let region = Region::new(region_text).unwrap_or_else(|| {
        problems.push(DraftProblem::Region);
        Region::us_east_1()
    });
    let credentials = credentials(draft, place, saved, &mut problems);
    let scopes = scopes(&draft.scopes, &mut problems);
    let link_domains = link_domains(&draft.link_domains, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Connection {
        id,
        name,
        service: draft.service,
        endpoint,
        region,
        addressing: draft.addressing,
        credentials,
        scopes,
        link_domains,
    })
}

/// Whether the connection that is edited has a secret already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SavedSecret {
    Present,
    Absent,
}

/// What people are told; the field is named by `field`, a list's line by `line`.
pub(crate) fn to_failure(problems: &[DraftProblem]) -> Failure {
    let mut failure = Failure::new(FailureKind::DraftInvalid).detail(format!("{problems:?}"));
    if let Some(problem) = problems.first() {
        failure = failure.with("field", field(problem));
        if let DraftProblem::Scope(line) | DraftProblem::LinkDomain(line) = problem {
            failure = failure.with("line", line);
        }
    }
    failure
}

fn field(problem: &DraftProblem) -> &'static str {
    match problem {
        DraftProblem::Name => "name",
        DraftProblem::Endpoint(_) => "endpoint",
        DraftProblem::Region => "region",
        DraftProblem::AccessKeyId => "access-key-id",
        DraftProblem::Secret => "secret",
        DraftProblem::Scope(_) => "scope",
        DraftProblem::LinkDomain(_) => "link-domain",
    }
}

fn endpoint(draft: &ConnectionDraft) -> Result<Option<Endpoint>, EndpointProblem> {
    // With a profile, the endpoint may stand in the profile itself.
    let may_be_empty = !draft.service.needs_endpoint() || draft.source == DraftSource::AwsProfile;
    if draft.endpoint.trim().is_empty() && may_be_empty {
        return Ok(None);
    }
    if draft.service == Service::ThisComputer {
        return Ok(None);
    }
    Endpoint::parse(&draft.endpoint).map(Some)
}

fn credentials(
    draft: &ConnectionDraft,
    place: SecretPlace,
    saved: SavedSecret,
    problems: &mut Vec<DraftProblem>,
) -> CredentialSource {
    match draft.source {
        DraftSource::Anonymous => CredentialSource::Anonymous,
        DraftSource::AwsProfile => {
            let profile = Some(draft.aws_profile.trim().to_owned()).filter(|profile| !profile.is_empty());
            CredentialSource::AwsChain { profile }
        }
        DraftSource::AccessKey => {
            let access_key_id = draft.access_key_id.trim().to_owned();
            if access_key_id.is_empty() || access_key_id.chars().any(|c| c.is_whitespace() || c.is_control()) {
                problems.push(DraftProblem::AccessKeyId);
            }
            if draft.secret_access_key.expose().trim().is_empty() && saved == SavedSecret::Absent {
                problems.push(DraftProblem::Secret);
            }
            match place {
                SecretPlace::Keychain => CredentialSource::Keychain { access_key_id },
                SecretPlace::ThisRunOnly => CredentialSource::ThisRunOnly { access_key_id },
            }
        }
    }
}

fn scopes(text: &str, problems: &mut Vec<DraftProblem>) -> Vec<Scope> {
    let mut scopes = Vec::new();
    for (line, entry) in (1..).zip(text.split(['\n', ','])) {
        if entry.trim().is_empty() {
            continue;
        }
        match Scope::parse(entry) {
            Some(scope) if !scopes.contains(&scope) => scopes.push(scope),
            Some(_) => {}
            None => problems.push(DraftProblem::Scope(line)),
        }
    }
    scopes
}

fn link_domains(text: &str, problems: &mut Vec<DraftProblem>) -> Vec<LinkDomain> {
    let mut domains = Vec::new();
    for (line, entry) in (1..).zip(text.lines()) {
        if entry.trim().is_empty() {
            continue;
        }
        match link_domain(entry) {
            Some(domain) => domains.push(domain),
            None => problems.push(DraftProblem::LinkDomain(line)),
        }
    }
    domains
}

/// `https://img.example.com` or `bucket = https://img.example.com`.
fn link_domain(entry: &str) -> Option<LinkDomain> {
    let (bucket, base) = match entry.split_once('=') {
        Some((bucket, base)) => (Some(BucketName::new(bucket.trim()).ok()?), base),
        None => (None, entry),
    };
    Some(LinkDomain { bucket, base: Endpoint::parse(base).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Secret;
    use DraftProblem as P;

    fn draft() -> ConnectionDraft {
        ConnectionDraft {
            name: " Work ".into(),
            service: Service::Other,
            endpoint: "minio.example.com:9000".into(),
            access_key_id: "AKIAEXAMPLE".into(),
            secret_access_key: Secret::new("secret"),
            ..ConnectionDraft::default()
        }
    }

    fn checked(draft: &ConnectionDraft) -> Result<Connection, Vec<DraftProblem>> {
        check(draft, ConnectionId::new("c1"), SecretPlace::Keychain, SavedSecret::Absent)
    }

    #[test]
    fn a_good_draft_becomes_a_connection() {
        let mut draft = draft();
        draft.scopes = "photos\ns3://files/2026, docs/a/".into();
        draft.link_domains = "photos = https://img.example.com\n\nhttps://cdn.example.com/media".into();
        let connection = checked(&draft).unwrap();
        assert_eq!(connection.name, "Work");
        assert_eq!(connection.region, Region::us_east_1());
        assert_eq!(
            connection.scopes.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["photos", "files/2026/", "docs/a/"]
        );
        assert_eq!(connection.link_domains.len(), 2);
    }

    #[test]
    fn every_problem_is_found() {
        let bad = ConnectionDraft {
            service: Service::Other,
            region: "US EAST".into(),
            scopes: "ok\n/bad".into(),
            link_domains: "ftp://x".into(),
            ..ConnectionDraft::default()
        };
        let problems = checked(&bad).unwrap_err();
        assert_eq!(
            problems,
            [
                P::Name,
                P::Endpoint(EndpointProblem::Empty),
                P::Region,
                P::AccessKeyId,
                P::Secret,
                P::Scope(2),
                P::LinkDomain(1)
            ]
        );
        let failure = to_failure(&problems);
        assert_eq!(failure.kind, FailureKind::DraftInvalid);
        assert!(failure.args.contains(&("field", "name".to_owned())));
    }

    #[test]
    fn an_edit_may_leave_the_secret_empty() {
        let mut draft = draft();
        draft.secret_access_key = Secret::default();
        assert_eq!(checked(&draft), Err(vec![DraftProblem::Secret]));
        assert!(check(&draft, ConnectionId::new("c"), SecretPlace::Keychain, SavedSecret::Present).is_ok());
    }

    #[test]
    fn profiles_need_no_keys_and_no_endpoint() {
        let draft = ConnectionDraft {
            name: "aws".into(),
            source: DraftSource::AwsProfile,
            aws_profile: "work".into(),
            ..ConnectionDraft::default()
        };
        let connection = checked(&draft).unwrap();
        assert_eq!(connection.credentials, CredentialSource::AwsChain { profile: Some("work".into()) });
    }
}
