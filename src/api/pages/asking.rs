//! What the query of an address says, checked: each value once, of the form that is expected, and not endless.

/// Longest value, in characters.
const LONGEST: usize = 200;

/// Why a query can't be taken, in words that follow "The address can't be taken: ".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::api) struct Wrong(pub(in crate::api) String);

/// The pairs of a query. Names that a page does not know do not matter.
pub(in crate::api) struct Asking(Vec<(String, String)>);

impl Asking {
    /// Takes a query apart.
    pub(in crate::api) fn of(query: Option<&str>) -> Self {
        let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        Self(pairs.map(|(key, value)| (key.into_owned(), value.into_owned())).collect())
    }

    /// A value; an empty one, as forms send it, is none.
    pub(in crate::api) fn text(&self, key: &str) -> Result<Option<String>, Wrong> {
        let mut found =
            self.0.iter().filter(|(other, value)| other == key && !value.is_empty()).map(|(_, value)| value);
        let value = found.next();
        if found.next().is_some() {
            return Err(Wrong(format!("`{key}` is given twice")));
        }
        match value {
            Some(value) if value.chars().count() > LONGEST => {
                Err(Wrong(format!("`{key}` has more than {LONGEST} characters")))
            }
            Some(value) if value.contains('\u{fffd}') => Err(Wrong(format!("`{key}` is not text in UTF-8"))),
            value => Ok(value.cloned()),
        }
    }

    /// One of some words.
    pub(in crate::api) fn choice<T: Copy>(&self, key: &str, words: &[(T, &str)]) -> Result<Option<T>, Wrong> {
        let Some(value) = self.text(key)? else { return Ok(None) };
        let found = words.iter().find(|(_, word)| *word == value).map(|(choice, _)| *choice);
        let all = || words.iter().map(|(_, word)| *word).collect::<Vec<_>>().join(", ");
        found.map(Some).ok_or_else(|| Wrong(format!("`{key}` is expected to be one of: {}", all())))
    }

    /// A position in the store.
    pub(in crate::api) fn position(&self, key: &str) -> Result<Option<i64>, Wrong> {
        let Some(value) = self.text(key)? else { return Ok(None) };
        let position = value.parse::<i64>().ok().filter(|position| *position >= 0);
        position.map(Some).ok_or_else(|| Wrong(format!("`{key}` is expected to be a sample's number")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_taken_apart_and_checked() {
        let asking = Asking::of(Some("a=x%20y&b=&c=1&c=2&d=12&e=-1&f=%ff&g=two&h=%3Cscript%3E"));
        assert_eq!(asking.text("a"), Ok(Some("x y".to_owned())));
        assert_eq!((asking.text("b"), asking.text("none")), (Ok(None), Ok(None)));
        assert_eq!(asking.text("c"), Err(Wrong("`c` is given twice".to_owned())));
        assert_eq!(asking.position("d"), Ok(Some(12)));
        for wrong in ["a", "e", "g"] {
            assert!(asking.position(wrong).is_err(), "{wrong}");
        }
        assert_eq!(asking.text("f"), Err(Wrong("`f` is not text in UTF-8".to_owned())));
        assert_eq!(asking.choice("g", &[(1, "one"), (2, "two")]), Ok(Some(2)));
        assert_eq!(asking.choice("h", &[(1, "one")]), Err(Wrong("`h` is expected to be one of: one".to_owned())));
        assert!(Asking::of(Some(&format!("a={}", "x".repeat(201)))).text("a").is_err());
        assert_eq!(Asking::of(None).text("a"), Ok(None));
    }
}
