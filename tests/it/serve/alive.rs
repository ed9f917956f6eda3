//! How a daemon lets others know that it is alive: what the service manager is told and when nothing is, and `assayd health`.

use super::{Daemon, Mock, PATIENCE, configured};
use crate::support::Outcome;
use crate::support::process::{Process, Signal, assayd, until};
use libtest_mimic::{Failed, Trial};
use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::time::Duration;

/// The tests of this module.
pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("serve::systemd_is_told_how_it_is", systemd_is_told),
        Trial::test("serve::a_stopped_daemon_is_silent", stopped_is_silent),
        Trial::test("serve::health_is_told_by_the_exit_code", health),
    ]
}

/// The service manager's end: what it is told, and a daemon that tells it, with a watchdog of this time.
fn told_by(directory: &Path, watchdog: Duration) -> Result<(UnixDatagram, Daemon), Failed> {
    let path = directory.join("notify");
    let manager = UnixDatagram::bind(&path)?;
    manager.set_read_timeout(Some(PATIENCE))?;
    let mut command = assayd(directory, ["serve", "-c", "serve.toml"]);
    command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", watchdog.as_micros().to_string());
    Ok((manager, Daemon::with(&mut command)?))
}

/// The next message.
fn told(manager: &UnixDatagram) -> Result<String, Failed> {
    let mut message = [0; 256];
    let length = loop {
        match manager.recv(&mut message) {
            // A child was stopped or went on meanwhile: that is a signal to us too.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => break other?,
        }
    };
    Ok(String::from_utf8_lossy(message.get(..length).unwrap_or_default()).trim_end().to_owned())
}

fn systemd_is_told() -> Outcome {
    let scratch = tempfile::tempdir()?;
    let mock = Mock::start(scratch.path(), "--ttft 200ms --itl 1ms")?;
    let directory = configured(&format!("http://{}", mock.address), "")?;
    let (manager, daemon) = told_by(directory.path(), Duration::from_millis(40))?;
    assert_eq!(told(&manager)?, "READY=1");
    // While a run goes on …
    assert_eq!([told(&manager)?, told(&manager)?], ["WATCHDOG=1", "WATCHDOG=1"]);
    assert!(daemon.answers()?.values().sum::<f64>() < 12.0, "the run was over too early to show anything");
    // … which nobody holds up who does not listen …
    daemon.executed(1.0)?;
    // … when there is nothing to do …
    manager.set_nonblocking(true)?;
    while told(&manager).is_ok() {}
    manager.set_nonblocking(false)?;
    assert_eq!([told(&manager)?, told(&manager)?], ["WATCHDOG=1", "WATCHDOG=1"]);
    // … around a reload, and to the end.
    daemon.process.signal(Signal::HUP)?;
    let next = |wanted: &str| {
        until(PATIENCE, || {
            let message = told(&manager)?;
            if message.contains(wanted) { Ok(()) } else { Err(message.into()) }
        })
    };
    next("RELOADING=1")?;
    next("READY=1")?;
    daemon.end()?;
    next("STOPPING=1")
}

fn stopped_is_silent() -> Outcome {
    let scratch = tempfile::tempdir()?;
    let mock = Mock::start(scratch.path(), "--ttft 1ms --itl 1ms")?;
    let directory = configured(&format!("http://{}", mock.address), "")?;
    let (manager, daemon) = told_by(directory.path(), Duration::from_millis(20))?;
    assert_eq!([told(&manager)?, told(&manager)?], ["READY=1", "WATCHDOG=1"]);
    daemon.process.signal(Signal::STOP)?;
    // Each of its threads: one that is stopped last may still say something.
    let tasks = format!("/proc/{}/task", daemon.process.id());
    until(PATIENCE, || {
        let threads = std::fs::read_dir(&tasks)?.map(|task| std::fs::read_to_string(task?.path().join("stat")));
        let running = threads.filter(|stat| !stat.as_ref().is_ok_and(|stat| stat.contains(") T "))).count();
        if running == 0 { Ok(()) } else { Err(format!("{running} threads go on").into()) }
    })?;
    manager.set_nonblocking(true)?;
    while told(&manager).is_ok() {}
    manager.set_nonblocking(false)?;
    // Ten beats of one that is alive.
    manager.set_read_timeout(Some(Duration::from_millis(100)))?;
    assert!(told(&manager).is_err(), "a process that does not run has told that it does");
    daemon.process.signal(Signal::CONT)?;
    manager.set_read_timeout(Some(PATIENCE))?;
    assert_eq!(told(&manager)?, "WATCHDOG=1");
    daemon.end()?;
    Ok(())
}

fn health() -> Outcome {
    let silent = TcpListener::bind("127.0.0.1:0")?;
    let directory = configured(&format!("http://{}", silent.local_addr()?), "")?;
    let ask = |more: &[&str]| {
        let arguments = ["health"].iter().chain(more);
        Process::start(&mut assayd(directory.path(), arguments))?.end(PATIENCE)
    };
    let daemon = Daemon::start(directory.path())?;
    let place = format!("http://{}", daemon.address);
    let ended = ask(&["--url", &place])?;
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(0), "ready\n", ""));
    // Of a configuration only [server] is read: neither its data nor its keys need to be there.
    let file = |listen: &str, rest: &str| {
        std::fs::write(directory.path().join("other.toml"), format!("server.listen = [\"{listen}\"]\n{rest}"))
    };
    file(&format!("0.0.0.0:{}", daemon.address.port()), "[target.x]\nkey = { env = \"NOT_SET\" }\n[scenario.y]\n")?;
    assert_eq!(ask(&["-c", "other.toml"])?.code, Some(0));
    daemon.process.signal(Signal::TERM)?;
    daemon.process.line("ending", PATIENCE)?;
    daemon.end()?;

    // Nobody there; somebody who never answers; a wrong place; a configuration that can't be read.
    let not_ready = |arguments: &[&str], told: &str| {
        let ended = ask(arguments)?;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(ended.stderr.contains(told), "{arguments:?}: {}", ended.stderr);
        Outcome::Ok(())
    };
    not_ready(&["--url", &place], "nothing answers")?;
    let never = format!("http://{}", silent.local_addr()?);
    not_ready(&["--url", &never, "--timeout", "50ms"], "no answer within 50ms")?;
    not_ready(&["--url", "127.0.0.1:9797"], "is no URL")?;
    not_ready(&["--url", "https://127.0.0.1"], "expected a URL such as http://127.0.0.1:9797")?;
    not_ready(&["-c", "nowhere.toml"], "nowhere.toml")?;
    file("localhost:9797", "")?;
    not_ready(&["-c", "other.toml"], "write the address: \"127.0.0.1:9797\"")?;
    assert_eq!(ask(&["-c", "other.toml", "--url", &place])?.code, Some(2), "both at once are a mistake");
    Ok(())
}
