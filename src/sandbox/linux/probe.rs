//! Whether a sandbox is there and holds: a program that waits is started in it, and looked at from outside.

use super::{NoSandbox, filter, kill, start, tree};
use crate::domain::Job;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::mpsc;
use std::time::Duration;

/// Longer than a start takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
const SET_USER: u32 = 0o4000;
/// Namespaces that must not be ours.
const NAMESPACES: [&str; 5] = ["net", "user", "pid", "mnt", "ipc"];

/// The first `bwrap` of `PATH`.
pub fn bwrap() -> Result<PathBuf, NoSandbox> {
    if filter::program().is_none() {
        return Err(NoSandbox::Machine);
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let mut found =
        std::env::split_paths(&folders).map(|folder| folder.join("bwrap")).filter(|path| path.is_absolute());
    let path = found.find(|path| path.is_file()).ok_or(NoSandbox::Missing)?;
    if path.metadata().is_ok_and(|data| data.mode() & SET_USER != 0) {
        return Err(NoSandbox::SetUser(path.display().to_string()));
    }
    Ok(path)
}

/// Starts a program and looks.
pub fn works(bwrap: &Path) -> Result<(), NoSandbox> {
    let word = |word: &str| word.to_owned();
    let job = Job {
        command: vec![word("cat")],
        files: vec![(word("probe"), word("x"))],
        input: String::new(),
        time: PATIENCE,
        memory: 256 << 20,
    };
    let mut child = start::start_here(bwrap, &job).map_err(NoSandbox::Broken)?;
    let seen = echoes(&mut child).and_then(|()| is_closed(child.id()));
    kill(child.id());
    let _status = child.wait();
    seen
}

/// Whether it is up: what is written to it comes back.
fn echoes(child: &mut Child) -> Result<(), NoSandbox> {
    let broken = |why: String| NoSandbox::Broken(why);
    if let Some(mut pipe) = child.stdin.take() {
        let written = pipe.write_all(b"up\n");
        // Kept open by the child's handle, so that the program waits.
        child.stdin = Some(pipe);
        // A program that has ended already says why below.
        let _ended = written;
    }
    let output = child.stdout.take().ok_or_else(|| broken("no standard output".into()))?;
    let errors = child.stderr.take();
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = BufReader::new(output).read_line(&mut line);
        let mut why = String::new();
        if line != "up\n" || read.is_err() {
            let _silent = errors.map(|pipe| pipe.take(4096).read_to_string(&mut why));
        }
        // Nobody listens any more where it took too long.
        let _late = tell.send((line, why));
    });
    match told.recv_timeout(PATIENCE) {
        Ok((line, _)) if line == "up\n" => Ok(()),
        Ok((_, why)) => Err(broken(why.lines().next().unwrap_or("it ended without a word").to_owned())),
        Err(_) => Err(broken(format!("it did not answer within {PATIENCE:?}"))),
    }
}

/// Whether the last process below bubblewrap has what it must have.
fn is_closed(root: u32) -> Result<(), NoSandbox> {
    let open = |what: String| Err(NoSandbox::Open(what));
    let all = tree::all(root);
    let pid = match all.last() {
        Some(pid) if all.len() >= 3 => *pid,
        _ => return open("its processes can't be seen in /proc (CONFIG_PROC_CHILDREN)".into()),
    };
    for name in NAMESPACES {
        let of = |who: &str| std::fs::read_link(format!("/proc/{who}/ns/{name}"));
        match (of("self"), of(&pid.to_string())) {
            (Ok(ours), Ok(its)) if ours != its => {}
            (Ok(_), Ok(_)) => return open(format!("the {name} namespace is this machine's own")),
            (Err(error), _) | (_, Err(error)) => return open(format!("its {name} namespace can't be seen: {error}")),
        }
    }
    // One line is the head.
    let routes = std::fs::read_to_string(format!("/proc/{pid}/net/route")).unwrap_or_else(|e| format!("?\n{e}"));
    if routes.lines().count() > 1 {
        return open("its network has routes".into());
    }
    for (key, want) in [("NoNewPrivs:", "1"), ("Seccomp:", "2"), ("CapEff:", "0000000000000000")] {
        let found = tree::field(pid, "status", key).unwrap_or_default();
        if found != want {
            return open(format!("{key} {found}, not {want}"));
        }
    }
    let users = tree::field(pid, "status", "Uid:").unwrap_or_default();
    if users.split_whitespace().next().is_none_or(|user| user == "0") {
        return open("it runs as root".into());
    }
    let limit = tree::field(pid, "limits", "Max processes").unwrap_or_default();
    let hard = limit.split_whitespace().nth(1).map(str::to_owned);
    if hard != Some(start::PROCESSES.to_string()) {
        return open(format!("processes are limited to {limit:?}"));
    }
    Ok(())
}
