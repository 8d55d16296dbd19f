//! The engine as a front end uses it, commands in and events out, against the strict storage on this computer with a
//! plan of faults, in folders of its own. What arrived is read back with Amazon's own SDK.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test program")]

mod agreed;
#[cfg(unix)]
mod aws_chain;
#[cfg(unix)]
mod aws_hosts;
#[cfg(unix)]
mod bad_input;
mod browse;
#[cfg(unix)]
mod catalogue_answers;
mod catalogue_common;
mod catalogue_lists;
mod catalogue_local;
mod catalogue_network;
mod catalogue_refusals;
mod catalogue_sources;
mod catalogue_tls;
mod changed_source;
mod changing;
mod child;
mod cleared_receipts;
mod conflict;
mod connections;
mod control;
mod crash;
mod crooked;
mod delete;
mod download;
mod download_proof;
mod endings;
mod failing_disk;
mod fault_kit;
mod faults;
mod full_disk;
mod health;
mod hung_shares;
mod instance;
mod integrity;
#[cfg(unix)]
mod late_journal;
mod late_uploads;
mod leaving;
#[path = "../line/mod.rs"]
mod line;
mod link_checks;
mod link_world;
mod lost_answers;
mod moto;
mod opaque;
mod orphans;
mod other_owner;
mod outdated_links;
mod overtaken;
mod pasted;
mod public;
mod queue_order;
mod recovery;
mod replaced;
mod replaced_unheard;
mod secrets;
mod sharing;
mod shutdown;
mod slow_line;
#[cfg(unix)]
mod soak_crash;
mod soak_outage;
mod sources;
mod stalled_journal;
mod strays;
mod support;
mod test_clock;
mod unread_events;
mod unread_keys;
mod upload;
