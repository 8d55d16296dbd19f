//! Connections that lead to the same buckets share their keys: where keys are told apart (`key_turns.rs`), all of them go
//! by the name of one. That name stays as it is under uploads that have a key or have given one up, also when the
//! connection that it was taken from is gone or leads elsewhere: later ones to their keys would not find them else.

use std::collections::{BTreeMap, BTreeSet};

use super::Queue;
use crate::model::ConnectionId;

/// Whether connections go by the same name exactly if they lead to the same buckets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum TwinNames {
    #[default]
    Right,
    /// Some keep another one, under their uploads.
    Kept,
}

impl Queue {
    /// Notes where connections lead that batches have gone through: those of the same number to the same buckets, those
    /// without one nowhere any more. To be told again before a batch while [`Queue::meet`] says so, and when any of them
    /// is changed.
    pub(crate) fn lead_to(&mut self, places: &BTreeMap<ConnectionId, usize>) {
        let with_keys = self.connections_with_keys();
        let (held, free): (Vec<_>, Vec<_>) = self.met().iter().partition(|connection| with_keys.contains(*connection));
        let (mut names, mut of_places) = (BTreeMap::new(), BTreeMap::new());
        for connection in held {
            let name = self.key_turns.name(connection).clone();
            if let Some(place) = places.get(connection) {
                of_places.entry(*place).or_insert_with(|| name.clone());
            }
            names.insert(connection.clone(), name);
        }
        for connection in free {
            // One that leads elsewhere now may have given its name to others that keep it: then a key there waits for the
            // same one here, and no more comes of it.
            if let Some(place) = places.get(connection) {
                let name = of_places.entry(*place).or_insert_with(|| connection.clone()).clone();
                names.insert(connection.clone(), name);
            }
        }
        let is_settled = {
            let led = names.iter().filter_map(|(connection, name)| Some((places.get(connection)?, name)));
            let pairs: BTreeSet<_> = led.collect();
            let of_pairs: BTreeSet<_> = pairs.iter().map(|(place, _)| place).collect();
            let by_name: BTreeSet<_> = pairs.iter().map(|(_, name)| name).collect();
            pairs.len() == of_pairs.len() && pairs.len() == by_name.len()
        };
        names.retain(|connection, name| connection != name);
        self.key_turns.set_twins(names, if is_settled { TwinNames::Right } else { TwinNames::Kept });
    }

    /// Connections of uploads that have not ended, or have ended otherwise than well.
    fn connections_with_keys(&self) -> BTreeSet<ConnectionId> {
        let batches = self.overtaken.positions().filter_map(|position| Some(self.records.get(position)?.batch));
        let batches: BTreeSet<_> = batches.collect();
        let specs = batches.iter().filter_map(|batch| Some(&self.batches.get(batch)?.spec));
        let mut connections = self.connections_with_work();
        connections.extend(specs.map(|spec| spec.to.connection.clone()));
        connections
    }
}
