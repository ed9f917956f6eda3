//! How alike two texts are, each measure in [0, 1], with the source of its formula. Exact, and bounded by the caller:
//! the edit distance and the longest common subsequence take time in proportion to one length times the other, divided
//! by 64 (a machine word holds 64 cells of a column); the others are linear but for sorting.

use std::collections::BTreeMap;

/// The longest order of character n-grams in chrF, and how much more recall counts than precision: Popović 2015.
const ORDERS: usize = 6;
const BETA: f64 = 2.0;

/// 1 less the Levenshtein distance, divided by the longer length: 1 for equal texts, 0 for texts that share nothing.
/// Distance: V. I. Levenshtein, "Binary codes capable of correcting deletions, insertions, and reversals" (1966); computed
/// by G. Myers's bit-vectors (JACM 46, 1999) in the form of H. Hyyrö (2003).
#[must_use]
pub fn edit(a: &[char], b: &[char]) -> f64 {
    let longer = a.len().max(b.len());
    if longer == 0 {
        return 1.0;
    }
    let (pattern, text) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    1.0 - ratio(distance(pattern, text), longer)
}

/// The harmonic mean of precision and recall over the words that two texts share, each as often as in both: the F1 of
/// P. Rajpurkar et al., "SQuAD: 100,000+ Questions for Machine Comprehension of Text" (2016).
#[must_use]
pub fn f1(said: &[&str], reference: &[&str]) -> f64 {
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for word in reference {
        *left.entry(word).or_default() += 1;
    }
    let mut shared = 0;
    for word in said {
        if let Some(count) = left.get_mut(word).filter(|count| **count > 0) {
            (*count, shared) = (*count - 1, shared + 1);
        }
    }
    harmonic(shared, said.len(), reference.len())
}

/// ROUGE-L: the harmonic mean of precision and recall of the longest common subsequence of words. C.-Y. Lin, "ROUGE: A
/// Package for Automatic Evaluation of Summaries" (2004), with β = 1 and each text as one sentence.
#[must_use]
pub fn rouge_l(said: &[&str], reference: &[&str]) -> f64 {
    harmonic(common(reference, said), said.len(), reference.len())
}

/// chrF: F2 over the precision and recall of character n-grams, each averaged over the orders 1 to 6; white space doesn't
/// count. M. Popović, "chrF: character n-gram F-score for automatic MT evaluation" (2015). Orders that one of the texts is
/// too short for are left out.
#[must_use]
pub fn chrf(said: &[char], reference: &[char]) -> f64 {
    let bare = |text: &[char]| text.iter().copied().filter(|c| !c.is_whitespace()).collect::<Vec<_>>();
    let (said, reference) = (bare(said), bare(reference));
    if said.is_empty() || reference.is_empty() {
        return if said.len() == reference.len() { 1.0 } else { 0.0 };
    }
    let (mut precision, mut recall, mut orders) = (0.0, 0.0, 0);
    for order in 1..=ORDERS.min(said.len()).min(reference.len()) {
        let (ours, theirs) = (grams(&said, order), grams(&reference, order));
        let shared = in_both(&ours, &theirs);
        precision += ratio(shared, ours.len());
        recall += ratio(shared, theirs.len());
        orders += 1;
    }
    let (precision, recall) = (precision / f64::from(orders), recall / f64::from(orders));
    let weight = BETA * BETA;
    let sum = weight * precision + recall;
    if sum > 0.0 { (1.0 + weight) * precision * recall / sum } else { 0.0 }
}

#[expect(clippy::cast_precision_loss, reason = "lengths of texts that are far below 2^53")]
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn harmonic(shared: usize, said: usize, reference: usize) -> f64 {
    if said + reference == 0 { 1.0 } else { ratio(2 * shared, said + reference) }
}

/// All n-grams of an order, sorted. A character has 21 bits, so six of them fit into a number exactly.
fn grams(text: &[char], order: usize) -> Vec<u128> {
    let gram = |window: &[char]| window.iter().fold(0_u128, |bits, c| bits << 21 | u128::from(u32::from(*c)));
    let mut all: Vec<u128> = text.windows(order).map(gram).collect();
    all.sort_unstable();
    all
}

/// How many two sorted lists share, each as often as in both.
fn in_both(a: &[u128], b: &[u128]) -> usize {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let mut shared = 0;
    while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
        match x.cmp(y) {
            std::cmp::Ordering::Less => {
                let _ = a.next();
            }
            std::cmp::Ordering::Greater => {
                let _ = b.next();
            }
            std::cmp::Ordering::Equal => {
                shared += 1;
                let _ = (a.next(), b.next());
            }
        }
    }
    shared
}

/// For each symbol of a pattern: where it stands, a bit each, 64 to a word.
fn places<T: Ord + Copy>(pattern: &[T]) -> BTreeMap<T, Vec<u64>> {
    let words = pattern.len().div_ceil(64);
    let mut all: BTreeMap<T, Vec<u64>> = BTreeMap::new();
    for (at, symbol) in pattern.iter().enumerate() {
        let bits = all.entry(*symbol).or_insert_with(|| vec![0; words]);
        if let Some(word) = bits.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }
    all
}

/// The Levenshtein distance of two texts: columns of the table of distances, as bits of the differences between
/// neighbours, from the top of each column to its end.
fn distance(pattern: &[char], text: &[char]) -> usize {
    if pattern.is_empty() {
        return text.len();
    }
    let places = places(pattern);
    let words = pattern.len().div_ceil(64);
    let none = vec![0_u64; words];
    let (mut up, mut down) = (vec![u64::MAX; words], vec![0_u64; words]);
    let last = 1_u64 << ((pattern.len() - 1) % 64);
    let mut score = pattern.len();
    for symbol in text {
        let equal = places.get(symbol).unwrap_or(&none);
        // What comes in from the word above; at the top each column is one more than the last.
        let (mut carry_up, mut carry_down) = (1_u64, 0_u64);
        for (word, ((up, down), equal)) in up.iter_mut().zip(&mut down).zip(equal).enumerate() {
            let eq = *equal | carry_down;
            let vertical = *equal | *down;
            let zero = (((eq & *up).wrapping_add(*up)) ^ *up) | eq | *down;
            let mut plus = *down | !(zero | *up);
            let mut minus = *up & zero;
            if word + 1 == words {
                score = score + usize::from(plus & last != 0) - usize::from(minus & last != 0);
            }
            let (plus_out, minus_out) = (plus >> 63, minus >> 63);
            plus = plus << 1 | carry_up;
            minus = minus << 1 | carry_down;
            (carry_up, carry_down) = (plus_out, minus_out);
            *up = minus | !(vertical | plus);
            *down = plus & vertical;
        }
    }
    score
}

/// The length of the longest common subsequence: M. Crochemore et al., "A fast and practical bit-vector algorithm for the
/// longest common subsequence problem" (2001).
fn common<T: Ord + Copy>(pattern: &[T], text: &[T]) -> usize {
    let places = places(pattern);
    let words = pattern.len().div_ceil(64);
    let none = vec![0_u64; words];
    let mut column = vec![u64::MAX; words];
    for symbol in text {
        let equal = places.get(symbol).unwrap_or(&none);
        let mut carry = false;
        for (bits, equal) in column.iter_mut().zip(equal) {
            let kept = *bits & equal;
            let (sum, over) = bits.overflowing_add(kept);
            let (sum, again) = sum.overflowing_add(u64::from(carry));
            carry = over || again;
            *bits = sum | (*bits & !equal);
        }
    }
    let zeros: u32 = column.iter().map(|bits| bits.count_zeros()).sum();
    // Beyond the pattern's end no symbol stands, so those bits stay.
    usize::try_from(zeros).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    /// By the definition, cell by cell.
    fn slow_distance(a: &[char], b: &[char]) -> usize {
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (i, x) in a.iter().enumerate() {
            let mut before = row[0];
            row[0] = i + 1;
            for (j, y) in b.iter().enumerate() {
                let kept = before + usize::from(x != y);
                before = row[j + 1];
                row[j + 1] = kept.min(before + 1).min(row[j] + 1);
            }
        }
        row[b.len()]
    }

    fn slow_common(a: &[char], b: &[char]) -> usize {
        let mut row = vec![0; b.len() + 1];
        for x in a {
            let mut before = 0;
            for (j, y) in b.iter().enumerate() {
                let above = row[j + 1];
                row[j + 1] = if x == y { before + 1 } else { above.max(row[j]) };
                before = above;
            }
        }
        row[b.len()]
    }

    #[test]
    fn measures_are_those_of_their_sources() {
        assert!(near(edit(&chars("kitten"), &chars("sitting")), 1.0 - 3.0 / 7.0));
        assert!(near(edit(&[], &[]), 1.0) && near(edit(&chars("abc"), &[]), 0.0));
        // Two of three words said, of four in the reference.
        assert!(near(f1(&["a", "b", "x"], &["a", "b", "c", "d"]), 4.0 / 7.0));
        assert!(near(f1(&["a", "a", "a"], &["a"]), 0.5));
        // "police killed the gunman" and "police kill the gunman": a common subsequence of three words (Lin 2004).
        let words = |text: &'static str| text.split(' ').collect::<Vec<_>>();
        assert!(near(rouge_l(&words("police kill the gunman"), &words("police killed the gunman")), 0.75));
        assert!(near(rouge_l(&words("the gunman kill police"), &words("police killed the gunman")), 0.5));
        assert!(near(chrf(&chars("abc"), &chars("abc")), 1.0) && near(chrf(&chars("abc"), &chars("xyz")), 0.0));
        // Of "ab" against "abc": precision 1 and 1, recall 2/3 and 1/2 over the orders that both have.
        let (p, r) = (1.0, (2.0 / 3.0 + 0.5) / 2.0);
        assert!(near(chrf(&chars("a b"), &chars("abc")), 5.0 * p * r / (4.0 * p + r)));
    }

    proptest! {
        #[test]
        fn bits_count_what_cells_do(a in "[abc]{0,150}", b in "[abc]{0,150}") {
            let (a, b) = (chars(&a), chars(&b));
            let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
            prop_assert_eq!(distance(short, long), slow_distance(&a, &b));
            prop_assert_eq!(common(&a, &b), slow_common(&a, &b));
        }

        #[test]
        fn measures_lie_between_nothing_and_all(a in "[ab 中]{0,40}", b in "[ab 中]{0,40}") {
            let (c, d) = (chars(&a), chars(&b));
            let (v, w): (Vec<&str>, Vec<&str>) = (a.split(' ').collect(), b.split(' ').collect());
            for value in [edit(&c, &d), chrf(&c, &d), f1(&v, &w), rouge_l(&v, &w)] {
                prop_assert!((0.0..=1.0).contains(&value));
            }
            for value in [edit(&c, &c), chrf(&c, &c), f1(&v, &v), rouge_l(&v, &v)] {
                prop_assert!(near(value, 1.0));
            }
        }
    }
}
