//! Tests that run themselves again in a process of their own: what they need is one for a whole process, such as its
//! environment, its limits, or the file systems it sees.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};

/// Names the file in which `tests/run` finds what could not be tried.
const NOT_TRIED: &str = "BUCKETDROP_NOT_TRIED";
const CHILD: &str = "BUCKETDROP_TEST_CHILD";

/// Whether this process was started by [`Child::run`].
pub(crate) fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// What was handed over with [`Child::with`].
pub(crate) fn given(name: &str) -> String {
    std::env::var(name).unwrap()
}

/// A process to be, which runs one test of this program.
pub(crate) struct Child {
    command: Command,
}

impl Child {
    /// `test` with its module, as the test runner names it. The child has no variables of Amazon's.
    pub(crate) fn of(test: &str) -> Self {
        Self::wrapped(&[], test)
    }

    /// The same, started by another program, which gets the line to run as its last arguments.
    pub(crate) fn wrapped(by: &[&str], test: &str) -> Self {
        let this = std::env::current_exe().unwrap();
        let mut command = match by {
            [] => Command::new(this),
            [program, arguments @ ..] => {
                let mut command = Command::new(program);
                command.args(arguments).arg(this);
                command
            }
        };
        command.args(["--exact", test, "--nocapture"]).env(CHILD, "1");
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
            command.env_remove(name);
        }
        Self { command }
    }

    /// Hands something over.
    pub(crate) fn with(mut self, name: &str, value: impl AsRef<Path>) -> Self {
        self.command.env(name, value.as_ref());
        self
    }

    /// Runs it; fails the test if it did not run, or not well.
    #[track_caller]
    pub(crate) fn run(mut self) {
        let ran = self.command.output().unwrap();
        let said = String::from_utf8_lossy(&ran.stdout);
        let passed = ran.status.success() && said.contains("1 passed");
        assert!(passed, "{said}{}", String::from_utf8_lossy(&ran.stderr));
    }
}

/// The first of these prefixes to a command line that the system lets this user use.
pub(crate) fn first_allowed<'a>(prefixes: &[&'a [&'a str]]) -> Option<&'a [&'a str]> {
    let works = |prefix: &&&[&str]| match **prefix {
        [program, arguments @ ..] => {
            let ran: std::io::Result<Output> = Command::new(program).args(arguments).arg("true").output();
            ran.is_ok_and(|ran| ran.status.success())
        }
        [] => false,
    };
    prefixes.iter().find(works).copied()
}

/// Tells what this system does not let this user try. A test that ends with it has tried nothing: `tests/run` says so at
/// its end.
pub(crate) fn not_tried(what: &str) {
    println!("NOT TRIED: {what}.");
    if let Some(file) = std::env::var_os(NOT_TRIED) {
        let mut file = std::fs::File::options().create(true).append(true).open(file).unwrap();
        file.write_all(format!("{what}.\n").as_bytes()).unwrap();
    }
}
