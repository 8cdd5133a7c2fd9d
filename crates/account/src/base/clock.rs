//! The virtual clock: time moves only when the driver of a replay moves it.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_async::time::TimeSource;

use super::time::Timestamp;

/// A handle on one virtual clock; clones share it.
///
/// Give it to SDK clients as time source and as sleep. A sleeper is woken by [`VirtualClock::advance`] or
/// [`VirtualClock::advance_to`] and by nothing else; sleepers of the same moment wake in the order in which they began.
#[derive(Debug, Clone)]
pub struct VirtualClock {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug)]
struct Shared {
    now: Timestamp,
    begun: u64,
    /// By wake time, then by the order of their beginning. `None` until the sleeper is polled.
    sleepers: BTreeMap<(Timestamp, u64), Option<Waker>>,
}

impl VirtualClock {
    /// A clock that stands at `now`.
    pub fn new(now: Timestamp) -> Self {
        Self { shared: Arc::new(Mutex::new(Shared { now, begun: 0, sleepers: BTreeMap::new() })) }
    }

    /// The moment it shows.
    pub fn now(&self) -> Timestamp {
        self.lock().now
    }

    /// When the earliest sleeper wakes; `None` without sleepers.
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.lock().sleepers.first_key_value().map(|((wake, _), _)| *wake)
    }

    /// Moves to the earliest sleeper's moment, wakes every sleeper of that moment, and returns the moment; `None`, and
    /// no move, without sleepers. Only for a driver whose tasks are all idle.
    pub fn advance(&self) -> Option<Timestamp> {
        let wake = self.next_wake()?;
        self.advance_to(wake);
        Some(wake)
    }

    /// Moves to `moment` and wakes all whose time has come, the earliest first. Does not move back.
    pub fn advance_to(&self, moment: Timestamp) {
        let woken = {
            let mut shared = self.lock();
            shared.now = shared.now.max(moment);
            let after = (shared.now.after(Duration::from_millis(1)), 0);
            let later = shared.sleepers.split_off(&after);
            std::mem::replace(&mut shared.sleepers, later)
        };
        // Woken without the lock: a waker may poll at once, and ask for the time.
        for waker in woken.into_values().flatten() {
            waker.wake();
        }
    }

    /// A future that ends when the clock has moved by `duration`, at once for none. Dropping it ends the sleep.
    pub fn sleep_for(&self, duration: Duration) -> impl Future<Output = ()> + Send + Sync + use<> {
        let mut shared = self.lock();
        let wake = shared.now.after(round_up(duration));
        let key = (wake, shared.begun);
        shared.begun += 1;
        if wake > shared.now {
            shared.sleepers.insert(key, None);
        }
        drop(shared);
        Sleeper { clock: self.clone(), key }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TimeSource for VirtualClock {
    fn now(&self) -> SystemTime {
        self.lock().now.into()
    }
}

impl AsyncSleep for VirtualClock {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(self.sleep_for(duration))
    }
}

/// The clock counts milliseconds; a sleep is never shorter than asked.
fn round_up(duration: Duration) -> Duration {
    if duration.subsec_nanos().is_multiple_of(1_000_000) {
        duration
    } else {
        duration.saturating_add(Duration::from_millis(1))
    }
}

struct Sleeper {
    clock: VirtualClock,
    key: (Timestamp, u64),
}

impl Future for Sleeper {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut shared = self.clock.lock();
        if self.key.0 <= shared.now {
            return Poll::Ready(());
        }
        shared.sleepers.insert(self.key, Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        self.clock.lock().sleepers.remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    struct Counter(AtomicUsize);

    impl Wake for Counter {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn poll(future: Pin<&mut impl Future<Output = ()>>, counter: &Arc<Counter>) -> bool {
        let waker = Waker::from(Arc::clone(counter));
        future.poll(&mut Context::from_waker(&waker)).is_ready()
    }

    #[test]
    fn sleepers_wake_at_their_moment_and_not_before() {
        let clock = VirtualClock::new(Timestamp::from_millis(0));
        let counter = Arc::new(Counter(AtomicUsize::new(0)));
        let mut late = pin!(clock.sleep_for(Duration::from_millis(20)));
        let mut early = pin!(clock.sleep_for(Duration::from_micros(9_001)));
        assert!(!poll(late.as_mut(), &counter) && !poll(early.as_mut(), &counter));
        assert_eq!(clock.next_wake(), Some(Timestamp::from_millis(10)));
        assert_eq!(clock.advance(), Some(Timestamp::from_millis(10)));
        assert_eq!(counter.0.load(Ordering::SeqCst), 1);
        assert!(poll(early.as_mut(), &counter) && !poll(late.as_mut(), &counter));
        assert_eq!(clock.advance(), Some(Timestamp::from_millis(20)));
        assert!(poll(late.as_mut(), &counter));
        assert_eq!(clock.advance(), None);
        assert_eq!(clock.now(), Timestamp::from_millis(20));
    }

    #[test]
    fn a_dropped_sleep_leaves_and_no_sleep_ends_at_once() {
        let clock = VirtualClock::new(Timestamp::from_millis(5));
        let counter = Arc::new(Counter(AtomicUsize::new(0)));
        drop(clock.sleep_for(Duration::from_secs(1)));
        assert_eq!(clock.next_wake(), None);
        assert!(poll(pin!(clock.sleep_for(Duration::ZERO)), &counter));
        clock.advance_to(Timestamp::from_millis(3));
        assert_eq!(clock.now(), Timestamp::from_millis(5));
    }
}
