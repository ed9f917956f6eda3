//! The dependencies' licences, sources and names, held against `deny.toml` as cargo-deny would, but without installing it:
//! cargo itself knows all that is needed.

use crate::support::Outcome;
use libtest_mimic::{Failed, Trial};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::process::Command;

/// What `deny.toml` says.
struct Policy {
    licences: BTreeSet<String>,
    banned: BTreeSet<String>,
    registries: BTreeSet<String>,
}

/// What cargo calls crates.io.
const CRATES_IO: &str = "https://github.com/rust-lang/crates.io-index";

impl Policy {
    fn read(text: &str) -> Result<Self, Failed> {
        let table: toml::Table = toml::from_str(text)?;
        let list = |section: &str, key: &str| {
            let list = table.get(section).and_then(|section| section.get(key)).and_then(toml::Value::as_array);
            list.ok_or_else(|| Failed::from(format!("deny.toml has no list {section}.{key}")))
        };
        let text = |value: &toml::Value| value.as_str().or_else(|| value.get("crate")?.as_str()).map(str::to_owned);
        let all = |section: &str, key: &str| Ok::<_, Failed>(list(section, key)?.iter().filter_map(text).collect());
        Ok(Self {
            licences: all("licenses", "allow")?,
            banned: all("bans", "deny")?,
            registries: all("sources", "allow-registry")?,
        })
    }

    /// What is wrong with one package of `cargo metadata`.
    fn against(&self, package: &Json) -> Vec<String> {
        let text = |key: &str| package.get(key).and_then(Json::as_str);
        let name = text("name").unwrap_or_default();
        let mut wrong = Vec::new();
        if self.banned.contains(name) {
            wrong.push(format!("{name} is banned"));
        }
        // The project itself comes from no registry.
        let source = text("source").map(|source| source.strip_prefix("registry+").unwrap_or(source));
        if let Some(source) = source.filter(|source| !self.registries.contains(*source)) {
            wrong.push(format!("{name} comes from {source}"));
        }
        match text("license") {
            None => wrong.push(format!("{name} names no licence")),
            Some(licence) if !self.allows(licence) => wrong.push(format!("{name} is under {licence}")),
            Some(_) => {}
        }
        wrong
    }

    /// Whether an SPDX expression can be met with the licences allowed. A slash is the old way to write OR.
    fn allows(&self, expression: &str) -> bool {
        let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let mut rest = words.as_slice();
        let met = self.any(&mut rest);
        met && rest.is_empty()
    }

    /// Terms joined by OR, which binds weaker than AND. Both sides are always read, so that the rest is what follows.
    fn any(&self, rest: &mut &[&str]) -> bool {
        let mut met = self.every(rest);
        while let Some(("OR", after)) = rest.split_first().map(|(word, after)| (*word, after)) {
            *rest = after;
            met |= self.every(rest);
        }
        met
    }

    fn every(&self, rest: &mut &[&str]) -> bool {
        let mut met = self.one(rest);
        while let Some(("AND", after)) = rest.split_first().map(|(word, after)| (*word, after)) {
            *rest = after;
            met &= self.one(rest);
        }
        met
    }

    fn one(&self, rest: &mut &[&str]) -> bool {
        match **rest {
            ["(", ref inner @ ..] => {
                *rest = inner;
                let met = self.any(rest);
                let closed = rest.first() == Some(&")");
                *rest = rest.get(1..).unwrap_or_default();
                met && closed
            }
            [licence, "WITH", exception, ref after @ ..] => {
                *rest = after;
                self.licences.contains(&format!("{licence} WITH {exception}"))
            }
            [licence, ref after @ ..] => {
                *rest = after;
                self.licences.contains(licence)
            }
            [] => false,
        }
    }
}

fn dependencies() -> Outcome {
    let policy = Policy::read(&std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/deny.toml"))?)?;
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1", "--locked"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = cargo.output()?;
    if !output.status.success() {
        return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let metadata: Json = serde_json::from_slice(&output.stdout)?;
    let packages = metadata.get("packages").and_then(Json::as_array).ok_or("no packages")?;
    assert!(packages.len() > 100, "{} packages are not all there are", packages.len());
    let wrong: Vec<String> = packages.iter().flat_map(|package| policy.against(package)).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn expressions() -> Outcome {
    let licences = ["MIT", "ISC", "Zlib", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).into();
    let policy = Policy { licences, banned: ["a".to_owned()].into(), registries: [CRATES_IO.to_owned()].into() };
    for met in [
        "MIT",
        "MIT OR GPL-3.0",
        "GPL-3.0/MIT",
        "MIT AND ISC",
        "(GPL-3.0 OR MIT) AND ISC",
        "GPL-3.0 AND MIT OR Zlib",
        "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
    ] {
        assert!(policy.allows(met), "{met}");
    }
    for unmet in ["", "GPL-3.0", "MIT AND GPL-3.0", "Zlib AND (GPL-3.0 OR Apache-2.0)", "(MIT", "MIT ISC", "MIT)"] {
        assert!(!policy.allows(unmet), "{unmet}");
    }
    let package = serde_json::json!({"name": "a", "license": null, "source": "git+https://example.com/a"});
    assert_eq!(
        policy.against(&package),
        ["a is banned", "a comes from git+https://example.com/a", "a names no licence"]
    );
    let package = serde_json::json!({"name": "b", "license": "MIT", "source": format!("registry+{CRATES_IO}")});
    assert!(policy.against(&package).is_empty());
    Ok(())
}

/// All tests of this module.
pub fn tests() -> Vec<Trial> {
    vec![Trial::test("licences::dependencies", dependencies), Trial::test("licences::expressions", expressions)]
}
