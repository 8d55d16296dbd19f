//! A connection's own domains in the file: `link_domains = [{ bucket = "…", prefix = "…", base = "…" }]`.
//!
//! A plain address stands in `base`, where every version looks for it; a pattern in `pattern`.

use toml_edit::{InlineTable, Item, Table, TableLike, Value};

use super::connections::set_list;
use super::fields::{self, Reader};
use crate::model::{BucketName, LinkDomain, LinkTemplate, Prefix};

const FIELD: &str = "link_domains";

/// Those that can be read; each other one is warned about and left out.
pub(super) fn read(reader: &mut Reader<'_, '_>) -> Vec<LinkDomain> {
    let mut domains = Vec::new();
    for (place, table) in reader.tables(FIELD) {
        match read_one(table) {
            Some(domain) => domains.push(domain),
            None => reader.warn(FIELD, &format!("{place} has no address pattern or no possible bucket; left out")),
        }
    }
    domains
}

fn read_one(table: &dyn TableLike) -> Option<LinkDomain> {
    let text = |key: &str| table.get(key).map(|item| item.as_str());
    let bucket = match text("bucket") {
        Some(name) => Some(BucketName::new(name?).ok()?),
        None => None,
    };
    let prefix = |key: &str| text(key).map_or(Some(Prefix::root()), |text| text.map(Prefix::new));
    let pattern = text("pattern").or_else(|| text("base"))??;
    Some(LinkDomain {
        bucket,
        prefix: prefix("prefix")?,
        pattern: LinkTemplate::parse(pattern).ok()?,
        drop_prefix: prefix("drop_prefix")?,
    })
}

/// Writes the list anew: entries that stay keep the fields that are not known here, and entries that cannot be read
/// stay as they are, at the end.
pub(super) fn write(connection: &mut Table, wanted: &[LinkDomain]) {
    let old = connection.get(FIELD).map(inline_tables).unwrap_or_default();
    let mut old: Vec<(Option<LinkDomain>, InlineTable)> =
        old.into_iter().map(|table| (read_one(&table), table)).collect();
    let mut values = Vec::with_capacity(wanted.len());
    for domain in wanted {
        let place = |known: &LinkDomain| (known.bucket.clone(), known.prefix.clone());
        let same = old.iter().position(|(known, _)| known.as_ref() == Some(domain));
        let same_place = || old.iter().position(|(known, _)| known.as_ref().map(place) == Some(place(domain)));
        let at = same.or_else(same_place);
        let mut table = at.map_or_else(InlineTable::new, |at| old.remove(at).1);
        write_one(&mut table, domain);
        values.push(Value::InlineTable(table));
    }
    let unreadable = old.into_iter().filter(|(known, _)| known.is_none()).map(|(_, table)| Value::InlineTable(table));
    values.extend(unreadable);
    set_list(connection, FIELD, values);
}

fn write_one(table: &mut InlineTable, domain: &LinkDomain) {
    if read_one(table).as_ref() == Some(domain) {
        return;
    }
    fields::set_text(table, "bucket", domain.bucket.as_ref().map(BucketName::as_str));
    set_prefix(table, "prefix", &domain.prefix);
    let pattern = domain.pattern.as_str();
    let (base, pattern) = if domain.pattern.plain().is_some() { (Some(pattern), None) } else { (None, Some(pattern)) };
    fields::set_text(table, "base", base);
    fields::set_text(table, "pattern", pattern);
    set_prefix(table, "drop_prefix", &domain.drop_prefix);
}

fn set_prefix(table: &mut InlineTable, key: &str, prefix: &Prefix) {
    fields::set_text(table, key, Some(prefix.as_str()).filter(|_| !prefix.is_root()));
}

/// The entries of a list of tables, `[[so]]` or inline.
fn inline_tables(item: &Item) -> Vec<InlineTable> {
    match item.as_array_of_tables() {
        Some(tables) => tables.iter().map(|table| table.clone().into_inline_table()).collect(),
        None => item.as_array().into_iter().flatten().filter_map(|value| value.as_inline_table().cloned()).collect(),
    }
}
