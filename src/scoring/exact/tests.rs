//! Cases of the `exact` scorer.

use crate::scoring::tests::{check, item, scorer};

#[test]
fn equality_after_normalisation() {
    let paris = item(&["Paris", "Paris, France"], &[]);
    let leading_zero = item(&["001"], &[]);
    let beijing = item(&["北京"], &[]);
    let code = item(&["x = y_1"], &[]);
    let us = item(&["U.S."], &[]);
    let dots = item(&["..."], &[]);
    let accent = item(&["café"], &[]);
    let price = item(&["$5"], &[]);
    let lines = item(&["a b c"], &[]);
    check(
        &*scorer("exact", "").ok().unwrap(),
        &[
            (&paris, "Paris", "correct exact/whole"),
            (&paris, " paris.\n", "correct exact/whole"),
            (&paris, "**Paris**", "correct"),
            (&paris, "\"Paris.\"", "correct"),
            (&paris, "`Paris`", "correct"),
            (&paris, "“Paris”", "correct"),
            (&paris, "Ｐａｒｉｓ", "correct"),
            (&paris, "paris,  France", "correct"),
            (&paris, "Answer: Paris", "correct exact/marker"),
            (&paris, "The answer is **Paris**.", "correct exact/marker"),
            (&paris, "The answer is Rome. Wait.\nFinal answer: Paris", "correct exact/marker"),
            (&paris, "I think it is \\boxed{\\text{Paris}}.", "correct exact/boxed"),
            (&paris, "<think>Rome?</think>Paris", "correct"),
            (&paris, "Rome?</think>\n\nParis", "correct"),
            (&paris, "<answer>Paris</answer>", "correct"),
            (&paris, "Paris is the capital", "wrong exact/whole"),
            (&paris, "It is Paris", "wrong"),
            (&paris, "Par", "wrong"),
            (&paris, "not Paris", "wrong"),
            (&paris, "Answer: Paris or Rome", "wrong exact/marker"),
            (&paris, "\\boxed{Paris} \\boxed{Rome}", "wrong exact/boxed"),
            (&paris, "Answer: Paris\nAnswer: Rome", "wrong"),
            (&paris, "Paris <think>unfinished", "correct"),
            (&leading_zero, "001", "correct"),
            (&leading_zero, "1", "wrong"),
            (&leading_zero, "0 0 1", "wrong"),
            (&beijing, "北京", "correct"),
            (&beijing, "北京。", "correct"),
            (&beijing, "答案是：北京", "correct exact/marker"),
            (&beijing, "答案：「北京」", "correct"),
            (&beijing, "北京市", "wrong"),
            (&beijing, "不是北京", "wrong"),
            (&code, "x = y_1", "correct"),
            (&code, "```\nx = y_1\n```", "correct"),
            (&code, "x=y_1", "wrong"),
            (&us, "U.S.", "correct"),
            (&us, "U.S", "correct"),
            (&dots, "...", "correct"),
            (&dots, ".", "wrong"),
            (&accent, "cafe\u{301}", "correct"),
            (&accent, "cafe", "wrong"),
            (&price, "$5", "correct"),
            (&price, "\\$5", "wrong"),
            (&lines, "a\n b\r\nc", "correct"),
        ],
    );
}

#[test]
fn case_counts_when_asked() {
    let word = item(&["NaCl"], &[]);
    check(
        &*scorer("exact", "case_sensitive = true").ok().unwrap(),
        &[(&word, "NaCl", "correct"), (&word, "nacl", "wrong"), (&word, "Answer: NaCl.", "correct")],
    );
}

#[test]
fn phrases_of_real_answers() {
    let e = item(&["New York City", "NYC"], &[]);
    check(
        &*scorer("exact", "").ok().unwrap(),
        &[
            (&e, "NYC", "correct"),
            (&e, "nyc!", "wrong"),
            (&e, "Answer: NYC", "correct"),
            (&e, "### Answer\nNYC", "correct"),
            (&e, "**Answer:** NYC", "correct"),
            (&e, "The answer is: New York City.", "correct"),
            (&e, "New  York\nCity", "correct"),
            (&e, "答案：NYC", "correct"),
            (&e, "'NYC'", "correct"),
            (&e, "NYC, obviously", "wrong"),
            (&e, "$\\boxed{NYC}$", "correct"),
        ],
    );
}
