//! From `--connection` and its companions to a connection that is open.

use super::args::GlobalArgs;
use super::client::{Client, Stop};
use super::problem::{Problem, problem};
use crate::model::{
    AWS_SWITCH_VALUES, Addressing, ChainSays, Command, Connection, ConnectionId, CredentialSource, Endpoint, Event,
    Failure, FailureKind, Fips, HeldBucket, KeyCommand, Payer, Region, RequestId, SaidBy, Service,
};

/// Waits until the engine runs; gives the saved connections.
pub(super) fn started(client: &mut Client<'_>) -> Result<Vec<Connection>, Stop> {
    client.answer(|event| match event {
        Event::Started(snapshot) => Some(snapshot.connections),
        _ => None,
    })
}

/// The connection the arguments name, by its id; with it where it is not a saved one.
pub(super) fn named(saved_ones: &[Connection], args: &GlobalArgs) -> Result<(ConnectionId, Option<Connection>), Stop> {
    match args.connection_name() {
        "aws" => aws_chain(args).map(|connection| (connection.id.clone(), Some(connection))),
        name if args.shapes_chain() => Err(Stop::Usage(problem("cli-usage-of-the-chain").with("connection", name))),
        ConnectionId::LOCAL => Ok((ConnectionId::local(), None)),
        name => saved(saved_ones, name).map(|id| (id, None)),
    }
}

/// Opens the connection the arguments name.
pub(super) fn connect(
    client: &mut Client<'_>,
    saved_ones: &[Connection],
    args: &GlobalArgs,
) -> Result<Connection, Stop> {
    let request = RequestId::next();
    let command = match named(saved_ones, args)? {
        (_, Some(connection)) => {
            Command::UseConnection { request, connection: Box::new(connection), credentials: None }
        }
        (id, None) if id.is_local() => Command::OpenLocalStorage { request },
        (id, None) => Command::OpenConnection { request, id },
    };
    client.send(command);
    let opened = client.answer(|event| match event {
        Event::ConnectionOpened { request: answered, result, .. } if answered == request => Some(result),
        _ => None,
    })?;
    Ok(*opened?)
}

/// The standard AWS chain, as the options change it.
pub(super) fn aws_chain(args: &GlobalArgs) -> Result<Connection, Stop> {
    chain_in(args, &|name| std::env::var(name).ok())
}

/// [`aws_chain`] in an environment that `variable` reads.
fn chain_in(args: &GlobalArgs, variable: &dyn Fn(&str) -> Option<String>) -> Result<Connection, Stop> {
    let setting = &|name: &str| variable(name).filter(|value| !value.is_empty());
    // The environment's address goes before any profile's. It is taken down here, so that an upload that goes on in
    // another environment never goes to another service.
    let endpoint = endpoint_asked_for(args, setting)?;
    let credentials = if args.anonymous {
        CredentialSource::Anonymous
    } else {
        let said_by = |is_given: bool| if is_given { SaidBy::User } else { SaidBy::Chain };
        let (region, endpoint) = (said_by(args.region.is_some()), said_by(endpoint.is_some()));
        CredentialSource::AwsChain { profile: args.profile.clone(), region, endpoint }
    };
    let region = match &args.region {
        None if args.anonymous => region_of_environment(setting)?,
        given => given.clone(),
    };
    let service = if endpoint.is_some() { Service::Other } else { Service::AmazonS3 };
    let mut connection = Connection {
        name: "aws".to_owned(),
        endpoint,
        region: region.unwrap_or_else(Region::us_east_1),
        addressing: if args.path_style { Addressing::Path } else { Addressing::Auto },
        payer: if args.requester_pays { Payer::Requester } else { Payer::Owner },
        credentials,
        key_command: if args.credential_process { KeyCommand::Allowed } else { KeyCommand::Refused },
        // Nor does it go on by hosts that would not have done here.
        chain: ChainSays { fips: fips_of_environment(args, setting)?, ..ChainSays::default() },
        ..Connection::plain(ConnectionId::new(ConnectionId::COMMAND_LINE), service)
    };
    connection.id = id_of(&connection);
    Ok(connection)
}

/// The option's address, or the environment's.
fn endpoint_asked_for(args: &GlobalArgs, setting: &dyn Fn(&str) -> Option<String>) -> Result<Option<Endpoint>, Stop> {
    let endpoint = if let Some(url) = &args.endpoint_url {
        Endpoint::parse(url).map(Some).map_err(|_no_endpoint| Stop::Usage(problem("cli-usage-endpoint")))?
    } else {
        match endpoint_of_environment(setting).map(|url| (Endpoint::parse(&url), url)) {
            Some((Ok(endpoint), _)) => Some(endpoint),
            // Without keys nobody looks at it again, and the bucket's name must not go to Amazon instead.
            Some((Err(_), url)) if args.anonymous => {
                let failure = Failure::new(FailureKind::EndpointInvalid).with("host", url);
                return Err(Stop::Failed(Box::new(failure)));
            }
            // The chain says what is wrong with it.
            Some((Err(_), _)) | None => None,
        }
    };
    match endpoint.as_ref().and_then(Endpoint::held_bucket) {
        Some(HeldBucket { bucket, endpoint }) => {
            let why = problem("cli-usage-endpoint-holds-bucket").with("bucket", bucket).with("endpoint", endpoint);
            Err(Stop::Usage(why))
        }
        None => Ok(endpoint),
    }
}

fn endpoint_of_environment(setting: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    if setting("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").is_some() {
        return None;
    }
    setting("AWS_ENDPOINT_URL_S3").or_else(|| setting("AWS_ENDPOINT_URL"))
}

/// Which the chain would read by itself; without keys there is no chain.
fn region_of_environment(setting: &dyn Fn(&str) -> Option<String>) -> Result<Option<Region>, Stop> {
    let Some(code) = setting("AWS_REGION").or_else(|| setting("AWS_DEFAULT_REGION")) else { return Ok(None) };
    let region = Region::of_any_service(&code);
    region.map(Some).ok_or_else(|| Stop::Usage(problem("cli-usage-region")))
}

fn fips_of_environment(args: &GlobalArgs, setting: &dyn Fn(&str) -> Option<String>) -> Result<Fips, Stop> {
    let name = "AWS_USE_FIPS_ENDPOINT";
    let typed = setting(name).unwrap_or_default();
    match typed.trim() {
        yes if yes.eq_ignore_ascii_case("true") => Ok(Fips::Required),
        // Without keys nobody looks at it again, and what asks for FIPS must not go without it.
        odd if args.anonymous && !odd.is_empty() && !odd.eq_ignore_ascii_case("false") => {
            let failure = Failure::new(FailureKind::AwsSettingInvalid);
            let failure = failure.with("setting", name).with("typed", odd).with("option", AWS_SWITCH_VALUES);
            Err(Stop::Failed(Box::new(failure)))
        }
        // The chain says what is wrong with it.
        _ => Ok(Fips::NotAsked),
    }
}

/// An id that another description does not have: uploads of an earlier run go on through what they were begun with.
fn id_of(connection: &Connection) -> ConnectionId {
    let (kind, profile) = match &connection.credentials {
        CredentialSource::AwsChain { profile, .. } => ("chain", profile.as_deref()),
        _ => ("anonymous", None),
    };
    let endpoint = connection.endpoint.as_ref().map(Endpoint::as_str);
    let addressing = if connection.addressing == Addressing::Path { "path" } else { "auto" };
    // Without it the ids of earlier versions stay as they are.
    let payer = if connection.payer == Payer::Requester { "\nrequester" } else { "" };
    let command = if connection.key_command == KeyCommand::Allowed { "\ncommand" } else { "" };
    let fips = if connection.chain.fips == Fips::Required { "\nfips" } else { "" };
    let description = format!(
        "{kind}\n{profile:?}\n{endpoint:?}\n{}\n{addressing}{payer}{command}{fips}",
        connection.region.as_str()
    );
    // FNV-1a, which never changes between versions.
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = description.bytes().fold(0xcbf2_9ce4_8422_2325, fold);
    ConnectionId::new(format!("{}-{hash:016x}", ConnectionId::COMMAND_LINE))
}

/// The saved connection of this name; of this name in other capitals, if there is but one.
fn saved(connections: &[Connection], name: &str) -> Result<ConnectionId, Stop> {
    if let Some(found) = connections.iter().find(|connection| connection.name == name || connection.id.as_str() == name)
    {
        return Ok(found.id.clone());
    }
    let mut alike = connections.iter().filter(|connection| connection.name.to_lowercase() == name.to_lowercase());
    match (alike.next(), alike.next()) {
        (Some(only), None) => Ok(only.id.clone()),
        _ => Err(Stop::Usage(unknown(connections, name))),
    }
}

fn unknown(connections: &[Connection], name: &str) -> Problem {
    let saved = connections.iter().filter(|connection| !connection.id.is_local());
    let mut known: Vec<&str> = saved.map(|connection| connection.name.as_str()).collect();
    known.extend([ConnectionId::LOCAL, "aws"]);
    problem("cli-usage-no-connection").with("connection", name).with("known", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> Vec<Connection> {
        let connection = aws_chain(&GlobalArgs::default()).unwrap();
        names
            .iter()
            .map(|name| Connection {
                id: ConnectionId::new(format!("id-{name}")),
                name: (*name).into(),
                ..connection.clone()
            })
            .collect()
    }

    #[test]
    fn saved_connections_go_by_their_name() {
        let id = |names: &[&str], name| saved(&named(names), name).ok().map(|id| id.as_str().to_owned());
        assert_eq!(id(&["Work", "work"], "work").as_deref(), Some("id-work"));
        assert_eq!(id(&["Work"], "WORK").as_deref(), Some("id-Work"));
        assert_eq!(id(&["Work", "worK"], "WORK"), None);
        assert_eq!(id(&["회사"], "회사").as_deref(), Some("id-회사"));
        assert_eq!(id(&[], "x"), None);
    }

    #[test]
    fn options_shape_the_chain() {
        let args =
            GlobalArgs { endpoint_url: Some("http://127.0.0.1:9000".into()), path_style: true, ..Default::default() };
        let connection = aws_chain(&args).unwrap();
        assert_eq!((connection.service, connection.addressing), (Service::Other, Addressing::Path));
        assert_eq!(connection.payer, Payer::Owner);
        let paying = aws_chain(&GlobalArgs { requester_pays: true, ..args.clone() }).unwrap();
        assert!(paying.payer == Payer::Requester && paying.id != connection.id);
        let other = aws_chain(&GlobalArgs { endpoint_url: Some("http://127.0.0.1:9001".into()), ..args }).unwrap();
        assert!(other.id != connection.id && other.id.as_str().starts_with("command-line-"));
        let args = GlobalArgs { endpoint_url: Some("ftp://x".into()), ..Default::default() };
        assert!(matches!(aws_chain(&args), Err(Stop::Usage(_))));
        let args = GlobalArgs { anonymous: true, ..Default::default() };
        assert_eq!(aws_chain(&args).unwrap().credentials, CredentialSource::Anonymous);
    }

    #[test]
    fn without_keys_the_environment_says_where_to_go_all_the_same() {
        let args = GlobalArgs { anonymous: true, ..Default::default() };
        let chain = |pairs: &[(&str, &str)]| {
            chain_in(&args, &|name| {
                pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            })
        };
        let here = chain(&[("AWS_ENDPOINT_URL", "http://127.0.0.1:9000"), ("AWS_REGION", "eu-west-3")]).unwrap();
        assert_eq!(here.endpoint.as_ref().map(Endpoint::as_str), Some("http://127.0.0.1:9000"));
        assert_eq!((here.service, here.region.as_str()), (Service::Other, "eu-west-3"));
        let default = chain(&[("AWS_DEFAULT_REGION", "eu-west-3"), ("AWS_REGION", "")]).unwrap();
        assert_eq!((default.service, default.region.as_str()), (Service::AmazonS3, "eu-west-3"));
        assert_eq!(chain(&[]).unwrap().region, Region::us_east_1());
        // Never to Amazon with what was meant for another one.
        assert!(matches!(chain(&[("AWS_ENDPOINT_URL_S3", "ftp://x")]), Err(Stop::Failed(_))));
        assert!(matches!(chain(&[("AWS_REGION", "a.evil.tld/")]), Err(Stop::Usage(_))));
    }

    #[test]
    fn fips_is_asked_for_with_keys_and_without() {
        let chain = |anonymous, typed: &str| {
            let args = GlobalArgs { anonymous, ..Default::default() };
            chain_in(&args, &|name| (name == "AWS_USE_FIPS_ENDPOINT").then(|| typed.to_owned()))
        };
        for anonymous in [false, true] {
            let (plain, fips) = (chain(anonymous, "false").unwrap(), chain(anonymous, "True").unwrap());
            assert_eq!((plain.chain.fips, fips.chain.fips), (Fips::NotAsked, Fips::Required));
            assert_ne!(plain.id, fips.id, "what was begun without it does not go on with it");
            assert_eq!(chain(anonymous, "").unwrap().id, plain.id);
        }
        // With keys, the chain refuses it.
        assert_eq!(chain(false, "yes").unwrap().chain.fips, Fips::NotAsked);
        let Err(Stop::Failed(failure)) = chain(true, "yes") else { panic!("a failure") };
        assert_eq!(failure.kind, FailureKind::AwsSettingInvalid);
    }

    #[test]
    fn an_endpoint_with_a_bucket_is_none() {
        let endpoint = "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com/weandb";
        let args = GlobalArgs { endpoint_url: Some(endpoint.into()), ..Default::default() };
        assert!(matches!(aws_chain(&args), Err(Stop::Usage(_))));
        let of_environment = |name: &str| (name == "AWS_ENDPOINT_URL").then(|| endpoint.to_owned());
        assert!(matches!(chain_in(&GlobalArgs::default(), &of_environment), Err(Stop::Usage(_))));
    }
}
