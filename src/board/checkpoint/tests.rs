//! Checkpoints of earlier versions are read.

use super::*;
use crate::domain::TokenKind;

#[test]
fn totals_from_before_the_further_kinds_stay_with_their_kinds() {
    let old = r#"{"version":1,"cells":[{"labels":["t","s","d","c"],"answers":[],"good":0,"ok":0,"failures":[],
        "tokens":[1,2,3,4,5],"cost":[1,2,3,4,5,6,7],"unpriced":0,"unknown":0}],"latencies":[],"ended":[],"runs":[]}"#;
    let board = Board::from_text(old, 1).unwrap();
    let counters = board.counters.values().next().unwrap();
    let tokens: Vec<_> = TokenKind::ALL.iter().zip(counters.tokens).map(|(k, n)| (k.label(), n)).take(6).collect();
    let of = [("input", 1), ("cache_read", 2), ("cache_write", 3), ("output", 4), ("reasoning", 5)];
    assert_eq!(tokens, [&of[..], &[("cache_write_1h", 0)]].concat());
    let cost = |component| counters.cost.get(component).nanos();
    assert_eq!((cost(Component::Input), cost(Component::Hardware), cost(Component::Energy)), (1, 7, 0));
    assert_eq!(counters.cost.total().nanos(), 28);
}
