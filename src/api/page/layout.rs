//! The shell of every page: its head, the way around, and what the browser may do with it.
//!
//! A page gives its title, which entry of the way around it is under, and what is in it; [`Page::render`] puts head, skip link,
//! navigation, landmarks and footer around that. A page of a new kind is one line in [`WAYS`].

use axum::http::HeaderValue;
use base64::Engine as _;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;

const STYLE: &str = concat!(include_str!("page.css"), include_str!("../arena/arena.css"));

/// Keeps what is marked `data-live` up to date, by `/api/v1/events`. No page needs it to be read.
pub(in crate::api) const LIVE: &str = include_str!("live.js");

/// A balance, in the page itself: no request for it.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Cg fill='none' \
    stroke='%230a5fb4' stroke-width='3' stroke-linecap='round' stroke-linejoin='round'%3E%3Cpath d='M16 4v24M9 28h14M5 9h22M5 9l-4 \
    9h8zM27 9l-4 9h8z'/%3E%3C/g%3E%3C/svg%3E";

/// Every script that a page may hold, one line each: the policy knows them by their hash.
const SCRIPTS: &[&str] = &[LIVE, crate::api::arena::SCRIPT];

/// What a page may do: use its own style sheet and scripts, known by their hashes, ask this server, and nothing else. Pictures
/// are in the page itself: the icon is.
pub(in crate::api) static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash =
        |text: &str| format!("'sha256-{}'", base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text)));
    let scripts: Vec<String> = SCRIPTS.iter().map(|script| hash(script)).collect();
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {}; img-src data:; connect-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'",
        hash(STYLE),
        scripts.join(" ")
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// An entry of the way around.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::api) enum Way {
    Overview,
    Matrix,
    Compare,
    Samples,
    Arena,
}

/// The way around, in its order: one line a page.
const WAYS: &[(Way, &str, &str)] = &[
    (Way::Overview, "/", "Overview"),
    (Way::Matrix, "/matrix", "Matrix"),
    (Way::Compare, "/compare", "Compare"),
    (Way::Samples, "/samples", "Samples"),
    (Way::Arena, "/arena", "Arena"),
];

/// One page.
pub(in crate::api) struct Page<'a> {
    /// Its title and its one `h1`.
    pub title: &'a str,
    /// Where it is in the way around: the page itself, or the one it is below of; none for what is nowhere.
    pub way: Option<Way>,
    /// Whether it is that entry itself, and not a page below it.
    pub is_entry: bool,
    /// Its language, as HTML names it: `en`, or `zh` for a verdict in Chinese.
    pub lang: &'a str,
    /// Its scripts, out of [`SCRIPTS`]; none for most.
    pub scripts: &'a [&'static str],
    /// After how many seconds it is loaded again where scripts are off; none never.
    pub refresh: Option<u32>,
    /// The pages above it: address and word each.
    pub above: &'a [(&'a str, &'a str)],
    /// What is below the title.
    pub body: Markup,
}

impl Default for Page<'_> {
    fn default() -> Self {
        Self {
            title: "",
            way: None,
            is_entry: false,
            lang: "en",
            scripts: &[],
            refresh: None,
            above: &[],
            body: Markup::default(),
        }
    }
}

impl Page<'_> {
    /// The whole document.
    pub(in crate::api) fn render(self) -> String {
        let Self { title, way, is_entry, lang, scripts, refresh, above, body } = self;
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (title) " · assayd" }
                    link rel="icon" href=(ICON);
                    style { (PreEscaped(STYLE)) }
                    @if let Some(seconds) = refresh {
                        noscript { meta http-equiv="refresh" content=(seconds); }
                    }
                }
                body {
                    a.skip href="#main" { "Skip to the content" }
                    header.top {
                        a.brand href="/" { "assayd" }
                        nav aria-label="Pages" { ul {
                            @for (entry, path, word) in WAYS {
                                @let here = (way == Some(*entry)).then_some(if is_entry { "page" } else { "true" });
                                li { a href=(path) aria-current=[here] { (word) } }
                            }
                        } }
                    }
                    main id="main" tabindex="-1" lang=[(lang != "en").then_some(lang)] {
                        @if !above.is_empty() {
                            nav aria-label="Above this page" { ul.crumbs {
                                @for (path, word) in above { li { a href=(path) { (word) } } }
                            } }
                        }
                        h1 { (title) }
                        (body)
                    }
                    @if !scripts.is_empty() { p.unseen id="news" role="status" {} }
                    footer.end {
                        ul {
                            li { a href="/metrics" { "Metrics" } }
                            li { a href="/api/v1/report" { "Report as JSON" } }
                        }
                        p { "assayd " (env!("CARGO_PKG_VERSION")) " · what one correct answer costs" }
                    }
                    @for script in scripts { script { (PreEscaped(script)) } }
                }
            }
        };
        page.into_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(scripts: &[&'static str]) -> String {
        let body = html! { p { "<script>" } };
        Page { title: "A & B", way: Some(Way::Matrix), scripts, refresh: Some(5), body, ..Page::default() }.render()
    }

    #[test]
    fn the_policy_knows_the_style_sheet_and_our_scripts_and_nothing_else() {
        let policy = POLICY.to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"), "{policy}");
        let page = page(&[LIVE]);
        assert!(
            page.contains(&format!("<style>{STYLE}</style>")) && page.contains(&format!("<script>{LIVE}</script>"))
        );
        assert_eq!(page.matches("<script").count(), 1);
        assert!(!page.contains(" style=") && !page.contains(" onclick="));
    }

    #[test]
    fn every_page_has_one_title_landmarks_and_a_way_around() {
        let page = page(&[]);
        for part in [
            "<title>A &amp; B · assayd</title>",
            "<a class=\"skip\" href=\"#main\">",
            "<nav aria-label=\"Pages\">",
            "<main id=\"main\" tabindex=\"-1\">",
            "<a href=\"/matrix\" aria-current=\"true\">Matrix</a>",
            "<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>",
            "<p>&lt;script&gt;</p>",
            "<footer",
        ] {
            assert!(page.contains(part), "{part} is not in {page}");
        }
        assert_eq!((page.matches("<h1>").count(), page.matches("<script").count()), (1, 0));
    }
}
