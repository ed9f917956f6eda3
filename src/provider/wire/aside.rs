//! Streams first: what takes long beside reading (connecting, closing, and whatever follows an answer) takes turns, one
//! of it between two looks at the sockets. Else the ends of many answers at once would keep a thread from its streams,
//! and several events would come out of one read, and have one instant.

use std::cell::RefCell;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::yield_now;

thread_local! {
    static TURN: RefCell<Arc<Semaphore>> = RefCell::new(Arc::new(Semaphore::new(1)));
}

/// Waits for this thread's turn to do something that takes long. Only its first stretch, up to where it waits next, is
/// alone in its turn: network time is not.
pub async fn aside() {
    let turn = TURN.with_borrow(Arc::clone);
    // Never closed.
    let alone = turn.acquire().await;
    // The runtime looks at the sockets before it goes on with those who yielded, and wakes their streams before.
    yield_now().await;
    drop(alone);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::rc::Rc;
    use tokio::task::{LocalSet, spawn_local};

    #[test]
    fn between_two_long_things_others_have_their_turn() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (long, most) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        LocalSet::new().block_on(&runtime, async {
            let all: Vec<_> = (0..20)
                .map(|_| {
                    let long = Rc::clone(&long);
                    spawn_local(async move {
                        aside().await;
                        long.set(long.get() + 1);
                    })
                })
                .collect();
            while long.get() < 20 {
                let before = long.get();
                yield_now().await;
                most.set(most.get().max(long.get() - before));
            }
            for task in all {
                task.await.unwrap();
            }
        });
        assert_eq!((long.get(), most.get()), (20, 1));
    }
}
