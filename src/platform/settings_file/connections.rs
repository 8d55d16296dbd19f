//! Saved connections in the file, as `[[connections]]`. Their secrets are in the keychain, under the `id`.

use std::collections::HashSet;

use toml_edit::{Array, DocumentMut, Item, Table, TableLike, Value};

use super::fields::{self, Reader};
use super::link_domains;
use super::merge::{self, Three};
use crate::model::{
    Addressing, ChainSays, Connection, ConnectionId, CredentialSource, Endpoint, KeyCommand, Payer, Region, SaidBy,
    Scope, Service,
};

const CONNECTIONS: &str = "connections";
/// Fields that a hand might add in good faith. They are never read, only warned about.
const SECRET_FIELDS: [&str; 5] =
    ["secret_access_key", "secret_key", "secret", "session_token", "aws_secret_access_key"];

/// The connections that can be read; each other one is warned about and skipped.
pub(super) fn read(document: &DocumentMut, warnings: &mut Vec<String>) -> Vec<Connection> {
    read_each(document, warnings).into_iter().flatten().collect()
}

/// The entries that cannot be read: the id of each, `None` where not even that can be.
pub(super) fn read_skipped(document: &Table) -> Vec<Option<ConnectionId>> {
    let Some(item) = document.get(CONNECTIONS) else { return Vec::new() };
    if !item.is_array_of_tables() && !item.is_array() {
        // Something else stands where they are to be.
        return vec![None];
    }
    let entries = read_each(document, &mut Vec::new());
    let tables = fields::tables_of(item, CONNECTIONS, &mut Vec::new());
    let id_of = |table: &dyn TableLike| table.get("id").and_then(Item::as_str).map(ConnectionId::new);
    let unread = tables.iter().zip(entries).filter(|(_, entry)| entry.is_none());
    unread.map(|((_, table), _)| id_of(*table)).collect()
}

/// The connections in the file, entry for entry; `None` for one that cannot be read.
fn read_each(document: &Table, warnings: &mut Vec<String>) -> Vec<Option<Connection>> {
    let Some(item) = document.get(CONNECTIONS) else { return Vec::new() };
    let mut seen = HashSet::new();
    let tables = fields::tables_of(item, CONNECTIONS, warnings);
    let mut connections = Vec::with_capacity(tables.len());
    for (place, table) in tables {
        let connection = read_one(table, place.clone(), warnings);
        let is_second = connection.as_ref().is_some_and(|c| !seen.insert(c.id.clone()));
        if is_second {
            warnings.push(format!("{place}.id: another connection has it already; this one is skipped"));
        }
        connections.push(connection.filter(|_| !is_second));
    }
    connections
}

/// Why a connection is skipped: the field and the reason.
type Skipped = (&'static str, &'static str);

fn read_one(table: &dyn TableLike, place: String, warnings: &mut Vec<String>) -> Option<Connection> {
    let mut reader = Reader::table(table, place, warnings);
    for field in SECRET_FIELDS {
        if reader.item(field).is_some() {
            reader.warn(field, "secrets do not belong into this file and are not read from it; please take it out");
        }
    }
    match read_fields(&mut reader) {
        Ok(connection) => Some(connection),
        Err((field, reason)) => {
            reader.warn(field, &format!("{reason}; this connection is skipped and stays in the file as it is"));
            None
        }
    }
}

fn read_fields(reader: &mut Reader<'_, '_>) -> Result<Connection, Skipped> {
    let id = reader.text("id").filter(|id| is_good_id(id)).ok_or(("id", "missing, or no plain text"))?;
    let service = reader.text("service").and_then(Service::from_code).ok_or(("service", "missing or not known"))?;
    let endpoint = match reader.text("endpoint").filter(|text| !text.is_empty()) {
        Some(text) => Some(Endpoint::parse(text).map_err(|_problem| ("endpoint", "not a web address"))?),
        None if reader.item("endpoint").is_some_and(|item| item.as_str().is_none()) => {
            return Err(("endpoint", "not a web address"));
        }
        None => None,
    };
    // Without it, the connection would trust others than it was told to.
    let ca_file = match reader.item("ca_file").map(Item::as_str) {
        Some(None) => return Err(("ca_file", "not the path of a file")),
        Some(text) => text.filter(|path| !path.is_empty()).map(str::to_owned),
        None => None,
    };
    // With the AWS chain, the profile may have the endpoint.
    let credentials = read_credentials(reader)?;
    let is_chain = matches!(credentials, CredentialSource::AwsChain { .. });
    if endpoint.is_none() && service.needs_endpoint() && !is_chain {
        return Err(("endpoint", "missing, and this service has none of its own"));
    }
    let region = reader.text("region").filter(|text| !text.is_empty()).unwrap_or(service.default_region());
    Ok(Connection {
        id: ConnectionId::new(id),
        name: reader.text("name").unwrap_or(id).to_owned(),
        service,
        endpoint,
        region: Region::of(service, region).ok_or(("region", "not a region code"))?,
        addressing: reader.choice("addressing", addressing_from),
        ca_file,
        payer: reader.choice("payer", payer_from),
        credentials,
        key_command: reader.choice("credential_process", key_command_from),
        chain: ChainSays::default(),
        scopes: read_scopes(reader),
        link_domains: link_domains::read(reader),
    })
}

/// Ids go into the keychain's names: short, and nothing that could be read as something else there.
fn is_good_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

fn read_credentials(reader: &mut Reader<'_, '_>) -> Result<CredentialSource, Skipped> {
    let kind = reader.text("credentials").ok_or(("credentials", "missing"))?;
    let access_key_id = reader.text("access_key_id").unwrap_or_default().trim().to_owned();
    match kind {
        "keychain" | "this-run-only" if access_key_id.is_empty() => Err(("access_key_id", "missing")),
        "keychain" => Ok(CredentialSource::Keychain { access_key_id }),
        "this-run-only" => Ok(CredentialSource::ThisRunOnly { access_key_id }),
        "aws" => {
            let profile = reader.text("aws_profile").filter(|name| !name.is_empty()).map(str::to_owned);
            let said_by = |is_there: bool| if is_there { SaidBy::User } else { SaidBy::Chain };
            let has_region = reader.item("region").and_then(Item::as_str).is_some_and(|region| !region.is_empty());
            let has_endpoint = reader.item("endpoint").and_then(Item::as_str).is_some_and(|text| !text.is_empty());
            Ok(CredentialSource::AwsChain { profile, region: said_by(has_region), endpoint: said_by(has_endpoint) })
        }
        "anonymous" => Ok(CredentialSource::Anonymous),
        _ => Err(("credentials", "not one of the choices")),
    }
}

fn read_scopes(reader: &mut Reader<'_, '_>) -> Vec<Scope> {
    let mut scopes = Vec::new();
    for (index, text) in reader.texts("scopes").unwrap_or_default().into_iter().enumerate() {
        match Scope::parse(text) {
            Some(scope) => scopes.push(scope),
            None => reader.warn(&format!("scopes[{index}]"), "not a bucket or bucket/prefix; left out"),
        }
    }
    scopes
}

/// Adds, changes and takes out connections; see [`super::SettingsFile::save_connections`].
pub(super) fn write(document: &mut DocumentMut, base: &[Connection], wanted: &[Connection]) {
    let now = read_each(document, &mut Vec::new());
    let is_same = now.iter().flatten().eq(wanted) || base == wanted;
    if is_same {
        return;
    }
    let in_base = |id: &ConnectionId| base.iter().find(|connection| connection.id == *id);
    let Some(tables) = fields::tables_mut(document, CONNECTIONS) else { return };
    let mut written = HashSet::new();
    let mut gone = Vec::new();
    for (index, (table, now)) in tables.iter_mut().zip(&now).enumerate() {
        let Some(now) = now else { continue };
        match wanted.iter().find(|connection| connection.id == now.id) {
            Some(connection) => {
                match in_base(&now.id) {
                    Some(base) => {
                        let merged = merge::connection(&Three { base, wanted: connection, now });
                        write_one(table, Some(now), &merged);
                    }
                    None => write_one(table, Some(now), connection),
                }
                written.insert(connection.id.clone());
            }
            None if in_base(&now.id).is_some() => gone.push(index),
            None => {}
        }
    }
    for index in gone.into_iter().rev() {
        tables.remove(index);
    }
    // One that is not there any more was taken out by somebody else; a change of ours brings it back.
    let is_ours =
        |connection: &&Connection| !written.contains(&connection.id) && in_base(&connection.id) != Some(connection);
    for connection in wanted.iter().filter(is_ours) {
        let mut table = Table::new();
        write_one(&mut table, None, connection);
        tables.push(table);
    }
    if tables.is_empty() {
        document.remove(CONNECTIONS);
    }
}

/// Writes the fields that differ from what the table says `now`.
fn write_one(table: &mut Table, now: Option<&Connection>, wanted: &Connection) {
    if now == Some(wanted) {
        return;
    }
    fields::set_text(table, "id", Some(wanted.id.as_str()));
    fields::set_text(table, "name", Some(&wanted.name));
    fields::set_text(table, "service", Some(wanted.service.code()));
    // What the AWS chain says is asked for anew each time, so it does not stand here.
    if now.is_none_or(|now| now.chosen_endpoint() != wanted.chosen_endpoint()) {
        fields::set_text(table, "endpoint", wanted.chosen_endpoint().map(Endpoint::as_str));
    }
    let is_same_source = now.is_some_and(|now| now.credentials == wanted.credentials);
    if !is_same_source || now.is_none_or(|now| now.chosen_region() != wanted.chosen_region()) {
        fields::set_text(table, "region", wanted.chosen_region().map(Region::as_str));
    }
    if now.map_or(Addressing::default(), |now| now.addressing) != wanted.addressing {
        fields::set_text(table, "addressing", Some(addressing_name(wanted.addressing)));
    }
    if now.and_then(|now| now.ca_file.as_ref()) != wanted.ca_file.as_ref() {
        fields::set_text(table, "ca_file", wanted.ca_file.as_deref());
    }
    if now.map_or(Payer::default(), |now| now.payer) != wanted.payer {
        fields::set_text(table, "payer", Some(payer_name(wanted.payer)));
    }
    if now.map_or(KeyCommand::default(), |now| now.key_command) != wanted.key_command {
        fields::set_text(table, "credential_process", Some(key_command_name(wanted.key_command)));
    }
    write_credentials(table, &wanted.credentials);
    if now.map_or(&[][..], |now| &now.scopes) != wanted.scopes {
        let scopes: Vec<String> = wanted.scopes.iter().map(ToString::to_string).collect();
        set_list(table, "scopes", scopes.iter().map(|scope| Value::from(scope.as_str())).collect());
    }
    if now.map_or(&[][..], |now| &now.link_domains) != wanted.link_domains {
        link_domains::write(table, &wanted.link_domains);
    }
}

fn write_credentials(table: &mut Table, source: &CredentialSource) {
    let (kind, key, profile) = match source {
        CredentialSource::Keychain { access_key_id } => ("keychain", Some(access_key_id), None),
        CredentialSource::ThisRunOnly { access_key_id } => ("this-run-only", Some(access_key_id), None),
        CredentialSource::AwsChain { profile, .. } => ("aws", None, profile.as_ref()),
        CredentialSource::Anonymous => ("anonymous", None, None),
    };
    fields::set_text(table, "credentials", Some(kind));
    fields::set_text(table, "access_key_id", key.map(String::as_str));
    fields::set_text(table, "aws_profile", profile.map(String::as_str));
}

/// A list as a value, or no field at all for an empty one.
pub(super) fn set_list(table: &mut Table, key: &str, values: Vec<Value>) {
    if values.is_empty() {
        table.remove(key);
    } else {
        fields::set(table, key, Item::Value(Value::Array(values.into_iter().collect::<Array>())));
    }
}

fn addressing_name(addressing: Addressing) -> &'static str {
    match addressing {
        Addressing::Auto => "auto",
        Addressing::Path => "path",
        Addressing::VirtualHost => "virtual-host",
        Addressing::DualStack => "dual-stack",
    }
}

fn addressing_from(text: &str) -> Option<Addressing> {
    let all = [Addressing::Auto, Addressing::Path, Addressing::VirtualHost, Addressing::DualStack];
    all.into_iter().find(|addressing| addressing_name(*addressing) == text)
}

fn payer_name(payer: Payer) -> &'static str {
    match payer {
        Payer::Owner => "owner",
        Payer::Requester => "requester",
    }
}

fn payer_from(text: &str) -> Option<Payer> {
    [Payer::Owner, Payer::Requester].into_iter().find(|payer| payer_name(*payer) == text)
}

fn key_command_name(command: KeyCommand) -> &'static str {
    match command {
        KeyCommand::Refused => "refused",
        KeyCommand::Allowed => "allowed",
    }
}

fn key_command_from(text: &str) -> Option<KeyCommand> {
    [KeyCommand::Refused, KeyCommand::Allowed].into_iter().find(|command| key_command_name(*command) == text)
}
