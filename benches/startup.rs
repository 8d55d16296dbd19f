//! What the program costs from outside: `cargo bench --bench startup`, on Linux with `Xvfb` and `xdotool`.
//! Time from the start of the process to something painted, also with 10,000 files in the queue of an earlier run, resident memory with 100,000 rows loaded, and what an idle
//! window uses. The program is the real one; only its display and its S3 (which lists 100,000 objects) are made up.
//! A missed bar fails the run.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a program that measures and tells"
)]

#[cfg(target_os = "linux")]
#[path = "startup/linux.rs"]
mod linux;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    linux::measure()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("This measures on Linux only, with Xvfb");
}
