//! What is set up beside assayd, as typed data: recording rules and alerts for Prometheus, dashboards for Grafana.
//!
//! Everything is rendered by pure functions out of [`KINDS`]; `assayd provision` writes the files, and the repository keeps
//! them (a test says when they are not current), so that nothing is edited twice.

pub mod alerts;
pub mod dashboards;
pub mod promql;
pub mod rules;
mod yaml;

pub use promql::Scale;

/// A kind of files that are set up.
pub struct Kind {
    /// Its name.
    pub name: &'static str,
    /// The folder that `assayd provision` puts it into.
    pub folder: &'static str,
    /// Where the repository keeps it.
    pub kept: &'static str,
    /// Name and text of each file.
    pub files: fn(Scale) -> Vec<(String, String)>,
}

/// Every kind of files that are set up.
pub const KINDS: &[Kind] = &[
    // One line a kind.
    Kind { name: "rules", folder: "prometheus/rules", kept: "deploy/prometheus/rules", files: rules::files },
    Kind { name: "dashboards", folder: "grafana/dashboards", kept: "dashboards", files: dashboards::files },
];

/// Every file, by its path under the folder that is set up.
#[must_use]
pub fn files(scale: Scale) -> Vec<(String, String)> {
    under(scale, |kind| kind.folder)
}

/// Every file as the repository keeps it, by its path from the root.
#[must_use]
pub fn kept() -> Vec<(String, String)> {
    under(Scale::ONE, |kind| kind.kept)
}

fn under(scale: Scale, folder: fn(&Kind) -> &'static str) -> Vec<(String, String)> {
    let of = |kind: &Kind| {
        let folder = folder(kind);
        (kind.files)(scale).into_iter().map(move |(name, text)| (format!("{folder}/{name}"), text))
    };
    KINDS.iter().flat_map(of).collect()
}
