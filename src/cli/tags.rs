//! Tags that Amazon would refuse with each file are told before there is one on its way.

use super::args::GlobalArgs;
use super::client::Stop;
use super::connect::named;
use super::escape::for_terminal;
use super::problem::{Problem, problem};
use crate::model::{Connection, CredentialSource, MAX_TAGS, SaidBy, Service, TagProblem, tag_problem};

/// Holds `--tag` to Amazon's rule where it holds. Other services have rules of their own, and tell them themselves.
pub(super) fn check(tags: &[(String, String)], saved: &[Connection], global: &GlobalArgs) -> Result<(), Stop> {
    match tag_problem(tags) {
        Some(found) if holds_amazons_rule(saved, global)? => Err(Stop::Usage(words_of(found))),
        _ => Ok(()),
    }
}

/// The same once the connection is open: now it is known where it leads.
pub(super) fn check_opened(tags: &[(String, String)], connection: &Connection) -> Result<(), Stop> {
    match tag_problem(tags) {
        Some(found) if connection.service == Service::AmazonS3 && connection.endpoint.is_none() => {
            Err(Stop::Usage(words_of(found)))
        }
        _ => Ok(()),
    }
}

fn holds_amazons_rule(saved: &[Connection], global: &GlobalArgs) -> Result<bool, Stop> {
    let (id, described) = named(saved, global)?;
    let connection = described.as_ref().or_else(|| saved.iter().find(|known| known.id == id));
    // Where a profile may name another endpoint, nobody knows yet whose rule holds.
    let is_open = |connection: &Connection| {
        matches!(connection.credentials, CredentialSource::AwsChain { endpoint: SaidBy::Chain, .. })
    };
    let is_amazons = |connection: &Connection| connection.service == Service::AmazonS3 && !is_open(connection);
    Ok(id.is_local() || connection.is_some_and(is_amazons))
}

fn words_of(found: TagProblem<'_>) -> Problem {
    let (name, why) = match found {
        TagProblem::TooMany => (None, problem("cli-usage-tags-too-many").with("most", MAX_TAGS)),
        TagProblem::NameLength(name) => (Some(name), problem("cli-usage-tag-name-length")),
        TagProblem::ValueLength(name) => (Some(name), problem("cli-usage-tag-value-length")),
        TagProblem::Character { name, character } => {
            let shown = character.to_string();
            (Some(name), problem("cli-usage-tag-character").with("character", for_terminal(&shown)))
        }
        TagProblem::Reserved(name) => (Some(name), problem("cli-usage-tag-reserved")),
        TagProblem::Twice(name) => (Some(name), problem("cli-usage-tag-twice")),
    };
    let thing = name.map_or_else(|| "--tag".to_owned(), |name| format!("--tag {}", for_terminal(name)));
    problem("cli-usage-about").with("thing", thing).because(why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Lang;
    use crate::model::{ConnectionId, Endpoint};

    #[test]
    fn each_problem_is_told_with_the_tag_it_is_about() {
        let character = |character| TagProblem::Character { name: "team", character };
        let said = |found| words_of(found).to_string();
        let allowed = "S3 takes letters, digits, spaces and + - = . _ : / @ in a tag";
        assert_eq!(said(character('&')), format!("--tag team: {allowed}, and not “&”"));
        assert_eq!(said(character('\t')), format!("--tag team: {allowed}, and not “\\u{{9}}”"));
        assert_eq!(said(TagProblem::TooMany), "--tag: an object has 10 tags at most");
        let others = [
            TagProblem::NameLength("team"),
            TagProblem::ValueLength("team"),
            TagProblem::Reserved("team"),
            TagProblem::Twice("team"),
        ];
        for problem in others.into_iter().chain([character(',')]) {
            for lang in Lang::ALL {
                let said = words_of(problem).words(lang);
                let is_korean = said.chars().any(|c| ('가'..='힣').contains(&c));
                assert!(said.starts_with("--tag team: ") && is_korean == (lang == Lang::Ko), "{said}");
            }
        }
    }

    #[test]
    fn only_where_amazons_rule_holds() {
        let (fine, wrong) = (("a".to_owned(), "b".to_owned()), ("a".to_owned(), "b&c".to_owned()));
        let at =
            |endpoint: Option<&str>| GlobalArgs { endpoint_url: endpoint.map(str::to_owned), ..GlobalArgs::default() };
        let local = GlobalArgs { connection: Some("local".to_owned()), ..GlobalArgs::default() };
        assert!(check(std::slice::from_ref(&fine), &[], &local).is_ok());
        assert!(matches!(check(std::slice::from_ref(&wrong), &[], &local), Err(Stop::Usage(_))));
        assert!(check(std::slice::from_ref(&wrong), &[], &at(Some("https://ceph.example"))).is_ok());
        // A profile may name any endpoint: that shows once the connection is open.
        let of_profile = GlobalArgs { profile: Some("ceph".to_owned()), ..GlobalArgs::default() };
        assert!(check(std::slice::from_ref(&wrong), &[], &of_profile).is_ok());
        let opened = |endpoint: Option<&str>| {
            let chain = CredentialSource::AwsChain {
                profile: Some("ceph".to_owned()),
                region: SaidBy::Chain,
                endpoint: SaidBy::Chain,
            };
            let endpoint = endpoint.map(|url| Endpoint::parse(url).unwrap());
            let plain = Connection::plain(ConnectionId::new("c"), Service::AmazonS3);
            check_opened(std::slice::from_ref(&wrong), &Connection { endpoint, credentials: chain, ..plain })
        };
        assert!(opened(Some("https://ceph.example")).is_ok());
        assert!(matches!(opened(None), Err(Stop::Usage(_))));
    }
}
