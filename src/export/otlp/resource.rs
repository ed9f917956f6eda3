//! Which process this is, to those who get metrics from many.

use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// The resource's attributes: our own, and those of the configuration, which take the place of ours of the same name.
///
/// The instance is named by its machine and its store: counters go on after a restart, and so must their series. A store in
/// memory ends with its process, and so does the name.
#[must_use]
pub fn resource(store: &str, host: &str, declared: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let store = match store {
        "sqlite::memory:" => format!("{store} {} {}", std::process::id(), jiff::Timestamp::now()),
        // Two stores of the same name in two folders are two instances.
        url => match url.strip_prefix("sqlite://").and_then(|path| std::path::absolute(path).ok()) {
            Some(path) => path.display().to_string(),
            None => url.to_owned(),
        },
    };
    let mut all = BTreeMap::from([
        ("service.name".to_owned(), "assayd".to_owned()),
        ("service.version".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("service.instance.id".to_owned(), uuid(&[host, &store])),
    ]);
    all.extend(declared.iter().map(|(name, value)| (name.clone(), value.clone())));
    all
}

/// A UUID out of texts: version 8 of RFC 9562, whose bits are ours to choose, here the beginning of a SHA-256.
fn uuid(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let first = hash.finalize().iter().take(16).fold(0, |number: u128, byte| number << 8 | u128::from(*byte));
    let bits = first & !(0xf << 76) & !(0b11 << 62) | 8 << 76 | 0b10 << 62;
    let hex = format!("{bits:032x}");
    let groups = [0..8, 8..12, 12..16, 16..20, 20..32].map(|group| hex.get(group).unwrap_or_default());
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_its_machine_and_its_store() {
        let instance = |store: &str, host: &str| resource(store, host, &BTreeMap::new())["service.instance.id"].clone();
        let one = instance("sqlite:///var/a.db", "host");
        assert_eq!(one, instance("sqlite:///var/a.db", "host"), "after a restart");
        assert_ne!(one, instance("sqlite:///var/b.db", "host"));
        let here = std::env::current_dir().unwrap().join("a.db");
        assert_eq!(instance("sqlite://a.db", "host"), instance(&format!("sqlite://{}", here.display()), "host"));
        assert_ne!(one, instance("sqlite:///var/a.db", "other"));
        assert_ne!(instance("sqlite::memory:", "host"), instance("sqlite::memory:", "host"));
        let shape: Vec<usize> = one.split('-').map(str::len).collect();
        assert_eq!(shape, [8, 4, 4, 4, 12], "{one}");
        assert!(one.get(14..15) == Some("8") && "89ab".contains(one.get(19..20).unwrap()), "{one}");
    }

    #[test]
    fn declared_attributes_are_added_and_win() {
        let declared = BTreeMap::from([
            ("deployment.environment.name".to_owned(), "prod".to_owned()),
            ("service.name".to_owned(), "assay-eu".to_owned()),
        ]);
        let all = resource("sqlite:///a.db", "host", &declared);
        assert_eq!((all.len(), all["service.name"].as_str()), (4, "assay-eu"));
    }
}
