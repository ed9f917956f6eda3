//! Work over millions of rows on all cores. What comes out does not depend on how many there are.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Fewer rows are sorted sooner than a thread is started.
const FEWEST_SORTED: usize = 1 << 16;

pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Does `work` with every piece; what came of them is in the order of the pieces.
pub fn map<T: Sync, R: Send>(pieces: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let some = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(piece) = pieces.get(at) else { break done };
            done.push((at, work(piece)));
        }
    };
    let mut done = thread::scope(|scope| {
        let others: Vec<_> = (1..cores().min(pieces.len())).map(|_| scope.spawn(some)).collect();
        let mut done = some();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Sorts in place: both halves of what is on either side of the median by themselves.
pub fn sort_by_key<T: Send, K: Ord>(rows: &mut [T], threads: usize, key: impl Fn(&T) -> K + Copy + Sync + Send) {
    if threads < 2 || rows.len() < FEWEST_SORTED {
        rows.sort_unstable_by_key(key);
        return;
    }
    let middle = rows.len() / 2;
    let (lower, _, upper) = rows.select_nth_unstable_by_key(middle, key);
    thread::scope(|scope| {
        scope.spawn(|| sort_by_key(lower, threads / 2, key));
        sort_by_key(upper, threads - threads / 2, key);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_worked_on_once_and_in_order() {
        let pieces: Vec<u64> = (0..1_000).collect();
        assert_eq!(map(&pieces, |n| n * n), pieces.iter().map(|n| n * n).collect::<Vec<_>>());
        assert_eq!(map(&[], |n: &u64| *n), Vec::<u64>::new());
    }

    #[test]
    fn the_order_is_that_of_one_thread() {
        let hash = |n: &u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        let mut one: Vec<u64> = (0..5 * FEWEST_SORTED as u64).map(|n| hash(&n)).collect();
        for threads in [1, 2, 3, 8] {
            let mut many = one.clone();
            sort_by_key(&mut many, threads, |n| *n);
            one.sort_unstable();
            assert!(many == one, "{threads}");
        }
    }
}
