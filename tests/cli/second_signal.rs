//! A second signal to end is obeyed at once.
#![cfg(target_os = "linux")]

use super::*;

impl World {
    /// A command that has begun to print more than anybody reads: it is stuck until it gives up by itself.
    fn stuck(&self) -> (Child, BufReader<std::process::ChildStdout>) {
        let mut child = self.command(&["list", "s3://cli-bucket"]).spawn().unwrap();
        let mut out = BufReader::with_capacity(64, child.stdout.take().unwrap());
        let mut first = String::new();
        out.read_line(&mut first).unwrap();
        assert!(first.contains("0000x"), "{first}");
        (child, out)
    }
}

/// Whether the command has heard the first signal: then a thread of it counts the time.
fn counts_down(child: &Child) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{}/task", child.id())).into_iter().flatten().flatten();
    let mut names = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("comm")).ok());
    names.any(|name| name.trim() == "leave")
}

/// Which of two signals it was that ended the command is told by the exit status. One that was slow to be sent comes too
/// late, so it is tried again; a second signal that is ignored is never in time.
#[test]
fn the_second_one_ends_a_command_that_is_stuck_with_the_first() {
    let world = World::new();
    for number in 0..300 {
        world.put(&format!("{number:04}{}", "x".repeat(800)));
    }
    for _ in 0..10 {
        let (mut child, _unread) = world.stuck();
        interrupt(&child);
        let end = Instant::now() + PATIENCE;
        while !counts_down(&child) && child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < end, "the first signal was not heard");
            std::thread::sleep(Duration::from_millis(1));
        }
        // Ended already, there is nobody to be told.
        Command::new("kill").args(["-TERM", &child.id().to_string()]).stderr(Stdio::null()).status().unwrap();
        match wait(&mut child) {
            Some(143) => return,
            Some(130) => {}
            status => panic!("{status:?}"),
        }
    }
    panic!("the second signal was never obeyed");
}
