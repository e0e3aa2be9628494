//! Work on all cores whose results come back in the order of the items, with a bounded number of them in flight. It knows
//! nothing about the work.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::mpsc::sync_channel;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Does `work` on every item in `threads` threads, and gives each result to `take`, in the order of the items, in this
/// thread. An error of `take` ends it.
pub(crate) fn ordered<T: Send, U: Send, E>(
    threads: NonZero<usize>,
    items: impl Iterator<Item = T> + Send,
    work: impl Fn(T) -> U + Sync,
    mut take: impl FnMut(U) -> Result<(), E>,
) -> Result<(), E> {
    let threads = threads.get();
    let items = Mutex::new(items.enumerate());
    let gate = Gate { open: Mutex::new(Some(threads * IN_FLIGHT)), opened: Condvar::new() };
    thread::scope(|scope| {
        let (results, come) = sync_channel(threads);
        for _ in 0..threads {
            let results = results.clone();
            let (items, gate, work) = (&items, &gate, &work);
            scope.spawn(move || {
                let next = || locked(items).next();
                while let Some((at, item)) = next() {
                    if !gate.passes(at) || results.send((at, work(item))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(results);
        let mut early = BTreeMap::new();
        let mut expected = 0;
        let taken = come.iter().try_for_each(|(at, result)| {
            early.insert(at, result);
            while let Some(result) = early.remove(&expected) {
                expected += 1;
                gate.open_to(Some(expected + threads * IN_FLIGHT));
                take(result)?;
            }
            Ok(())
        });
        gate.open_to(None);
        // Whoever has a result to send is told that nobody takes it.
        drop(come);
        taken
    })
}

/// Holds back those who are far ahead of the others.
struct Gate {
    /// The first item that must wait; `None`: it is over.
    open: Mutex<Option<usize>>,
    opened: Condvar,
}

impl Gate {
    /// Waits for the turn of an item; `false`: it never comes.
    fn passes(&self, at: usize) -> bool {
        let open = locked(&self.open);
        let waits = |open: &mut Option<usize>| open.is_some_and(|end| at >= end);
        self.opened.wait_while(open, waits).unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn open_to(&self, end: Option<usize>) {
        *locked(&self.open) = end;
        self.opened.notify_all();
    }
}

/// A thread that panicked while it held the lock ends the scope with its panic.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many items of each thread are begun and not taken yet.
const IN_FLIGHT: usize = 2;

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn threads(number: usize) -> NonZero<usize> {
        NonZero::new(number).expect("some threads")
    }

    #[test]
    fn results_come_in_the_order_of_the_items() {
        for number in 1..5 {
            let mut taken = Vec::new();
            let square = |number: usize| (0..number % 7 * 1000).fold(number * number, |sum, more| sum ^ more ^ more);
            let take = |result| -> Result<(), ()> {
                taken.push(result);
                Ok(())
            };
            ordered(threads(number), 0..500, square, take).expect("no error");
            assert_eq!(taken, (0..500).map(|number| number * number).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_error_ends_the_work() {
        let begun = AtomicUsize::new(0);
        let work = |number: usize| {
            begun.fetch_add(1, Ordering::Relaxed);
            number
        };
        let take = |result| if result == 10 { Err(result) } else { Ok(()) };
        assert_eq!(ordered(threads(3), 0..1_000_000, work, take), Err(10));
        assert!(begun.load(Ordering::Relaxed) < 100);
    }
}
