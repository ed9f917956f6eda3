//! The grids that the latency histograms can stand on: our own, and those of serving engines, so that a server's own
//! histogram and what its client saw of it have the same edges and can be subtracted.
//!
//! The engines' edges are read off their sources: vLLM `vllm/v1/metrics/loggers.py` (0.11 and later), SGLang
//! `python/sglang/srt/metrics/collector.py` (their defaults of 0.5), text-generation-inference `router/src/server.rs`
//! (3.3.7). Those of OpenTelemetry are in `docs/gen-ai/gen-ai-metrics.md` of its semantic conventions.

use super::buckets::Grid;

const MS: u64 = 1_000_000;
const S: u64 = 1_000_000_000;

/// Which grid each configurable histogram stands on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grids {
    /// Time to first token, probes' too.
    pub first_token: &'static Grid,
    /// Gaps between token-bearing events.
    pub inter_token: &'static Grid,
    /// Time per output token.
    pub per_output_token: &'static Grid,
    /// Whole answers.
    pub duration: &'static Grid,
}

impl Default for Grids {
    fn default() -> Self {
        DEFAULT
    }
}

const DEFAULT: Grids = Grids {
    first_token: &Grid::SECONDS,
    inter_token: &Grid::TOKENS,
    per_output_token: &Grid::TOKENS,
    duration: &Grid::SECONDS,
};

const VLLM: Grids = Grids {
    first_token: &Grid::whole(
        "vllm-ttft",
        &[
            MS,
            5 * MS,
            10 * MS,
            20 * MS,
            40 * MS,
            60 * MS,
            80 * MS,
            100 * MS,
            250 * MS,
            500 * MS,
            750 * MS,
            S,
            2500 * MS,
            5 * S,
            7500 * MS,
            10 * S,
            20 * S,
            40 * S,
            80 * S,
            160 * S,
            640 * S,
            2560 * S,
        ],
    ),
    inter_token: &VLLM_TOKENS,
    per_output_token: &VLLM_TOKENS,
    duration: &Grid::whole(
        "vllm-e2e",
        &[
            300 * MS,
            500 * MS,
            800 * MS,
            S,
            1500 * MS,
            2 * S,
            2500 * MS,
            5 * S,
            10 * S,
            15 * S,
            20 * S,
            30 * S,
            40 * S,
            50 * S,
            60 * S,
            120 * S,
            240 * S,
            480 * S,
            960 * S,
            1920 * S,
            7680 * S,
        ],
    ),
};

const VLLM_TOKENS: Grid = Grid::whole(
    "vllm-tokens",
    &[
        10 * MS,
        25 * MS,
        50 * MS,
        75 * MS,
        100 * MS,
        150 * MS,
        200 * MS,
        300 * MS,
        400 * MS,
        500 * MS,
        750 * MS,
        S,
        2500 * MS,
        5 * S,
        7500 * MS,
        10 * S,
        20 * S,
        40 * S,
        80 * S,
    ],
);

const SGLANG: Grids = Grids {
    first_token: &Grid::whole(
        "sglang-ttft",
        &[
            100 * MS,
            200 * MS,
            400 * MS,
            600 * MS,
            800 * MS,
            S,
            2 * S,
            4 * S,
            6 * S,
            8 * S,
            10 * S,
            20 * S,
            40 * S,
            60 * S,
            80 * S,
            100 * S,
            200 * S,
            400 * S,
        ],
    ),
    inter_token: &SGLANG_TOKENS,
    per_output_token: &SGLANG_TOKENS,
    duration: &Grid::whole(
        "sglang-e2e",
        &[
            100 * MS,
            200 * MS,
            400 * MS,
            600 * MS,
            800 * MS,
            S,
            2 * S,
            4 * S,
            6 * S,
            8 * S,
            10 * S,
            20 * S,
            40 * S,
            60 * S,
            80 * S,
            100 * S,
            200 * S,
            400 * S,
            600 * S,
            1200 * S,
            1800 * S,
            2400 * S,
        ],
    ),
};

const SGLANG_TOKENS: Grid = Grid::whole(
    "sglang-tokens",
    &[
        2 * MS,
        4 * MS,
        6 * MS,
        8 * MS,
        10 * MS,
        15 * MS,
        20 * MS,
        25 * MS,
        30 * MS,
        35 * MS,
        40 * MS,
        60 * MS,
        80 * MS,
        100 * MS,
        200 * MS,
        400 * MS,
        600 * MS,
        800 * MS,
        S,
        2 * S,
        4 * S,
        6 * S,
        8 * S,
    ],
);

/// One grid for every duration of TGI: 35 edges, each the one before it times 1.5, from 0.1 ms × 1.5. They are the
/// floating-point numbers that its own multiplication gives, since that is how its labels are written.
const TGI: Grids =
    Grids { first_token: &TGI_GRID, inter_token: &TGI_GRID, per_output_token: &TGI_GRID, duration: &TGI_GRID };

const TGI_GRID: Grid = Grid { name: "tgi", nanos: &tgi_nanos(&TGI_SECONDS), seconds: Some(&TGI_SECONDS) };

const TGI_SECONDS: [f64; 35] = tgi_seconds();

const fn tgi_seconds() -> [f64; 35] {
    let (mut edges, mut value, mut at) = ([0.0; 35], 0.0001, 0);
    while at < edges.len() {
        value *= 1.5;
        edges[at] = value;
        at += 1;
    }
    edges
}

/// The whole nanoseconds at or below each edge: a whole number of nanoseconds is below the one where it is below the other.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds below 146")]
const fn tgi_nanos(seconds: &[f64; 35]) -> [u64; 35] {
    let (mut edges, mut at) = ([0; 35], 0);
    while at < edges.len() {
        edges[at] = (seconds[at] * 1e9) as u64;
        at += 1;
    }
    edges
}

/// The edges that OpenTelemetry's GenAI conventions (1.41.1) want for every duration that a client sees.
const OTEL_EDGES: [u64; 14] = {
    let (mut edges, mut edge, mut at) = ([0; 14], 10 * MS, 0);
    while at < edges.len() {
        edges[at] = edge;
        edge *= 2;
        at += 1;
    }
    edges
};

const OTEL_GRID: Grid = Grid::whole("otel", &OTEL_EDGES);

/// … and for the time per output token, which only their servers tell.
const OTEL_TOKENS: Grid = Grid::whole(
    "otel-tokens",
    &[
        10 * MS,
        25 * MS,
        50 * MS,
        75 * MS,
        100 * MS,
        150 * MS,
        200 * MS,
        300 * MS,
        400 * MS,
        500 * MS,
        750 * MS,
        S,
        2500 * MS,
    ],
);

const OTEL: Grids =
    Grids { first_token: &OTEL_GRID, inter_token: &OTEL_GRID, per_output_token: &OTEL_TOKENS, duration: &OTEL_GRID };

impl Grids {
    /// Every set of grids by its name in the configuration.
    pub const KINDS: &[(&'static str, Self)] =
        &[("default", DEFAULT), ("vllm", VLLM), ("sglang", SGLANG), ("tgi", TGI), ("otel", OTEL)];

    /// In the order of the fields.
    pub(super) const fn all(self) -> [&'static Grid; 4] {
        let Self { first_token, inter_token, per_output_token, duration } = self;
        [first_token, inter_token, per_output_token, duration]
    }

    /// Their names, for a checkpoint.
    pub(super) fn names(self) -> Vec<String> {
        self.all().map(|grid| grid.name.to_owned()).to_vec()
    }

    /// Finds them again; the default where there is no such name (any more).
    pub(super) fn named(names: &[String]) -> Self {
        let find = |at: usize, default: &'static Grid| {
            let found = names.get(at).and_then(|name| {
                let mut all = Self::KINDS.iter().filter_map(|(_, grids)| grids.all().get(at).copied());
                all.find(|grid| grid.name == name)
            });
            found.unwrap_or(default)
        };
        let Self { first_token, inter_token, per_output_token, duration } = DEFAULT;
        Self {
            first_token: find(0, first_token),
            inter_token: find(1, inter_token),
            per_output_token: find(2, per_output_token),
            duration: find(3, duration),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_grid_grows_and_is_found_again_by_its_name() {
        for (name, grids) in Grids::KINDS {
            for grid in grids.all() {
                assert!(grid.nanos.is_sorted_by(|a, b| a < b), "{name} {}", grid.name);
                assert!(grid.edges().is_sorted_by(|a, b| a < b), "{name} {}", grid.name);
            }
            assert_eq!(Grids::named(&grids.names()), *grids, "{name}");
        }
        assert_eq!(Grids::named(&["vllm-ttft".into(), "of another version".into()]).inter_token.name, "tokens");
    }

    #[test]
    fn a_name_stands_for_one_grid() {
        let all = || Grids::KINDS.iter().flat_map(|(_, grids)| grids.all());
        for (one, other) in all().flat_map(|one| all().map(move |other| (one, other))) {
            assert_eq!(one.name == other.name, one == other, "{} {}", one.name, other.name);
        }
    }

    #[test]
    fn edges_of_tgi_are_the_numbers_that_its_own_loop_gives() {
        let edges: Vec<String> = TGI_GRID.edges().map(|edge| edge.to_string()).collect();
        assert_eq!((edges.len(), edges[0].as_str()), (35, "0.00015000000000000001"));
        assert_eq!((edges[5].as_str(), edges[34].as_str()), ("0.0011390624999999999", "145.61096060497135"));
        assert_eq!(TGI_GRID.nanos.last(), Some(&145_610_960_604));
    }
}
