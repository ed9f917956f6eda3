//! A llama-architecture transformer over bytes, read from GGUF and run on the CPU in plain `f32`.
//!
//! Why not a library: candle (0.11, core and transformers) was measured first. A release build of it alone takes 278
//! CPU-seconds (139 crates), more than four times the 60 that were allowed for it; and this is all that is needed.
//!
//! One layer is: RMS norm, attention with rotated queries and keys, residual; RMS norm, gated feed-forward (SwiGLU),
//! residual. The output matrix is the embedding itself (tied). Sources: Touvron et al. 2023, arXiv 2302.13971
//! (architecture); Su et al. 2021, arXiv 2104.09864 (rotation, here of interleaved pairs); Shazeer 2020,
//! arXiv 2002.05202 (SwiGLU).
//!
//! Speed comes from two habits: a matrix is stored in tiles of sixteen outputs, so that a product is nothing but vector
//! instructions over contiguous memory; and a [`Sequence`] owns its scratch, so that a token allocates nothing but the
//! cache's growth.

use super::gguf::{Gguf, GgufError};
use super::vocabulary::Token;

/// The weights of one model; shared by all sequences.
#[derive(Debug)]
pub struct Model {
    sizes: Sizes,
    embedding: Matrix,
    layers: Vec<Layer>,
    output_norm: Vec<f32>,
    /// Cosine and sine by position and pair, `head / 2` a position.
    rotations: Vec<(f32, f32)>,
}

#[derive(Debug, Clone, Copy)]
struct Sizes {
    /// The most tokens a sequence can hold.
    context: usize,
    /// Numbers that stand for one token between layers.
    width: usize,
    /// Numbers of one attention head; `width` is a multiple of it.
    head: usize,
    /// Numbers inside the feed-forward part.
    hidden: usize,
    /// Added to the mean square before the root.
    epsilon: f32,
}

#[derive(Debug)]
struct Layer {
    attention_norm: Vec<f32>,
    query: Matrix,
    key: Matrix,
    value: Matrix,
    attention_output: Matrix,
    feed_norm: Vec<f32>,
    gate: Matrix,
    up: Matrix,
    down: Matrix,
}

impl Model {
    /// Reads a model out of a GGUF file.
    ///
    /// # Errors
    /// [`GgufError`] when the file is broken, or is not a llama with this vocabulary and ungrouped attention.
    #[expect(clippy::cast_possible_truncation, reason = "hyper-parameters are f32 in the file; positions are small")]
    pub fn read(bytes: &[u8]) -> Result<Self, GgufError> {
        let mut file = Gguf::read(bytes)?;
        let expect = |name: &str, found: usize, expected: usize| {
            if found == expected {
                return Ok(());
            }
            let (name, found, expected) = (name.to_owned(), found.to_string(), expected.to_string());
            Err(GgufError::Unexpected { name, found, expected })
        };
        match file.text("general.architecture")? {
            "llama" => {}
            other => {
                return Err(GgufError::Unexpected {
                    name: "general.architecture".into(),
                    found: other.into(),
                    expected: "llama".into(),
                });
            }
        }
        let (width, heads) = (file.count("llama.embedding_length")?, file.count("llama.attention.head_count")?);
        expect("llama.attention.head_count_kv", file.count("llama.attention.head_count_kv")?, heads)?;
        let head = width / heads;
        expect("llama.embedding_length", width, head * heads)?;
        expect("llama.rope.dimension_count", file.count("llama.rope.dimension_count")?, head)?;
        expect("llama.rope.dimension_count modulo 2", head % 2, 0)?;
        let sizes = Sizes {
            context: file.count("llama.context_length")?,
            width,
            head,
            hidden: file.count("llama.feed_forward_length")?,
            epsilon: file.float("llama.attention.layer_norm_rms_epsilon")? as f32,
        };
        let base = file.float("llama.rope.freq_base")?;
        let rotations = (0..sizes.context)
            .flat_map(|position| (0..head / 2).map(move |pair| (position, pair)))
            .map(|(position, pair)| {
                let angle = position as f64 * base.powf(-2.0 * pair as f64 / head as f64);
                (angle.cos() as f32, angle.sin() as f32)
            })
            .collect();
        let layers = (0..file.count("llama.block_count")?).map(|i| Layer::read(&mut file, i, sizes));
        let layers = layers.collect::<Result<_, _>>()?;
        let embedding = Matrix::read(&mut file, "token_embd", width, Token::COUNT)?;
        let output_norm = file.tensor("output_norm.weight", &[width])?;
        Ok(Self { sizes, embedding, layers, output_norm, rotations })
    }

    /// The most tokens, of prompt and answer together, that a sequence can hold.
    #[must_use]
    pub const fn context(&self) -> usize {
        self.sizes.context
    }

    /// How many weights there are.
    #[must_use]
    pub fn parameters(&self) -> usize {
        let matrices = self.layers.iter().flat_map(Layer::matrices).chain([&self.embedding]);
        let norms = self.layers.iter().flat_map(|l| [&l.attention_norm, &l.feed_norm]).chain([&self.output_norm]);
        matrices.map(|m| m.columns * m.rows).sum::<usize>() + norms.map(Vec::len).sum::<usize>()
    }

    /// Starts with an empty context.
    #[must_use]
    pub fn sequence(&self) -> Sequence<'_> {
        let Sizes { width, head, hidden, .. } = self.sizes;
        let zeros = |n| vec![0.0; n];
        Sequence {
            model: self,
            position: 0,
            caches: self.layers.iter().map(|_| vec![HeadCache::default(); width / head]).collect(),
            stream: zeros(width),
            scratch: Scratch {
                normed: zeros(width),
                query: zeros(width),
                key: zeros(width),
                value: zeros(width),
                mixed: zeros(width),
                gate: zeros(hidden),
                up: zeros(hidden),
                delta: zeros(width),
                scores: Vec::new(),
                logits: zeros(Token::COUNT),
            },
        }
    }
}

impl Layer {
    fn read(file: &mut Gguf, index: usize, sizes: Sizes) -> Result<Self, GgufError> {
        let Sizes { width, hidden, .. } = sizes;
        let name = |part: &str| format!("blk.{index}.{part}");
        let mut square = |part| Matrix::read(file, &name(part), width, width);
        let (query, key, value) = (square("attn_q")?, square("attn_k")?, square("attn_v")?);
        let attention_output = square("attn_output")?;
        Ok(Self {
            attention_norm: file.tensor(&name("attn_norm.weight"), &[width])?,
            query,
            key,
            value,
            attention_output,
            feed_norm: file.tensor(&name("ffn_norm.weight"), &[width])?,
            gate: Matrix::read(file, &name("ffn_gate"), width, hidden)?,
            up: Matrix::read(file, &name("ffn_up"), width, hidden)?,
            down: Matrix::read(file, &name("ffn_down"), hidden, width)?,
        })
    }

    const fn matrices(&self) -> [&Matrix; 7] {
        [&self.query, &self.key, &self.value, &self.attention_output, &self.gate, &self.up, &self.down]
    }
}

/// A text in the making: what was fed so far, as the attention remembers it.
#[derive(Debug)]
pub struct Sequence<'m> {
    model: &'m Model,
    position: usize,
    /// By layer and head.
    caches: Vec<Vec<HeadCache>>,
    /// What stands for the token fed last, as the layers hand it on.
    stream: Vec<f32>,
    scratch: Scratch,
}

/// Keys and values of all positions, for one head of one layer.
#[derive(Debug, Clone, Default)]
struct HeadCache {
    keys: Vec<f32>,
    values: Vec<f32>,
}

#[derive(Debug)]
struct Scratch {
    normed: Vec<f32>,
    query: Vec<f32>,
    key: Vec<f32>,
    value: Vec<f32>,
    mixed: Vec<f32>,
    gate: Vec<f32>,
    up: Vec<f32>,
    delta: Vec<f32>,
    scores: Vec<f32>,
    logits: Vec<f32>,
}

/// The context holds no further token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the context of {0} tokens is full")]
pub struct ContextFull(pub usize);

impl Sequence<'_> {
    /// Tokens fed so far.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.position
    }

    /// Whether nothing was fed yet.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.position == 0
    }

    /// Runs one token through all layers.
    ///
    /// # Errors
    /// [`ContextFull`] when the context is used up.
    pub fn feed(&mut self, token: Token) -> Result<(), ContextFull> {
        let Self { model, position, caches, stream, scratch: s } = self;
        let Sizes { context, head, epsilon, .. } = model.sizes;
        let mut rotations = model.rotations.chunks_exact(head / 2);
        let rotation = rotations.nth(*position).ok_or(ContextFull(context))?;
        stream.clear();
        stream.extend(model.embedding.row(token.index()));
        for (layer, cache) in model.layers.iter().zip(caches) {
            rms_norm(stream, &layer.attention_norm, epsilon, &mut s.normed);
            layer.query.times(&s.normed, &mut s.query);
            layer.key.times(&s.normed, &mut s.key);
            layer.value.times(&s.normed, &mut s.value);
            let heads = s.query.chunks_exact_mut(head).zip(s.key.chunks_exact_mut(head));
            let heads = heads.zip(s.value.chunks_exact(head)).zip(s.mixed.chunks_exact_mut(head));
            for ((((query, key), value), mixed), cache) in heads.zip(cache) {
                rotate(query, rotation);
                rotate(key, rotation);
                cache.keys.extend_from_slice(key);
                cache.values.extend_from_slice(value);
                cache.attend(query, &mut s.scores, mixed);
            }
            layer.attention_output.times(&s.mixed, &mut s.delta);
            add_scaled(stream, &s.delta, 1.0);

            rms_norm(stream, &layer.feed_norm, epsilon, &mut s.normed);
            layer.gate.times(&s.normed, &mut s.gate);
            layer.up.times(&s.normed, &mut s.up);
            for (gate, up) in s.gate.iter_mut().zip(&s.up) {
                *gate = silu(*gate) * up;
            }
            layer.down.times(&s.gate, &mut s.delta);
            add_scaled(stream, &s.delta, 1.0);
        }
        *position += 1;
        Ok(())
    }

    /// How likely each token is to come next, as unnormalised log-probabilities. Only needed where a token is to be
    /// chosen, so not part of [`Sequence::feed`].
    pub fn logits(&mut self) -> &[f32] {
        let Scratch { normed, logits, .. } = &mut self.scratch;
        rms_norm(&self.stream, &self.model.output_norm, self.model.sizes.epsilon, normed);
        self.model.embedding.times(normed, logits);
        logits
    }
}

impl HeadCache {
    /// The mean of the values, weighted by the softmax of query · key / √length.
    fn attend(&self, query: &[f32], scores: &mut Vec<f32>, out: &mut [f32]) {
        let length = query.len();
        let scale = (length as f32).sqrt().recip();
        scores.clear();
        scores.extend(self.keys.chunks_exact(length).map(|key| dot(query, key) * scale));
        // The greatest is taken off first, so that no exponential overflows.
        let greatest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let mut total = 0.0;
        for score in scores.iter_mut() {
            *score = (*score - greatest).exp();
            total += *score;
        }
        out.fill(0.0);
        for (value, score) in self.values.chunks_exact(length).zip(scores) {
            add_scaled(out, value, *score / total);
        }
    }
}

/// Outputs that are computed together: as many as fit into vector registers on any 64-bit processor.
const TILE: usize = 16;

/// A matrix, in tiles of [`TILE`] rows; within a tile column by column, the last tile filled up with zeros.
///
/// By rows, each product of row and vector would end in adding up the lanes of a register, which takes as long as the
/// products themselves. Here a lane is an output, and nothing is left to be added: three times as fast (measured).
#[derive(Debug)]
struct Matrix {
    columns: usize,
    rows: usize,
    tiles: Vec<[f32; TILE]>,
}

impl Matrix {
    fn read(file: &mut Gguf, name: &str, columns: usize, rows: usize) -> Result<Self, GgufError> {
        Ok(Self::new(columns, rows, &file.tensor(&format!("{name}.weight"), &[columns, rows])?))
    }

    /// Out of the weights row by row.
    fn new(columns: usize, rows: usize, weights: &[f32]) -> Self {
        let mut tiles = Vec::new();
        for rows in weights.chunks(columns * TILE) {
            for column in 0..columns {
                let mut tile = [0.0; TILE];
                for (slot, weight) in tile.iter_mut().zip(rows.iter().skip(column).step_by(columns)) {
                    *slot = *weight;
                }
                tiles.push(tile);
            }
        }
        Self { columns, rows, tiles }
    }

    fn row(&self, index: usize) -> impl Iterator<Item = f32> {
        let tile = self.tiles.chunks_exact(self.columns).nth(index / TILE).unwrap_or_default();
        tile.iter().filter_map(move |column| column.get(index % TILE).copied())
    }

    fn times(&self, x: &[f32], out: &mut [f32]) {
        for (out, tile) in out.chunks_mut(TILE).zip(self.tiles.chunks_exact(self.columns)) {
            let mut sums = [0.0; TILE];
            for (x, column) in x.iter().zip(tile) {
                for (sum, weight) in sums.iter_mut().zip(column) {
                    *sum += x * weight;
                }
            }
            for (out, sum) in out.iter_mut().zip(sums) {
                *out = sum;
            }
        }
    }
}

/// Partial sums kept apart, so that the compiler may put them into vector registers: floating-point addition is not
/// associative, and a single running sum would have to be added in order.
const LANES: usize = 16;

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, a_rest) = a.as_chunks::<LANES>();
    let (b, b_rest) = b.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

fn add_scaled(out: &mut [f32], x: &[f32], factor: f32) {
    for (out, x) in out.iter_mut().zip(x) {
        *out += x * factor;
    }
}

fn rms_norm(x: &[f32], weight: &[f32], epsilon: f32, out: &mut [f32]) {
    let factor = (dot(x, x) / x.len() as f32 + epsilon).sqrt().recip();
    for ((out, x), weight) in out.iter_mut().zip(x).zip(weight) {
        *out = x * factor * weight;
    }
}

/// Turns each pair of neighbours by its angle.
fn rotate(x: &mut [f32], rotation: &[(f32, f32)]) {
    for ([a, b], (cos, sin)) in x.as_chunks_mut().0.iter_mut().zip(rotation) {
        (*a, *b) = (*a * cos - *b * sin, *a * sin + *b * cos);
    }
}

fn silu(x: f32) -> f32 {
    x / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_product_is_the_sum_of_products_at_any_length() {
        for length in [0_u8, 1, 15, 16, 17, 64, 100] {
            let x: Vec<f32> = (0..length).map(f32::from).collect();
            let expected: u32 = (0..u32::from(length)).map(|i| i * i).sum();
            assert!((f64::from(dot(&x, &x)) - f64::from(expected)).abs() < 1e-3, "{length}");
        }
    }

    #[test]
    fn a_matrix_of_any_height_gives_its_rows_and_products() {
        for rows in [1, 15, 16, 17, 40] {
            let weights: Vec<f32> = (0..rows * 3).map(|i| i as f32).collect();
            let matrix = Matrix::new(3, rows, &weights);
            let mut out = vec![f32::NAN; rows];
            matrix.times(&[1.0, 10.0, -1.0], &mut out);
            for (i, row) in weights.chunks(3).enumerate() {
                assert_eq!(matrix.row(i).collect::<Vec<_>>(), row);
                assert!((out[i] - (row[0] + 10.0 * row[1] - row[2])).abs() < 1e-3, "row {i} of {rows}: {}", out[i]);
            }
        }
    }

    #[test]
    fn a_rotation_turns_pairs_and_keeps_their_length() {
        let mut x = [1.0, 0.0, 3.0, 4.0];
        let quarter = (0.0, 1.0);
        rotate(&mut x, &[quarter, quarter]);
        assert_eq!(x, [0.0, 1.0, -4.0, 3.0]);
    }

    #[test]
    fn attention_is_a_softmax_mean_of_the_values() {
        let cache = HeadCache { keys: vec![0.0, 0.0, 2.0, 0.0], values: vec![1.0, 0.0, 0.0, 1.0] };
        let mut out = [0.0; 2];
        cache.attend(&[1.0, 0.0], &mut Vec::new(), &mut out);
        let second = 1.0 / (1.0 + (-std::f32::consts::SQRT_2).exp());
        assert!((out[0] - (1.0 - second)).abs() < 1e-6 && (out[1] - second).abs() < 1e-6, "{out:?}");
    }

    #[test]
    fn norm_and_gate_follow_their_formulas() {
        let mut out = [0.0; 2];
        rms_norm(&[3.0, 4.0], &[1.0, 2.0], 0.0, &mut out);
        let root = 12.5_f32.sqrt();
        assert!((out[0] - 3.0 / root).abs() < 1e-6 && (out[1] - 8.0 / root).abs() < 1e-6, "{out:?}");
        assert!(silu(0.0).abs() < 1e-9 && (silu(1.0) - 0.731_058_6).abs() < 1e-6);
    }
}
