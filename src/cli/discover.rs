//! `assayd discover`: finds what is served, and writes a configuration that asks it.

mod place;
mod write;

use super::service::block_on;
use super::{Exit, complain, put, say};
use crate::config::{self, Source};
use crate::mock::read_span;
use crate::provider::discover::{Found, PORTS, look};
use crate::provider::wire::Endpoint;
use anyhow::Context as _;
use clap::Args;
use place::{Place, places};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use write::{At, quoted};

/// Places that are looked at at the same time.
const AT_ONCE: usize = 64;

/// Find what is served, and write a configuration that asks it.
///
/// Only lists and versions are asked for; no model answers anything, and nothing is paid.
#[derive(Args)]
pub(super) struct Discover {
    /// Where to look: a host (at the default ports), a host:port or a URL [default: this host]
    #[arg(value_name = "PLACE")]
    places: Vec<String>,
    /// Write the configuration here instead of to standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrite that file if it is there
    #[arg(long, requires = "output")]
    force: bool,
    /// Environment variable that holds a key, sent to servers that want one and to no others
    #[arg(long, value_name = "VARIABLE")]
    key_env: Option<String>,
    /// How long one question may take
    #[arg(long, value_name = "TIME", value_parser = read_span, default_value = "2s")]
    timeout: Duration,
}

impl Discover {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let Self { places: words, output, force, key_env, timeout } = self;
        let wrong = |problem: &str| {
            complain(problem);
            Ok(Exit::BadConfig)
        };
        if !(Duration::from_millis(1)..=Duration::from_secs(600)).contains(&timeout) {
            return wrong("--timeout: expected from 1ms to 10min");
        }
        // Before anything is asked: nobody waits for a file that can't be written.
        if let Some(path) = output.as_deref().filter(|path| !force && path.symlink_metadata().is_ok()) {
            return wrong(&format!("{}: is there already; --force overwrites it", path.display()));
        }
        let built = places(&words).and_then(|places| {
            places
                .into_iter()
                .map(|place| Looked::at(place, key_env.as_deref(), timeout))
                .collect::<Result<Vec<_>, _>>()
        });
        let places = match built {
            Ok(places) => places,
            Err(problem) => return wrong(&problem),
        };
        let found = block_on(look_at_all(places))?;
        tell(&found, words.is_empty(), key_env.as_deref());
        let servers: Vec<At<'_>> = found
            .iter()
            .filter_map(|(Place(url), found)| match found {
                Found::Server(served) if served.models.iter().any(|m| m.other_use.is_none()) => {
                    Some(At { url, served })
                }
                Found::Server(_) | Found::WantsKey { .. } | Found::Nothing(_) => None,
            })
            .collect();
        if servers.is_empty() {
            complain("no model was found that could be asked; no configuration was written");
            return Ok(Exit::Failed);
        }
        let text = write::config(&servers, key_env.as_deref());
        match &output {
            None => put(&text)?,
            Some(path) => {
                save(path, &text, force).with_context(|| path.display().to_string())?;
                let path = path.display();
                say(&format!("\n{path} is written. Next:\n  assayd check -c {path}\n  assayd run -c {path}"));
            }
        }
        Ok(Exit::Done)
    }
}

/// Writes a file, over another only with `force`.
fn save(path: &Path, text: &str, force: bool) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    if !force {
        // Also when somebody has made it in the meantime.
        options.create_new(true);
    }
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// A place about to be looked at, without and with the key.
struct Looked {
    place: Place,
    open: Endpoint,
    keyed: Option<Endpoint>,
}

impl Looked {
    /// Reaches it as a target would be reached: through the same proxy, with the same TLS.
    fn at(place: Place, key_env: Option<&str>, timeout: Duration) -> Result<Self, String> {
        let endpoint = |key: &str| {
            let limit = format!("{}ns", timeout.as_nanos());
            let limits = ["connect", "first_token", "idle", "total"].map(|what| format!("{what} = \"{limit}\""));
            let text = format!("url = {}\n{key}timeouts = {{ {} }}\n", quoted(&place.0), limits.join(", "));
            config::read(&Source::inline("", &text), Endpoint::build).map_err(|problems| {
                let told = problems.into_iter().map(|p| {
                    let hint = p.hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
                    format!("{}: {}: {}{hint}", place.0, p.field, p.message)
                });
                told.collect::<Vec<_>>().join("\n")
            })
        };
        let open = endpoint("")?;
        let keyed = key_env.map(|name| endpoint(&format!("key = {{ env = {} }}\n", quoted(name)))).transpose()?;
        Ok(Self { place, open, keyed })
    }
}

/// Looks everywhere at the same time; gives what was found in the order of the places.
async fn look_at_all(places: Vec<Looked>) -> Vec<(Place, Found)> {
    let (room, mut looking) = (Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new());
    for (order, Looked { place, open, keyed }) in places.into_iter().enumerate() {
        let room = Arc::clone(&room);
        looking.spawn(async move {
            let _held = room.acquire_owned().await;
            let found = look(&open, keyed.as_ref()).await;
            (order, place, found)
        });
    }
    let mut all = looking.join_all().await;
    all.sort_by_key(|(order, ..)| *order);
    all.into_iter().map(|(_, place, found)| (place, found)).collect()
}

/// Tells what was found where; what was not, in one line for each reason.
fn tell(found: &[(Place, Found)], this_host: bool, key_env: Option<&str>) {
    let mut rows = vec![["place", "server", "model", "context", ""].map(str::to_owned)];
    let mut silent: Vec<(&str, Vec<&str>)> = Vec::new();
    for (Place(url), found) in found {
        match found {
            Found::Server(served) => {
                let version = served.version.as_deref().map(|v| format!(" {}", plain(v))).unwrap_or_default();
                let server = format!("{}{version}", served.software);
                for model in &served.models {
                    let context = match (model.context, model.trained_context) {
                        (Some(tokens), _) => tokens.to_string(),
                        (None, Some(tokens)) => format!("up to {tokens}"),
                        (None, None) => "-".into(),
                    };
                    let other =
                        model.other_use.as_deref().map(|u| format!("left out: {}", plain(u))).unwrap_or_default();
                    rows.push([url.clone(), server.clone(), plain(&model.id), context, other]);
                }
            }
            Found::WantsKey { software, refused } => {
                let told = match (refused, key_env) {
                    (true, Some(name)) => format!("refuses the key in ${name}"),
                    _ => "wants a key: name its variable with --key-env".into(),
                };
                rows.push([url.clone(), (*software).to_owned(), "?".into(), "-".into(), told]);
            }
            Found::Nothing(why) => match silent.iter_mut().find(|(reason, _)| reason == why) {
                Some((_, places)) => places.push(url),
                None => silent.push((why, vec![url])),
            },
        }
    }
    let mut text = if rows.len() > 1 { table(&rows) } else { String::new() };
    for (why, places) in &silent {
        let _ = writeln!(text, "tried {}: {}", places.join(" "), plain(why));
    }
    if this_host {
        let ports: Vec<String> = PORTS.iter().map(|(port, who)| format!("{port} ({who})")).collect();
        let _ = writeln!(text, "these are the default ports: {}; name other places as arguments", ports.join(", "));
    }
    say(text.trim_end());
}

fn table(rows: &[[String; 5]]) -> String {
    let width = |column: usize| rows.iter().filter_map(|r| r.get(column)).map(|c| c.chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for row in rows {
        let cells = row.iter().enumerate().map(|(column, cell)| format!("{cell:<width$}", width = width(column)));
        let _ = writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
    out
}

/// A server's words for a terminal or a comment: one line, nothing that moves the cursor or turns the text around.
fn plain(text: &str) -> String {
    const MOST: usize = 200;
    let odd = |c: char| c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    text.chars().take(MOST).map(|c| if odd(c) { '\u{fffd}' } else { c }).collect()
}
