//! What the integration tests share: tests that need a real server, processes, and a few words of HTTP.
//!
//! A test says with [`needs`] which server it talks to. Where that server is missing, plain `cargo test` leaves the test
//! out by name; in CI, and in `tests/all`, it fails instead: there nothing may be skipped.

pub mod bench;
pub mod browser;
pub mod http;
pub mod library;
pub mod process;
pub mod scripted;
pub mod servers;

use libtest_mimic::{Failed, Trial};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// A test's outcome: any error that can be shown fails it.
pub type Outcome = Result<(), Failed>;

/// A real program that some tests need. `tests/setup` installs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// A Prometheus server.
    Prometheus,
    /// Prometheus' checker of metrics and rules.
    Promtool,
    /// llama.cpp's HTTP server.
    Llama,
    /// Bubblewrap, with the distribution's Python to run in it.
    Bubblewrap,
    /// A browser that can be driven.
    Chromium,
    /// What judges pages for those who see badly, or read by keyboard or ear: a script, in fact.
    Axe,
}

impl Server {
    /// The program's name, as `tests/setup --print` says it.
    const fn program(self) -> &'static str {
        match self {
            Self::Prometheus => "prometheus",
            Self::Promtool => "promtool",
            Self::Llama => "llama-server",
            Self::Bubblewrap => "bwrap",
            Self::Chromium => "chromium",
            Self::Axe => "axe",
        }
    }

    /// What to run to get it.
    const fn setup(self) -> &'static str {
        match self {
            Self::Prometheus | Self::Promtool => "tests/setup prometheus",
            Self::Llama => "tests/setup llama-server",
            Self::Bubblewrap => "tests/setup bubblewrap",
            Self::Chromium => "tests/setup chromium",
            Self::Axe => "tests/setup axe",
        }
    }

    /// Where it is.
    ///
    /// # Errors
    /// When it is not installed, with the command that installs it.
    pub fn path(self) -> Result<&'static PathBuf, Failed> {
        found().get(self.program()).ok_or_else(|| self.missing().into())
    }

    fn missing(self) -> String {
        format!("needs {}; run {}", self.program(), self.setup())
    }
}

/// What `tests/setup --print` finds, asked once: that script alone knows where a server may be.
fn found() -> &'static BTreeMap<String, PathBuf> {
    static FOUND: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/setup");
        let printed = Command::new(script).arg("--print").output().map(|output| output.stdout).unwrap_or_default();
        found_in(&String::from_utf8_lossy(&printed))
    })
}

/// Reads lines of `NAME PATH`; a dash stands for a program that is missing.
fn found_in(printed: &str) -> BTreeMap<String, PathBuf> {
    let pairs = printed.lines().filter_map(|line| line.split_once(' '));
    pairs.filter(|(_, path)| *path != "-").map(|(name, path)| (name.to_owned(), PathBuf::from(path))).collect()
}

/// A test that needs a server.
pub fn needs(server: Server, name: &str, test: impl FnOnce() -> Outcome + Send + 'static) -> Trial {
    let nothing_skipped =
        std::env::var_os("CI").is_some() || std::env::var_os("ASSAYD_TESTS").is_some_and(|what| what == "all");
    let missing = server.path().is_err().then(|| server.missing());
    trial(name, missing, nothing_skipped, test)
}

/// The test itself; or, where something is missing, one that is left out by name, and that fails when asked all the same.
fn trial(
    name: &str,
    missing: Option<String>,
    nothing_skipped: bool,
    test: impl FnOnce() -> Outcome + Send + 'static,
) -> Trial {
    match missing {
        None => Trial::test(name, test),
        Some(missing) => {
            let told = format!("{name} [left out: {missing}]");
            Trial::test(told, move || Err(missing.into())).with_ignored_flag(!nothing_skipped)
        }
    }
}

/// Tests of the above.
pub fn tests() -> Vec<Trial> {
    let mut tests = vec![
        Trial::test("support::missing_is_left_out_by_name", || {
            let trial = trial("a", Some("needs b; run c".into()), false, || Ok(()));
            assert_eq!((trial.name(), trial.has_ignored_flag()), ("a [left out: needs b; run c]", true));
            Ok(())
        }),
        Trial::test("support::missing_is_not_skipped_in_ci", || {
            let missing = trial("a", Some("needs b; run c".into()), true, || Ok(()));
            assert!(!missing.has_ignored_flag());
            let conclusion = libtest_mimic::run(&quiet(), vec![missing]);
            assert_eq!((conclusion.num_failed, conclusion.num_passed), (1, 0));
            Ok(())
        }),
        Trial::test("support::present_is_run", || {
            let conclusion = libtest_mimic::run(&quiet(), vec![trial("a", None, false, || Err("b".into()))]);
            assert_eq!((conclusion.num_failed, conclusion.num_ignored), (1, 0));
            Ok(())
        }),
        Trial::test("support::print_is_read", || {
            let found = found_in("prometheus /usr/bin/prometheus\nllama-server -\npromtool /a b/promtool\n");
            let expected = [("prometheus", "/usr/bin/prometheus"), ("promtool", "/a b/promtool")];
            assert!(
                found
                    .iter()
                    .map(|(name, path)| (name.as_str(), path.to_string_lossy()))
                    .eq(expected.map(|(name, path)| (name, path.into())))
            );
            Ok(())
        }),
    ];
    tests.extend(http::tests());
    tests.extend(process::tests());
    tests.extend(servers::tests());
    tests
}

/// Arguments of a run inside a test, which says nothing of its own on standard output.
fn quiet() -> libtest_mimic::Arguments {
    libtest_mimic::Arguments { logfile: Some("/dev/null".into()), quiet: true, ..Default::default() }
}
