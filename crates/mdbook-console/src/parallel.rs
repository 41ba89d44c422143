//! Doing the same with many things, on all cores.

use std::num::NonZeroUsize;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What `work` makes of each item, in the order of the items, whichever is
/// done first. At most `jobs` are worked on at a time; as many as there are
/// cores if that is not said.
pub(crate) fn map<T: Sync, R: Send + Sync>(
    items: &[T],
    jobs: Option<NonZeroUsize>,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done: Vec<OnceLock<R>> =
        items.iter().map(|_| OnceLock::new()).collect();
    let take = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { break };
            let _ = done[index].set(work(item));
        }
    };
    let cores = || thread::available_parallelism().ok();
    let jobs = jobs.or_else(cores).map_or(1, NonZeroUsize::get);
    thread::scope(|scope| {
        for _ in 1..jobs.min(items.len()) {
            scope.spawn(take);
        }
        take();
    });
    done.into_iter().filter_map(OnceLock::into_inner).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn results_have_the_order_of_the_items() {
        let items: Vec<usize> = (0..1000).collect();
        let doubled: Vec<usize> = (0..1000).map(|n| n * 2).collect();
        for jobs in [1, 3] {
            let jobs = NonZeroUsize::new(jobs);
            assert_eq!(map(&items, jobs, |n| n * 2), doubled);
        }
        assert!(map(&[(); 0], None, |()| ()).is_empty());
    }

    #[test]
    fn as_many_are_worked_on_as_is_said() {
        // Nobody passes before both are there.
        let both = Barrier::new(2);
        map(&[(), ()], NonZeroUsize::new(2), |()| both.wait());
    }
}
