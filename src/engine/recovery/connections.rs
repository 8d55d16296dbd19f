//! Connections that the settings do not hold (the command line's options), in the journal: everything but secrets,
//! so that another run can go on with their uploads.

use serde::{Deserialize, Serialize};

use crate::model::{
    Addressing, ChainSays, Connection, ConnectionId, CredentialSource, Endpoint, Fips, KeyCommand, Payer, Region,
    SaidBy, Service,
};

#[derive(Debug, Serialize, Deserialize)]
struct Written {
    name: String,
    service: String,
    endpoint: Option<String>,
    region: String,
    addressing: String,
    /// Earlier versions did not know of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ca_file: Option<String>,
    #[serde(default)]
    requester_pays: bool,
    #[serde(default)]
    runs_key_command: bool,
    #[serde(default)]
    requires_fips: bool,
    keys: Keys,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "kebab-case")]
enum Keys {
    Keychain { access_key_id: String },
    ThisRun { access_key_id: String },
    AwsChain { profile: Option<String>, region: By, endpoint: By },
    Anonymous,
}

/// Whose word a part of the address is.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum By {
    Chain,
    User,
}

impl From<SaidBy> for By {
    fn from(said: SaidBy) -> Self {
        match said {
            SaidBy::Chain => Self::Chain,
            SaidBy::User => Self::User,
        }
    }
}

impl From<By> for SaidBy {
    fn from(by: By) -> Self {
        match by {
            By::Chain => Self::Chain,
            By::User => Self::User,
        }
    }
}

/// A connection without its secret.
pub(in crate::engine) fn connection_json(connection: &Connection) -> String {
    let keys = match connection.credentials.clone() {
        CredentialSource::Keychain { access_key_id } => Keys::Keychain { access_key_id },
        CredentialSource::ThisRunOnly { access_key_id } => Keys::ThisRun { access_key_id },
        CredentialSource::AwsChain { profile, region, endpoint } => {
            Keys::AwsChain { profile, region: By::from(region), endpoint: By::from(endpoint) }
        }
        CredentialSource::Anonymous => Keys::Anonymous,
    };
    let addressing = match connection.addressing {
        Addressing::Auto => "auto",
        Addressing::Path => "path",
        Addressing::VirtualHost => "virtual-host",
        Addressing::DualStack => "dual-stack",
    };
    let written = Written {
        name: connection.name.clone(),
        service: connection.service.code().to_owned(),
        endpoint: connection.endpoint.as_ref().map(|endpoint| endpoint.as_str().to_owned()),
        region: connection.region.as_str().to_owned(),
        addressing: addressing.to_owned(),
        ca_file: connection.ca_file.clone(),
        requester_pays: connection.payer == Payer::Requester,
        runs_key_command: connection.key_command == KeyCommand::Allowed,
        requires_fips: connection.chain.fips == Fips::Required,
        keys,
    };
    // Plain texts always become JSON.
    serde_json::to_string(&written).unwrap_or_default()
}

/// The connection that was written down; `None` if it cannot be read.
pub(in crate::engine) fn connection_of(id: &ConnectionId, json: &str) -> Option<Connection> {
    let written: Written = serde_json::from_str(json).ok()?;
    let endpoint = match written.endpoint {
        Some(endpoint) => Some(Endpoint::parse(&endpoint).ok()?),
        None => None,
    };
    let credentials = match written.keys {
        Keys::Keychain { access_key_id } => CredentialSource::Keychain { access_key_id },
        Keys::ThisRun { access_key_id } => CredentialSource::ThisRunOnly { access_key_id },
        Keys::AwsChain { profile, region, endpoint } => {
            CredentialSource::AwsChain { profile, region: SaidBy::from(region), endpoint: SaidBy::from(endpoint) }
        }
        Keys::Anonymous => CredentialSource::Anonymous,
    };
    let addressing = match written.addressing.as_str() {
        "path" => Addressing::Path,
        "virtual-host" => Addressing::VirtualHost,
        "dual-stack" => Addressing::DualStack,
        _ => Addressing::Auto,
    };
    let service = Service::from_code(&written.service)?;
    // With the AWS chain, environment or profile may have said it, beside an endpoint.
    let region = match (&credentials, &endpoint) {
        (CredentialSource::AwsChain { .. }, Some(_)) => Region::of_any_service(&written.region),
        _ => Region::of(service, &written.region),
    };
    Some(Connection {
        id: id.clone(),
        name: written.name,
        service,
        endpoint,
        region: region?,
        addressing,
        ca_file: written.ca_file,
        payer: if written.requester_pays { Payer::Requester } else { Payer::Owner },
        credentials,
        key_command: if written.runs_key_command { KeyCommand::Allowed } else { KeyCommand::Refused },
        chain: ChainSays {
            fips: if written.requires_fips { Fips::Required } else { Fips::NotAsked },
            ..ChainSays::default()
        },
        scopes: Vec::new(),
        link_domains: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_come_back() {
        for credentials in [
            CredentialSource::AwsChain {
                profile: Some("work".to_owned()),
                region: SaidBy::Chain,
                endpoint: SaidBy::User,
            },
            CredentialSource::AwsChain { profile: None, region: SaidBy::User, endpoint: SaidBy::Chain },
            CredentialSource::Anonymous,
            CredentialSource::ThisRunOnly { access_key_id: "AKIAEXAMPLE".to_owned() },
        ] {
            let connection = Connection {
                name: "aws".to_owned(),
                endpoint: Endpoint::parse("http://127.0.0.1:9000/base").ok(),
                region: Region::of_any_service("RegionOne").unwrap(),
                addressing: Addressing::Path,
                ca_file: Some("/etc/minio/ca.pem".to_owned()),
                payer: Payer::Requester,
                key_command: KeyCommand::Allowed,
                chain: ChainSays { fips: Fips::Required, ..ChainSays::default() },
                credentials,
                ..Connection::plain(ConnectionId::new("command-line-1"), Service::Other)
            };
            assert_eq!(connection_of(&connection.id, &connection_json(&connection)), Some(connection));
        }
        assert_eq!(connection_of(&ConnectionId::new("x"), "{"), None);
        // As version 0.1 wrote it before buckets could be paid for.
        let early = r#"{"name":"aws","service":"other","endpoint":"http://127.0.0.1:9000","region":"us-east-1",
            "addressing":"path","keys":{"from":"anonymous"}}"#;
        assert_eq!(connection_of(&ConnectionId::new("x"), early).unwrap().payer, Payer::Owner);
    }
}
