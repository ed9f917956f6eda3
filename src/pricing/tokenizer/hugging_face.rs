//! A Hugging Face `tokenizer.json` with byte-pair encoding, by bytes (GPT-2, Llama 3, Qwen, DeepSeek and most others) or by
//! characters with bytes to fall back on (Llama 2, Mistral, Gemma).

use super::Tokenizer;
use super::bpe::{Bpe, Start};
use super::pieces::{Cut, Pattern, Rewrite};
use super::tiktoken::GPT2;
use regex::Regex;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Reads a file's text.
///
/// # Errors
/// What is not understood, by its place in the file.
pub(super) fn read(text: &str, name: String) -> Result<Tokenizer, String> {
    let json: Json = serde_json::from_str(text).map_err(|e| format!("is no JSON: {e}"))?;
    let mut rewrites = Vec::new();
    rewritings(json.get("normalizer").unwrap_or(&Json::Null), &mut rewrites)?;
    let mut reading = Reading { cuts: Vec::new(), rewrites, by_bytes: false };
    reading.cutting(json.get("pre_tokenizer").unwrap_or(&Json::Null))?;
    let Reading { cuts, rewrites, by_bytes } = reading;
    let bpe = model(json.get("model").ok_or("has no `model`")?, by_bytes)?;
    let added = added(json.get("added_tokens").and_then(Json::as_array).map_or(&[], Vec::as_slice))?;
    Ok(Tokenizer { added, rewrites, cuts, bpe, name })
}

fn kind(json: &Json) -> &str {
    json.get("type").and_then(Json::as_str).unwrap_or("")
}

fn flag(json: &Json, key: &str) -> bool {
    json.get(key).and_then(Json::as_bool).unwrap_or(false)
}

fn parts<'j>(json: &'j Json, key: &str) -> &'j [Json] {
    json.get(key).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

fn rewritings(json: &Json, out: &mut Vec<Rewrite>) -> Result<(), String> {
    let text = |value: Option<&Json>| value.and_then(Json::as_str).map(str::to_owned);
    match kind(json) {
        "" if json.is_null() => {}
        "Sequence" => parts(json, "normalizers").iter().try_for_each(|part| rewritings(part, out))?,
        "NFC" => out.push(Rewrite::Nfc),
        "NFKC" => out.push(Rewrite::Nfkc),
        "Lowercase" => out.push(Rewrite::Lowercase),
        "Prepend" => out.push(Rewrite::Prepend(text(json.get("prepend")).ok_or("normalizer: Prepend of no text")?)),
        "Replace" => {
            let what = text(json.get("pattern").and_then(|p| p.get("String")));
            let with = text(json.get("content"));
            let (what, with) = what.zip(with).ok_or("normalizer: Replace of something else than a text")?;
            out.push(Rewrite::Replace(what, with));
        }
        other => return Err(format!("normalizer: {other:?} is not understood")),
    }
    Ok(())
}

struct Reading {
    cuts: Vec<Cut>,
    rewrites: Vec<Rewrite>,
    by_bytes: bool,
}

impl Reading {
    fn cutting(&mut self, json: &Json) -> Result<(), String> {
        match kind(json) {
            "" if json.is_null() => {}
            "Sequence" => parts(json, "pretokenizers").iter().try_for_each(|part| self.cutting(part))?,
            "Split" => {
                let behaviour = json.get("behavior").and_then(Json::as_str).unwrap_or("");
                if behaviour != "Isolated" && !(behaviour == "Removed" && flag(json, "invert")) {
                    return Err(format!("pre_tokenizer: Split with the behavior {behaviour:?} is not understood"));
                }
                let pattern = json.get("pattern").unwrap_or(&Json::Null);
                match (pattern.get("Regex").and_then(Json::as_str), pattern.get("String").and_then(Json::as_str)) {
                    (Some(regex), _) => {
                        let pattern = Pattern::new(regex).map_err(|why| format!("pre_tokenizer: {why}"))?;
                        self.cuts.push(Cut::Pattern(pattern));
                    }
                    (_, Some(text)) if !text.is_empty() => self.cuts.push(Cut::Text(text.to_owned())),
                    _ => return Err("pre_tokenizer: Split without a pattern".into()),
                }
            }
            "Digits" if flag(json, "individual_digits") => self.cuts.push(Cut::Digit),
            "ByteLevel" => {
                self.by_bytes = true;
                if flag(json, "add_prefix_space") {
                    self.cuts.push(Cut::Space);
                }
                if json.get("use_regex").and_then(Json::as_bool).unwrap_or(true) {
                    self.cuts.push(Cut::Pattern(Pattern::new(GPT2)?));
                }
            }
            "Metaspace" => {
                let mark = json.get("replacement").and_then(Json::as_str).unwrap_or("\u{2581}").to_owned();
                if json.get("split").and_then(Json::as_bool) != Some(false) {
                    return Err("pre_tokenizer: a Metaspace that splits is not understood".into());
                }
                if json.get("prepend_scheme").and_then(Json::as_str).unwrap_or("always") != "never" {
                    self.rewrites.push(Rewrite::Prepend(mark.clone()));
                }
                self.rewrites.push(Rewrite::Replace(" ".into(), mark));
            }
            other => return Err(format!("pre_tokenizer: {other:?} is not understood")),
        }
        Ok(())
    }
}

fn model(json: &Json, by_bytes: bool) -> Result<Bpe, String> {
    // Older files have no type.
    if !matches!(kind(json), "BPE" | "") {
        return Err(format!("model: {:?} is not understood: only BPE is", kind(json)));
    }
    if json.get("dropout").is_some_and(|d| d.as_f64().is_some_and(|d| d > 0.0)) {
        return Err("model: with a dropout it counts differently each time".into());
    }
    let affix = |key: &str| json.get(key).and_then(Json::as_str).is_some_and(|text| !text.is_empty());
    if affix("continuing_subword_prefix") || affix("end_of_word_suffix") {
        return Err("model: prefixes and suffixes of subwords are not understood".into());
    }
    let start = match (by_bytes, flag(json, "byte_fallback")) {
        (true, _) => Start::Bytes,
        (false, true) => Start::Characters,
        (false, false) => return Err("model: neither by bytes nor with bytes to fall back on".into()),
    };
    let table = byte_table();
    let bytes = |token: &str| -> Vec<u8> {
        let mapped: Option<Vec<u8>> = token.chars().map(|c| table.get(&c).copied()).collect();
        mapped.filter(|_| by_bytes).unwrap_or_else(|| token.as_bytes().to_vec())
    };
    let vocabulary = json.get("vocab").and_then(Json::as_object).ok_or("model: has no `vocab`")?;
    let mut ids = BTreeMap::new();
    for (token, id) in vocabulary {
        let id = id
            .as_u64()
            .and_then(|id| u32::try_from(id).ok())
            .ok_or_else(|| format!("model: the id of {token:?} is none"))?;
        ids.insert(bytes(token), id);
    }
    let mut merges = Vec::new();
    for (at, merge) in parts(json, "merges").iter().enumerate() {
        let pair = match merge {
            Json::String(text) => text.split_once(' '),
            Json::Array(pair) => match pair.as_slice() {
                [Json::String(left), Json::String(right)] => Some((left.as_str(), right.as_str())),
                _ => None,
            },
            _ => None,
        };
        let (left, right) = pair.ok_or_else(|| format!("model: merge {} is no pair", at + 1))?;
        merges.push((bytes(left), bytes(right)));
    }
    Bpe::of_merges(ids, &merges, flag(json, "ignore_merges"), start).map_err(|why| format!("model: {why}"))
}

/// The characters that stand for bytes in such vocabularies: printable ones for themselves, the others moved up by 256 in
/// their order (Radford et al. 2019, GPT-2).
fn byte_table() -> BTreeMap<char, u8> {
    let mut moved = 0;
    (0..=255u8)
        .filter_map(|byte| {
            let itself = matches!(byte, 0x21..=0x7E | 0xA1..=0xAC | 0xAE..=0xFF);
            let code = if itself {
                u32::from(byte)
            } else {
                moved += 1;
                255 + moved
            };
            Some((char::from_u32(code)?, byte))
        })
        .collect()
}

/// The pattern of all added tokens, the longest first.
fn added(list: &[Json]) -> Result<Option<Regex>, String> {
    let mut texts: Vec<&str> =
        list.iter().filter_map(|t| t.get("content")?.as_str()).filter(|t| !t.is_empty()).collect();
    texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    if texts.is_empty() {
        return Ok(None);
    }
    let escaped: Vec<String> = texts.iter().map(|text| regex::escape(text)).collect();
    Regex::new(&escaped.join("|")).map(Some).map_err(|e| format!("added_tokens: {e}"))
}
