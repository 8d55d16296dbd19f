//! From `--connection` and its companions to a connection that is open.

use super::args::GlobalArgs;
use super::client::{Client, Stop};
use crate::model::{
    Addressing, Command, Connection, ConnectionId, CredentialSource, Endpoint, Event, Region, RequestId, SaidBy,
    Service,
};

/// Opens the connection the arguments name.
pub(super) fn connect(client: &mut Client<'_>, args: &GlobalArgs) -> Result<Connection, Stop> {
    let connections = client.answer(|event| match event {
        Event::Started(snapshot) => Some(snapshot.connections),
        _ => None,
    })?;
    let request = RequestId::next();
    let command = match args.connection.as_str() {
        "aws" => Command::UseConnection { request, connection: Box::new(aws_chain(args)?), credentials: None },
        name if has_own_options(args) => {
            return Err(Stop::Usage(format!(
                "--profile, --region, --endpoint-url, --path-style and --anonymous belong to --connection aws, \
                 not to {name:?}"
            )));
        }
        ConnectionId::LOCAL => Command::OpenLocalStorage { request },
        name => Command::OpenConnection { request, id: saved(&connections, name)? },
    };
    client.send(command);
    let opened = client.answer(|event| match event {
        Event::ConnectionOpened { request: answered, result, .. } if answered == request => Some(result),
        _ => None,
    })?;
    Ok(*opened?)
}

fn has_own_options(args: &GlobalArgs) -> bool {
    args.profile.is_some() || args.region.is_some() || args.endpoint_url.is_some() || args.path_style || args.anonymous
}

/// The standard AWS chain, as the options change it.
fn aws_chain(args: &GlobalArgs) -> Result<Connection, Stop> {
    let endpoint = args.endpoint_url.as_deref().map(Endpoint::parse).transpose();
    let endpoint = endpoint.map_err(|_problem| {
        Stop::Usage("--endpoint-url has to be http:// or https:// with a host, and no user name or query".to_owned())
    })?;
    let credentials = if args.anonymous {
        CredentialSource::Anonymous
    } else {
        let said_by = |is_given: bool| if is_given { SaidBy::User } else { SaidBy::Chain };
        let (region, endpoint) = (said_by(args.region.is_some()), said_by(args.endpoint_url.is_some()));
        CredentialSource::AwsChain { profile: args.profile.clone(), region, endpoint }
    };
    Ok(Connection {
        id: ConnectionId::new("command-line"),
        name: "aws".to_owned(),
        service: if endpoint.is_some() { Service::Other } else { Service::AmazonS3 },
        endpoint,
        region: args.region.clone().unwrap_or_else(Region::us_east_1),
        addressing: if args.path_style { Addressing::Path } else { Addressing::Auto },
        credentials,
        scopes: Vec::new(),
        link_domains: Vec::new(),
    })
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

fn unknown(connections: &[Connection], name: &str) -> String {
    let mut known: Vec<&str> = connections.iter().map(|connection| connection.name.as_str()).collect();
    known.retain(|known| *known != ConnectionId::LOCAL);
    known.extend([ConnectionId::LOCAL, "aws"]);
    format!("there is no connection {name:?}, or more than one; there are: {}", known.join(", "))
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
        let args = GlobalArgs { endpoint_url: Some("ftp://x".into()), ..Default::default() };
        assert!(matches!(aws_chain(&args), Err(Stop::Usage(_))));
        let args = GlobalArgs { anonymous: true, ..Default::default() };
        assert_eq!(aws_chain(&args).unwrap().credentials, CredentialSource::Anonymous);
    }
}
