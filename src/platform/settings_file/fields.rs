//! Reading and writing single fields of a table, whatever stands there.

use toml_edit::{Array, ArrayOfTables, Item, Table, TableLike, Value};

/// Reads fields of one table and collects what was odd about them.
pub(super) struct Reader<'a, 'w> {
    table: Option<&'a dyn TableLike>,
    /// Where the table stands, for warnings: `links`, `connections[2]`.
    place: String,
    warnings: &'w mut Vec<String>,
}

impl<'a, 'w> Reader<'a, 'w> {
    /// A table by its name; one that is missing reads as empty, one that is no table is warned about.
    pub(super) fn section(document: &'a Table, name: &str, warnings: &'w mut Vec<String>) -> Self {
        let item = document.get(name);
        let table = item.and_then(Item::as_table_like);
        if item.is_some() && table.is_none() {
            warnings.push(format!("{name}: not a table; its defaults are used"));
        }
        Self { table, place: name.to_owned(), warnings }
    }

    /// A table at hand.
    pub(super) fn table(table: &'a dyn TableLike, place: String, warnings: &'w mut Vec<String>) -> Self {
        Self { table: Some(table), place, warnings }
    }

    /// Notes that a field is odd. The value is not quoted: it may have been meant for another place.
    pub(super) fn warn(&mut self, key: &str, reason: &str) {
        self.warnings.push(format!("{}.{key}: {reason}", self.place));
    }

    pub(super) fn item(&self, key: &str) -> Option<&'a Item> {
        self.table?.get(key).filter(|item| !item.is_none())
    }

    /// A text; `None` where it is missing or something else.
    pub(super) fn text(&mut self, key: &str) -> Option<&'a str> {
        let item = self.item(key)?;
        let text = item.as_str();
        if text.is_none() {
            self.warn(key, "not a text");
        }
        text
    }

    /// A text that stands for a choice.
    pub(super) fn choice<T: Default>(&mut self, key: &str, parse: impl Fn(&str) -> Option<T>) -> T {
        let Some(text) = self.text(key) else { return T::default() };
        parse(text).unwrap_or_else(|| {
            self.warn(key, "not one of the choices; the default is used");
            T::default()
        })
    }

    /// A whole number within limits.
    pub(super) fn number(&mut self, key: &str, limits: std::ops::RangeInclusive<u64>, default: u64) -> u64 {
        let Some(item) = self.item(key) else { return default };
        let number = item.as_integer().and_then(|n| u64::try_from(n).ok()).filter(|n| limits.contains(n));
        number.unwrap_or_else(|| {
            let reason = format!("not a number from {} to {}; {default} is used", limits.start(), limits.end());
            self.warn(key, &reason);
            default
        })
    }

    /// A list of texts; entries that are no texts are left out with a warning. `None` where there is no list.
    pub(super) fn texts(&mut self, key: &str) -> Option<Vec<&'a str>> {
        let item = self.item(key)?;
        let Some(array) = item.as_array() else {
            self.warn(key, "not a list");
            return None;
        };
        let mut texts = Vec::new();
        for (index, entry) in array.iter().enumerate() {
            match entry.as_str() {
                Some(text) => texts.push(text),
                None => self.warn(&format!("{key}[{index}]"), "not a text; left out"),
            }
        }
        Some(texts)
    }

    /// The tables of a list of tables, `[[so]]` or inline, with their places.
    pub(super) fn tables(&mut self, key: &str) -> Vec<(String, &'a dyn TableLike)> {
        let Some(item) = self.item(key) else { return Vec::new() };
        let place = format!("{}.{key}", self.place);
        tables_of(item, &place, self.warnings)
    }
}

/// The tables of a list of tables, `[[so]]` or inline, with their places.
pub(super) fn tables_of<'a>(
    item: &'a Item,
    place: &str,
    warnings: &mut Vec<String>,
) -> Vec<(String, &'a dyn TableLike)> {
    if let Some(tables) = item.as_array_of_tables() {
        return tables.iter().enumerate().map(|(i, t)| (format!("{place}[{i}]"), t as &dyn TableLike)).collect();
    }
    let Some(array) = item.as_array() else {
        warnings.push(format!("{place}: not a list of tables; left as it is"));
        return Vec::new();
    };
    let mut tables: Vec<(String, &'a dyn TableLike)> = Vec::new();
    for (index, entry) in array.iter().enumerate() {
        match entry.as_inline_table() {
            Some(table) => tables.push((format!("{place}[{index}]"), table)),
            None => warnings.push(format!("{place}[{index}]: not a table; left as it is")),
        }
    }
    tables
}

/// Sets a field and keeps the comments around the old value.
pub(super) fn set(table: &mut dyn TableLike, key: &str, item: Item) {
    let decor = table.get(key).and_then(Item::as_value).map(|old| old.decor().clone());
    let mut item = item;
    if let (Some(decor), Some(new)) = (decor, item.as_value_mut()) {
        *new.decor_mut() = decor;
    }
    match table.get_mut(key) {
        // In place: an insert would lose the comment above the key.
        Some(old) => *old = item,
        None => {
            table.insert(key, item);
        }
    }
}

/// Sets a text, or takes the field out.
pub(super) fn set_text(table: &mut dyn TableLike, key: &str, text: Option<&str>) {
    match text {
        Some(text) if table.get(key).and_then(Item::as_str) == Some(text) => {}
        Some(text) => set(table, key, toml_edit::value(text)),
        None => {
            table.remove(key);
        }
    }
}

/// A list of texts as a value.
pub(super) fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> Item {
    Item::Value(Value::Array(texts.into_iter().collect::<Array>()))
}

/// A section that can be written to, made at the end of the file if missing.
pub(super) fn section<'a>(document: &'a mut Table, name: &str) -> Option<&'a mut dyn TableLike> {
    if !document.get(name).is_some_and(Item::is_table_like) {
        set_aside(document, name);
        document.insert(name, Item::Table(Table::new()));
    }
    document.get_mut(name).and_then(Item::as_table_like_mut)
}

/// A list of tables that can be written to, made at the end of the file if missing. An inline list is spelled out.
pub(super) fn tables_mut<'a>(document: &'a mut Table, name: &str) -> Option<&'a mut ArrayOfTables> {
    if !document.get(name).is_some_and(Item::is_array_of_tables) {
        let spelled_out = document.get(name).and_then(Item::as_array).and_then(spell_out);
        if spelled_out.is_none() {
            set_aside(document, name);
        }
        document.insert(name, Item::ArrayOfTables(spelled_out.unwrap_or_default()));
    }
    document.get_mut(name).and_then(Item::as_array_of_tables_mut)
}

/// `None` if an entry is no table.
fn spell_out(array: &Array) -> Option<ArrayOfTables> {
    array.iter().map(|entry| entry.as_inline_table().map(|table| table.clone().into_table())).collect()
}

/// Gives something that stands where a section or list must go another name, so that it is not lost.
fn set_aside(document: &mut Table, name: &str) {
    let Some(odd) = document.remove(name) else { return };
    let free = (1..u16::MAX).map(|n| format!("{name}_unreadable_{n}")).find(|name| !document.contains_key(name));
    if let Some(free) = free {
        document.insert(&free, odd);
    }
}
