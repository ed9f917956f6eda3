//! Where Azure has OpenAI's protocols: another header for the key, and in the classic form a path that names the
//! deployment and a query that names the version.
//!
//! The v1 form (`url = "https://NAME.openai.azure.com/openai/v1"`, `azure = {}`) is OpenAI's own but for the header. The
//! classic form (`url = "https://NAME.openai.azure.com"`, `azure = { api_version = "2024-10-21" }`) is asked at
//! `/openai/deployments/DEPLOYMENT/…?api-version=…`; a `url` that goes as far as the deployment is taken as it is.

use crate::config::Section;
use crate::provider::{Common, KeyHeader};
use url::Url;

/// Path and key header of one protocol at one endpoint.
pub(super) struct Place {
    pub(super) path: String,
    pub(super) key: KeyHeader,
}

impl Place {
    /// The place of a protocol whose own path is `path`. `by_deployment` says whether the classic form has the
    /// deployment in the path. None after a problem was noted.
    pub(super) fn build(section: &Section<'_>, common: &Common, path: &str, by_deployment: bool) -> Option<Self> {
        if !section.has("azure") {
            return Some(Self { path: path.into(), key: KeyHeader::Bearer });
        }
        let azure = section.section("azure")?;
        let given = azure.has("deployment");
        let deployment: Option<String> = azure.or("deployment", common.model.clone());
        let version: Option<String> = if azure.has("api_version") { Some(azure.get("api_version")?) } else { None };
        let base: Option<String> =
            section.get("url").and_then(|url: String| Some(Url::parse(&url).ok()?.path().to_owned()));
        let base = base.unwrap_or_default();
        let base = base.trim_end_matches('/');
        let good = [deployment.as_deref(), version.as_deref()].into_iter().flatten().all(is_plain);
        if !good {
            azure.problem_here("expected letters, digits, '.', '_' and '-' only", None);
        }
        if version.is_none() && given {
            let hint = "the v1 form names the deployment by the target's `model`; the classic form needs `api_version`";
            azure.problem("deployment", "has no use without `api_version`", Some(hint.into()));
        }
        azure.finish();
        if !good || (version.is_none() && given) {
            return None;
        }
        let deployment = deployment?;
        let stem = match (&version, base) {
            (None, "" | "/openai") => if base.is_empty() { "/openai/v1" } else { "/v1" }.to_owned(),
            (Some(_), "" | "/openai") => {
                let root = if base.is_empty() { "/openai" } else { "" };
                if by_deployment { format!("{root}/deployments/{deployment}") } else { root.to_owned() }
            }
            _ => String::new(),
        };
        let query = version.map(|v| format!("?api-version={v}")).unwrap_or_default();
        Some(Self { path: format!("{stem}{path}{query}"), key: KeyHeader::Named("api-key") })
    }
}

/// Whether a text can stand in a path and a query as it is.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Source, read};

    fn place(config: &str, path: &str, by_deployment: bool) -> Result<(String, KeyHeader), String> {
        let common = Common { model: "gpt-x".into(), ..Common::default() };
        let built = read(&Source::inline("t", config), |s| {
            let _ = s.has("url");
            Place::build(s, &common, path, by_deployment)
        });
        let built = built.map_err(|problems| problems.iter().map(ToString::to_string).collect::<String>());
        built.map(|place| (place.path, place.key))
    }

    #[test]
    fn every_form_of_the_address() {
        let host = "https://r.openai.azure.com";
        let versioned = "api_version = '2024-10-21'";
        let chat = "/chat/completions";
        for (base, azure, want) in [
            ("", "", "/openai/v1/chat/completions"),
            ("/openai/", "", "/v1/chat/completions"),
            ("/openai/v1/", "", "/chat/completions"),
            ("/openai/v1", "api_version = 'preview'", "/chat/completions?api-version=preview"),
            ("", versioned, "/openai/deployments/gpt-x/chat/completions?api-version=2024-10-21"),
            ("/openai", versioned, "/deployments/gpt-x/chat/completions?api-version=2024-10-21"),
            ("/openai/deployments/own", versioned, "/chat/completions?api-version=2024-10-21"),
            (
                "",
                "api_version = '2024-10-21', deployment = 'own'",
                "/openai/deployments/own/chat/completions?api-version=2024-10-21",
            ),
        ] {
            let config = format!("url = '{host}{base}'\nazure = {{ {azure} }}");
            assert_eq!(place(&config, chat, true), Ok((want.into(), KeyHeader::Named("api-key"))), "{base} {azure}");
        }
        let config = format!("url = '{host}'\nazure = {{ {versioned} }}");
        let responses = place(&config, "/responses", false).map(|(path, _)| path);
        assert_eq!(responses, Ok("/openai/responses?api-version=2024-10-21".into()), "without a deployment");
        assert_eq!(place("url = 'https://api.example.com/v1'", chat, true), Ok((chat.into(), KeyHeader::Bearer)));
    }

    #[test]
    fn what_can_not_stand_in_an_address_is_a_problem() {
        let said = place("url = 'https://r'\nazure = { api_version = 'a b' }", "/x", true);
        assert_eq!(said, Err("t:2:9: azure: expected letters, digits, '.', '_' and '-' only".into()));
        let said = place("url = 'https://r'\nazure = { deployment = 'd' }", "/x", true).err().unwrap();
        assert!(said.starts_with("t:2:24: azure.deployment: has no use without `api_version`"), "{said}");
        let said = place("url = 'https://r'\nazure = { version = 'd' }", "/x", true).err().unwrap();
        assert!(said.starts_with("t:2:11: azure.version: is not a known field"), "{said}");
    }
}
