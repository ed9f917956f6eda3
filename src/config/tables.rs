//! Tables below a table: by name, by place in a list, by the kind that their key chooses; and words out of a closed set.

use super::value::found;
use super::{Section, suggest};
use toml::de::DeValue;

impl<'a> Section<'a> {
    /// A sub-table.
    pub fn section(&self, key: &'static str) -> Option<Section<'a>> {
        self.below(self.raw(key)?, self.field(key), key, key)
    }

    /// A required sub-table.
    pub fn need_section(&self, key: &'static str, what: &str) -> Option<Section<'a>> {
        if self.raw(key).is_none() {
            self.missing(key, what);
        }
        self.section(key)
    }

    /// The named tables under a key, such as all `[target.*]`, in the order of their place in the file.
    pub fn named(&self, key: &'static str) -> Vec<Section<'a>> {
        let Some(all) = self.section(key) else { return Vec::new() };
        let mut entries: Vec<_> = all.table.iter().collect();
        entries.sort_by_key(|(k, _)| k.span().start);
        entries.into_iter().filter_map(|(k, v)| all.below(v, all.field(k.get_ref()), k.get_ref(), "NAME")).collect()
    }

    /// The tables of an array, such as all `[[run]]`; the first is `run[1]`.
    pub fn list(&self, key: &'static str) -> Vec<Section<'a>> {
        let Some(value) = self.raw(key) else { return Vec::new() };
        let field = self.field(key);
        let DeValue::Array(array) = value.get_ref() else {
            let message = format!("expected an array of tables, found {}", found(value.get_ref()));
            self.problem(key, message, Some(format!("write the header in two brackets: [[{field}]]")));
            return Vec::new();
        };
        let step = format!("{key}[]");
        array
            .iter()
            .enumerate()
            .filter_map(|(i, v)| self.below(v, format!("{field}[{}]", i + 1), &(i + 1).to_string(), &step))
            .collect()
    }

    /// The single entry of a table whose key chooses a kind, such as `price.tokens` or `price.rented`:
    /// the kind out of `kinds`, and its section. More than one entry, or an unknown one, is a problem.
    pub fn one_of<K: Copy>(&self, kinds: &[(&'static str, K)]) -> Option<(K, Section<'a>)> {
        let names: Vec<&'static str> = kinds.iter().map(|(n, _)| *n).collect();
        let expected = names.join(" or ");
        let mut there = kinds.iter().filter(|(name, _)| self.has(name));
        match (there.next(), there.next()) {
            (Some((name, kind)), None) => Some((*kind, self.section(name)?)),
            (Some((first, _)), Some((second, _))) => {
                let message = format!("expected one of {expected}, found both {first} and {second}");
                self.problem_here(message, None);
                None
            }
            (None, _) => {
                let near = names
                    .iter()
                    .find_map(|name| Some((suggest(name, self.table.keys().map(|k| k.get_ref().as_ref()))?, name)));
                let hint = near.map(|(there, name)| format!("`{there}` is there: did you mean `{name}`?"));
                self.problem_here(format!("expected one of {expected}"), hint);
                None
            }
        }
    }

    /// A field whose text is one of a closed set of words.
    pub fn choice<K: Copy>(&self, key: &'static str, kinds: &[(&'static str, K)]) -> Option<K> {
        let names: Vec<&str> = kinds.iter().map(|(n, _)| *n).collect();
        let expected = format!("expected one of {}", names.join(", "));
        if self.raw(key).is_none() {
            self.missing(key, &expected);
        }
        let word: String = self.get(key)?;
        if let Some((_, kind)) = kinds.iter().find(|(n, _)| *n == word) {
            return Some(*kind);
        }
        let hint = suggest(&word, names.iter().copied()).map(|near| format!("did you mean \"{near}\"?"));
        self.problem(key, format!("{expected}, found {word:?}"), hint);
        None
    }
}
