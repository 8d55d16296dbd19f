//! What is to stand in the file after a save, where somebody else may have changed it since it was read: what this
//! program changed is taken from it, everything else from the file as it is now.

use crate::model::{Column, Connection, Settings};

/// Three states of the same thing.
pub(super) struct Three<'a, T> {
    /// As this program last read or wrote it.
    pub(super) base: &'a T,
    /// As this program has it.
    pub(super) wanted: &'a T,
    /// As the file has it.
    pub(super) now: &'a T,
}

impl<'a, T> Three<'a, T> {
    /// One field, or some that belong together.
    fn pick<F: PartialEq>(&self, field: impl Fn(&'a T) -> F) -> F {
        let wanted = field(self.wanted);
        if field(self.base) == wanted { field(self.now) } else { wanted }
    }

    /// A list, entry by entry; in the order of the program, with what came from elsewhere at the end.
    fn list<F: PartialEq + Clone + 'a>(&self, field: impl Fn(&'a T) -> &'a Vec<F>) -> Vec<F> {
        let (base, wanted, now) = (field(self.base), field(self.wanted), field(self.now));
        if base == wanted {
            return now.clone();
        }
        let was_taken_out = |entry: &&F| base.contains(entry) && !now.contains(entry);
        let is_foreign = |entry: &&F| !base.contains(entry) && !wanted.contains(entry);
        wanted.iter().filter(|entry| !was_taken_out(entry)).chain(now.iter().filter(is_foreign)).cloned().collect()
    }
}

/// The settings to write.
pub(super) fn settings(three: &Three<'_, Settings>) -> Settings {
    Settings {
        language: three.pick(|s| s.language),
        theme: three.pick(|s| s.theme),
        size_units: three.pick(|s| s.size_units),
        display: three.pick(|s| s.display),
        renderer: three.pick(|s| s.renderer),
        copy_when_done: three.pick(|s| s.copy_when_done),
        copy_fallback: three.pick(|s| s.copy_fallback),
        link_format: three.pick(|s| s.link_format),
        link_template: three.pick(|s| &s.link_template).clone(),
        presign_secs: three.pick(|s| s.presign_secs),
        on_conflict: three.pick(|s| s.on_conflict),
        parallel_files: three.pick(|s| s.parallel_files),
        resume_at_start: three.pick(|s| s.resume_at_start),
        verify: three.pick(|s| s.verify),
        single_put_bytes: three.pick(|s| s.single_put_bytes),
        bandwidth: three.pick(|s| s.bandwidth),
        keep_awake: three.pick(|s| s.keep_awake),
        notify_when_done: three.pick(|s| s.notify_when_done),
        system_files: three.list(|s| &s.system_files),
        places: three.list(|s| &s.places),
        hidden_columns: three.list(|s| &s.hidden_columns),
        column_widths: column_widths(three),
    }
}

fn column_widths(three: &Three<'_, Settings>) -> Vec<(Column, u32)> {
    let mut merged = Settings::default();
    for column in Column::ALL {
        merged.set_column_width(column, three.pick(|s| s.column_width(column)));
    }
    merged.column_widths
}

/// A connection to write. Whose service it is, and how it is asked, goes together.
pub(super) fn connection(three: &Three<'_, Connection>) -> Connection {
    let (service, endpoint, region, credentials) = three.pick(|c| (c.service, &c.endpoint, &c.region, &c.credentials));
    Connection {
        id: three.wanted.id.clone(),
        name: three.pick(|c| &c.name).clone(),
        service,
        endpoint: endpoint.clone(),
        region: region.clone(),
        addressing: three.pick(|c| c.addressing),
        ca_file: three.pick(|c| &c.ca_file).clone(),
        payer: three.pick(|c| c.payer),
        credentials: credentials.clone(),
        key_command: three.pick(|c| c.key_command),
        chain: three.wanted.chain,
        scopes: three.list(|c| &c.scopes),
        link_domains: three.list(|c| &c.link_domains),
    }
}
