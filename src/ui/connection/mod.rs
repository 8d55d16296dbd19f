//! The connection editor: what is typed, what is wrong with it, how a test went, and where the secret is kept.
//! Reads nothing itself; profiles of `~/.aws` are asked for only on the profile page.

mod editor;
mod fields;
mod in_use;
mod pasted;
mod policy;
mod region;
mod secret;
mod templates;
mod test_result;

pub(crate) use editor::ConnectionEditor;
pub(crate) use region::{Regions, WhenEmpty, region_row};
