//! The command line: reads arguments, drives the engine by commands, and prints what it hears.
//!
//! It decides nothing that the window would decide otherwise: what is uploaded, skipped, retried and verified is the
//! engine's. It never asks; where the window would, the careful answer is taken and said.

mod args;
mod client;
mod connect;
mod doctor;
mod escape;
mod forget;
mod handing;
mod interrupt;
mod json;
mod left_out;
mod link;
mod list;
mod output;
mod plan;
mod problem;
mod progress;
mod receipt;
mod remove;
mod renewal;
mod results;
mod resume;
mod run;
mod serve;
mod sizes;
mod stored;
mod tags;
mod transfers;
mod untold;
mod uri;
mod verdicts;
mod waits;

#[cfg(test)]
mod flow_tests;
#[cfg(test)]
mod kept_tests;
#[cfg(test)]
mod sum_tests;
#[cfg(test)]
mod telling_tests;
#[cfg(test)]
mod testing;

pub use args::{Action, Cli, Format, GlobalArgs, OnConflict, ServeArgs};
pub use client::{Bell, EnginePort};
pub use handing::{News, NotTaken, Window};
pub use interrupt::leave;
pub use output::Printer;
pub use problem::Problem;
pub use run::{FAILED, INTERRUPTED, WRONG_USAGE, cannot_begin, printer, run};
