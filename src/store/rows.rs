//! Records as rows and back. What goes in by a list of columns comes out by the list beside it.

use super::text::{escape, hash, pack, unescape, unpack};
use super::{Keep, StoreError};
use crate::domain::{
    Answer, Charge, Component, Cost, Exchange, Failure, Fault, Finding, Finish, Money, Nanos, Purpose, StampSource,
    Timing, TokenKind, ToolCall, Usage,
};
use rusqlite::types::FromSql;
use rusqlite::{Connection, Row, params};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

const SETTLE: &str = "UPDATE exchange SET (place, charge, bound, \
    t_scheduled, d_dns, d_connect, d_tls, t_send, t_first, t_visible, t_last, t_end, events, gaps, stamps, finish, model, \
    tok_input, tok_cache_read, tok_cache_write, tok_output, tok_reasoning, \
    fault, fault_detail, fault_status, fault_retry_ns, d_client_lag, turn, \
    tok_cache_write_1h, tok_audio_input, tok_image_input, tok_audio_output, tok_image_output, searches, tier, reported_cost) \
    = (?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, \
    ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, \
    ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39) \
    WHERE trial_id = ?1 AND purpose = ?2 AND attempt = ?3 AND charge = 'in_flight'";

/// Fills the row of an attempt that has ended: that of a trial, numbered as in the store, with its place in the sample.
/// Gives how many rows there were, which is one or none.
pub(super) fn settle(
    conn: &Connection,
    (trial, attempt, place): (i64, i64, i64),
    exchange: &Exchange,
) -> rusqlite::Result<usize> {
    let Exchange { attempt: _, turn, purpose, timing, answer, fault, charge } = exchange;
    let Timing { scheduled, dns, connect, tls, send, first, visible, last, end, events, gaps, stamps, client_lag } =
        timing;
    let Answer { text: _, reasoning: _, tool_calls: _, refusal: _, finish, usage, model, tier, reported_cost } = answer;
    let Usage {
        input,
        cache_read,
        cache_write,
        cache_write_long,
        audio_input,
        image_input,
        output,
        reasoning,
        audio_output,
        image_output,
        searches,
    } = usage;
    let bound = match charge {
        Charge::Unknown { bound } | Charge::Unpriced { bound } => Some(bound.nanos()),
        Charge::Settled(_) => None,
    };
    let fault = fault.as_ref();
    let nanos = |n: &Option<Nanos>| n.map(|n| n.0.cast_signed());
    let tokens = |n: &Option<u64>| n.map(u64::cast_signed);
    conn.prepare_cached(SETTLE)?.execute(params![
        trial,
        purpose.label(),
        attempt,
        place,
        charge.label(),
        bound,
        scheduled.0.cast_signed(),
        nanos(dns),
        nanos(connect),
        nanos(tls),
        nanos(send),
        nanos(first),
        nanos(visible),
        nanos(last),
        nanos(end),
        events,
        pack(gaps),
        stamps.label(),
        finish.as_ref().map(|f| escape(f.label())),
        model.as_deref().map(escape),
        tokens(input),
        tokens(cache_read),
        tokens(cache_write),
        tokens(output),
        tokens(reasoning),
        fault.map(|f| f.kind.label()),
        fault.map(|f| escape(&f.detail)),
        fault.and_then(|f| f.status),
        fault.and_then(|f| f.retry_after).map(|d| Nanos::from(d).0.cast_signed()),
        nanos(client_lag),
        turn,
        tokens(cache_write_long),
        tokens(audio_input),
        tokens(image_input),
        tokens(audio_output),
        tokens(image_output),
        tokens(searches),
        tier.as_deref().map(escape),
        reported_cost.map(Money::nanos)
    ])
}

/// The columns that [`exchange`] takes, from `exchange e`, `answer a` and the ledger's settling entry `l`.
pub(super) const EXCHANGE_COLUMNS: &str = "e.purpose, e.attempt, e.charge, e.bound, \
    l.input, l.cache_read, l.cache_write, l.output, l.reasoning, l.request, l.hardware, \
    l.cache_write_1h, l.audio_input, l.image_input, l.audio_output, l.image_output, l.search, l.energy, \
    e.t_scheduled, e.d_dns, e.d_connect, e.d_tls, e.t_send, e.t_first, e.t_visible, e.t_last, e.t_end, \
    e.events, e.gaps, e.stamps, e.finish, e.model, \
    e.tok_input, e.tok_cache_read, e.tok_cache_write, e.tok_output, e.tok_reasoning, \
    e.fault, e.fault_detail, e.fault_status, e.fault_retry_ns, e.d_client_lag, a.text, a.reasoning, a.tool_calls, a.refusal, e.turn, \
    e.tok_cache_write_1h, e.tok_audio_input, e.tok_image_input, e.tok_audio_output, e.tok_image_output, e.searches, e.tier, \
    e.reported_cost";

/// The buckets whose columns came later, in the order of those.
const LATER_KINDS: [TokenKind; 5] = [
    TokenKind::CacheWriteLong,
    TokenKind::AudioInput,
    TokenKind::ImageInput,
    TokenKind::AudioOutput,
    TokenKind::ImageOutput,
];

/// Reads [`EXCHANGE_COLUMNS`]; none where the trial has no exchange, or this one is in flight.
pub(super) fn exchange(row: &mut Columns<'_>) -> Result<Option<Exchange>, StoreError> {
    let Some(purpose) = row.text()? else {
        return Ok(None);
    };
    let purpose = Purpose::from_label(&purpose).ok_or_else(|| unreadable("purpose", &purpose))?;
    let attempt = row.small()?;
    let (charge, bound): (String, Option<i64>) = (row.next()?, row.next()?);
    let mut cost = Cost::ZERO;
    for component in Component::ALL {
        cost = cost.with(component, Money::from_nanos(row.next::<Option<i64>>()?.unwrap_or_default()));
    }
    let charge = match (charge.as_str(), bound) {
        ("settled", _) => Charge::Settled(cost),
        // None: of before bounds were kept, or of a target without a price.
        ("unpriced", bound) => Charge::Unpriced { bound: Money::from_nanos(bound.unwrap_or_default()) },
        ("unknown", Some(bound)) => Charge::Unknown { bound: Money::from_nanos(bound) },
        _ => return Err(unreadable("charge", &charge)),
    };
    let mut timing = timing(row)?;
    let finish = row.text()?.map(|t| Finish::from_label(&t));
    let model = row.text()?;
    let mut usage = Usage {
        input: row.unsigned()?,
        cache_read: row.unsigned()?,
        cache_write: row.unsigned()?,
        output: row.unsigned()?,
        reasoning: row.unsigned()?,
        ..Usage::default()
    };
    let fault = fault(row)?;
    timing.client_lag = row.unsigned()?.map(Nanos);
    let text = row.text()?.unwrap_or_default();
    let reasoning = row.text()?.unwrap_or_default();
    let tool_calls = tools_from(&row.text()?.unwrap_or_default())?;
    let refusal = row.text()?;
    let turn = row.small()?;
    for kind in LATER_KINDS {
        *usage.get_mut(kind) = row.unsigned()?;
    }
    usage.searches = row.unsigned()?;
    let tier = row.text()?;
    let reported_cost = row.next::<Option<i64>>()?.map(Money::from_nanos);
    let answer = Answer { text, reasoning, tool_calls, refusal, finish, usage, model, tier, reported_cost };
    Ok(Some(Exchange { attempt, turn, purpose, timing, answer, fault, charge }))
}

fn timing(row: &mut Columns<'_>) -> Result<Timing, StoreError> {
    let mut nanos = || row.unsigned().map(|n| n.map(Nanos));
    let scheduled = nanos()?.unwrap_or_default();
    let (dns, connect, tls) = (nanos()?, nanos()?, nanos()?);
    let (send, first, visible, last, end) = (nanos()?, nanos()?, nanos()?, nanos()?, nanos()?);
    let events = row.small()?;
    let gaps = row.text()?.unwrap_or_default();
    let gaps = unpack(&gaps).ok_or_else(|| unreadable("gaps", &gaps))?;
    let stamps = match row.text()?.as_deref() {
        Some("kernel") => StampSource::Kernel,
        _ => StampSource::Read,
    };
    let client_lag = None;
    Ok(Timing { scheduled, dns, connect, tls, send, first, visible, last, end, events, gaps, stamps, client_lag })
}

fn fault(row: &mut Columns<'_>) -> Result<Option<Fault>, StoreError> {
    let (kind, detail) = (row.text()?, row.text()?);
    let (status, retry): (Option<i64>, Option<u64>) = (row.next()?, row.unsigned()?);
    let Some(kind) = kind else {
        return Ok(None);
    };
    let kind = Failure::from_label(&kind).ok_or_else(|| unreadable("fault", &kind))?;
    let status =
        status.map(|s| u16::try_from(s).map_err(|_| unreadable("fault_status", &s.to_string()))).transpose()?;
    let retry_after = retry.map(std::time::Duration::from_nanos);
    Ok(Some(Fault { kind, detail: detail.unwrap_or_default(), status, retry_after }))
}

/// The texts of an answer, as far as they are kept; none where there is nothing.
pub(super) struct Texts<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) reasoning: Cow<'a, str>,
    pub(super) tool_calls: String,
    pub(super) refusal: Option<Cow<'a, str>>,
}

impl<'a> Texts<'a> {
    pub(super) fn of(answer: &'a Answer, keep: Keep) -> Option<Self> {
        let Answer { text, reasoning, tool_calls, refusal, finish: _, usage: _, model: _, tier: _, reported_cost: _ } =
            answer;
        // JSON escapes U+0000 by itself.
        let tools: Vec<(&str, Cow<'_, str>)> = match keep {
            Keep::Nothing => Vec::new(),
            Keep::Hash => tool_calls.iter().map(|c| (&*c.name, Cow::Owned(hash(&c.arguments)))).collect(),
            Keep::Text => tool_calls.iter().map(|c| (&*c.name, Cow::Borrowed(&*c.arguments))).collect(),
        };
        let texts = Self {
            text: kept(text, keep),
            reasoning: kept(reasoning, keep),
            tool_calls: if tools.is_empty() { String::new() } else { serde_json::json!(tools).to_string() },
            refusal: refusal.as_ref().map(|r| kept(r, keep)),
        };
        let Self { text, reasoning, tool_calls, refusal } = &texts;
        let silent = text.is_empty() && reasoning.is_empty() && tool_calls.is_empty() && refusal.is_none();
        (!silent).then_some(texts)
    }
}

/// A text as it is stored.
pub(super) fn kept(text: &str, keep: Keep) -> Cow<'_, str> {
    match keep {
        Keep::Text => escape(text),
        Keep::Hash => Cow::Owned(hash(text)),
        Keep::Nothing => Cow::Borrowed(""),
    }
}

pub(super) fn tools_from(text: &str) -> Result<Vec<ToolCall>, StoreError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let calls: Vec<(String, String)> = serde_json::from_str(text).map_err(|_| unreadable("tool_calls", text))?;
    Ok(calls.into_iter().map(|(name, arguments)| ToolCall { name, arguments }).collect())
}

/// Which of the extracted answer is stored.
pub(super) fn kept_extract(finding: &Finding, keep: Keep) -> Option<Cow<'_, str>> {
    match keep {
        Keep::Nothing => None,
        Keep::Text | Keep::Hash => finding.extracted.as_deref().map(|t| kept(t, keep)),
    }
}

/// Rules are a closed set of words in the scorers, so that each is leaked at most once. A file made to hold a multitude
/// of them must not eat the memory.
pub(super) fn rule(text: &str) -> Result<&'static str, StoreError> {
    const MOST: usize = 4096;
    static RULES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut rules = RULES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = rules.get(text) {
        return Ok(known);
    }
    if rules.len() >= MOST {
        return Err(StoreError::Damaged(format!("it has more than {MOST} rules of grading")));
    }
    let known: &'static str = Box::leak(text.into());
    rules.insert(known);
    Ok(known)
}

/// A value that this version does not know.
pub(super) fn unreadable(column: &str, value: &str) -> StoreError {
    let value: String = value.chars().take(60).collect();
    StoreError::Damaged(format!("{column} holds {value:?}"))
}

/// A row, read from left to right.
pub(super) struct Columns<'r> {
    row: &'r Row<'r>,
    at: usize,
}

impl<'r> Columns<'r> {
    pub(super) const fn new(row: &'r Row<'r>) -> Self {
        Self { row, at: 0 }
    }

    /// The next column.
    pub(super) fn next<T: FromSql>(&mut self) -> Result<T, StoreError> {
        let value = self.row.get(self.at)?;
        self.at += 1;
        Ok(value)
    }

    /// The next column, an escaped text.
    pub(super) fn text(&mut self) -> Result<Option<String>, StoreError> {
        Ok(self.next::<Option<String>>()?.map(unescape))
    }

    /// The next column, an escaped text that is never absent.
    pub(super) fn full_text(&mut self) -> Result<String, StoreError> {
        Ok(unescape(self.next()?))
    }

    /// The next column, a word of a closed set.
    pub(super) fn label<T>(&mut self, column: &str, of: fn(&str) -> Option<T>) -> Result<T, StoreError> {
        let label: String = self.next()?;
        of(&label).ok_or_else(|| unreadable(column, &label))
    }

    /// The next column, an unsigned figure stored by its bits.
    pub(super) fn unsigned(&mut self) -> Result<Option<u64>, StoreError> {
        Ok(self.next::<Option<i64>>()?.map(i64::cast_unsigned))
    }

    /// The next column, a small count; absent is none of it.
    pub(super) fn small(&mut self) -> Result<u32, StoreError> {
        let n = self.next::<Option<i64>>()?.unwrap_or_default();
        u32::try_from(n).map_err(|_| unreadable("a count", &n.to_string()))
    }
}
