//! Secrets by reference: a configuration names an environment variable or a file, never the secret itself.

use super::value::{Expected, Value, Wrong, wrong};
use secrecy::SecretString;
use std::path::PathBuf;
use toml::Spanned;
use toml::de::DeValue;

/// Where a secret comes from: never the configuration itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secret {
    /// An environment variable.
    Env(String),
    /// A file (its trailing line break is dropped).
    File(PathBuf),
}

impl Value for Secret {
    fn expected() -> String {
        "{ env = \"NAME\" } or { file = \"PATH\" }".into()
    }
    fn read_placed(value: &Spanned<DeValue<'_>>) -> Result<Self, Vec<Wrong>> {
        // What is there may be the secret itself: it is not repeated.
        let found = match value.get_ref() {
            DeValue::Table(_) => "another table",
            DeValue::String(_) => "a text",
            _ => "something else",
        };
        Self::read(value.get_ref()).map_err(|why| vec![Wrong { span: value.span(), found: found.into(), why }])
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let table = match value {
            DeValue::Table(table) => table,
            DeValue::String(_) => {
                return Err(wrong::<Self>(Some(
                    "a secret does not belong in a configuration: name where it is kept".into(),
                )));
            }
            _ => return Err(wrong::<Self>(None)),
        };
        let mut entries = table.iter();
        match (entries.next(), entries.next()) {
            (Some((key, v)), None) => match (key.get_ref().as_ref(), v.get_ref()) {
                ("env", DeValue::String(name)) if !name.is_empty() => Ok(Self::Env(name.to_string())),
                ("file", DeValue::String(path)) if !path.is_empty() => Ok(Self::File(PathBuf::from(path.as_ref()))),
                _ => Err(wrong::<Self>(None)),
            },
            _ => Err(wrong::<Self>(None)),
        }
    }
}

impl Secret {
    /// Fetches the secret; relative files start at `folder`.
    ///
    /// # Errors
    /// In words, naming the place and never the content.
    pub fn fetch(&self, folder: &std::path::Path) -> Result<SecretString, String> {
        let text = match self {
            Self::Env(name) => {
                std::env::var(name).map_err(|_| format!("the environment variable {name} is not set"))?
            }
            Self::File(path) => {
                let path = folder.join(path);
                std::fs::read_to_string(&path).map_err(|e| format!("{} can't be read: {e}", path.display()))?
            }
        };
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() { Err("the secret is empty".into()) } else { Ok(SecretString::from(text.to_owned())) }
    }
}
