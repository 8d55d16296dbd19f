//! How fast the engine goes: requests in flight, found by what the line gives ([`Controller`]), and bytes a second,
//! as the user limits them ([`Bandwidth`]).

mod bandwidth;
mod bucket;
mod controller;
mod speed;

pub(super) use bandwidth::Bandwidth;
pub(super) use controller::{Controller, NEAR};
