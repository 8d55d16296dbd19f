//! What a plan sets around the storage that no request can set: further keys, the account's Block Public Access, how
//! new buckets are made, from where requests are taken to come, how long restoring takes, lifecycle rules to be read.

use std::net::IpAddr;

use super::FaultPlan;
use crate::local_storage::access::{PublicAccessBlock, Rights, Transport};
use crate::local_storage::keys::generate_keys;
use crate::model::Credentials;

/// How buckets are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NewBuckets {
    /// With nothing set: ACLs mean something, nothing is blocked, nothing is public.
    #[default]
    Open,
    /// As Amazon does since April 2023: all of Block Public Access on, `BucketOwnerEnforced`.
    AsAmazon,
}

/// What becomes of requests to restore archived objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Restores {
    /// They are restored at once.
    #[default]
    AtOnce,
    /// They stay under way for as long as this is set.
    UnderWay,
}

/// A lifecycle rule that aborts unfinished uploads, as somebody has set it on every bucket. It is told, and does nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedCleaning {
    /// Of which keys.
    pub prefix: String,
    /// After how many days.
    pub days: i32,
    /// Whether it is on.
    pub is_enabled: bool,
}

/// A key beside the storage's own.
#[derive(Clone, Debug)]
pub(super) struct PlannedKey {
    credentials: Credentials,
    rights: Rights,
}

/// Everything of this kind. Without a plan it is as the default says.
#[derive(Clone, Debug, Default)]
pub(in crate::local_storage) struct Surroundings {
    pub(super) keys: Vec<PlannedKey>,
    pub account_block: PublicAccessBlock,
    pub new_buckets: NewBuckets,
    /// `None`: the computer itself.
    pub source_ip: Option<IpAddr>,
    pub transport: Transport,
    pub restores: Restores,
    pub cleaning: Vec<PlannedCleaning>,
}

impl FaultPlan {
    /// Makes a further pair of keys with rights of its own; it works at once.
    pub fn add_key(&self, rights: Rights) -> Credentials {
        let credentials = generate_keys();
        self.lock().surroundings.keys.push(PlannedKey { credentials: credentials.clone(), rights });
        credentials
    }

    /// Changes what a key made by [`FaultPlan::add_key`] may do; unknown ones are left alone.
    pub fn set_rights(&self, access_key_id: &str, rights: Rights) {
        let mut state = self.lock();
        let known = state.surroundings.keys.iter_mut().find(|key| key.credentials.access_key_id == access_key_id);
        if let Some(key) = known {
            key.rights = rights;
        }
    }

    /// Sets the account's own Block Public Access. It counts beside each bucket's and cannot be read through S3.
    pub fn set_account_block(&self, block: PublicAccessBlock) {
        self.lock().surroundings.account_block = block;
    }

    /// From now on buckets are made like this; those that are there stay as they are.
    pub fn set_new_buckets(&self, new_buckets: NewBuckets) {
        self.lock().surroundings.new_buckets = new_buckets;
    }

    /// Policies see requests come from this address; `None` for the true one, 127.0.0.1.
    pub fn set_source_ip(&self, address: Option<IpAddr>) {
        self.lock().surroundings.source_ip = address;
    }

    /// Policies see requests come over this.
    pub fn set_transport(&self, transport: Transport) {
        self.lock().surroundings.transport = transport;
    }

    /// What becomes of requests to restore archived objects, also of those that were made before.
    pub fn set_restores(&self, restores: Restores) {
        self.lock().surroundings.restores = restores;
    }

    /// The lifecycle rules that all buckets are said to have.
    pub fn set_cleaning(&self, cleaning: Vec<PlannedCleaning>) {
        self.lock().surroundings.cleaning = cleaning;
    }

    pub(in crate::local_storage) fn surroundings(&self) -> Surroundings {
        self.lock().surroundings.clone()
    }

    /// What a key of the plan may do; `None` for a key that is not of the plan.
    pub(in crate::local_storage) fn rights_of(&self, access_key_id: &str) -> Option<Rights> {
        let state = self.lock();
        let mut keys = state.surroundings.keys.iter();
        keys.find(|key| key.credentials.access_key_id == access_key_id).map(|key| key.rights.clone())
    }

    /// The secret of a key of the plan.
    pub(in crate::local_storage) fn credentials_of(&self, access_key_id: &str) -> Option<Credentials> {
        let state = self.lock();
        let mut keys = state.surroundings.keys.iter();
        keys.find(|key| key.credentials.access_key_id == access_key_id).map(|key| key.credentials.clone())
    }

    pub(in crate::local_storage) fn has_keys(&self) -> bool {
        !self.lock().surroundings.keys.is_empty()
    }
}
