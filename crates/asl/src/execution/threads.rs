//! The threads of an execution.

use super::thread::{Thread, ThreadId};

/// The threads by their ids. The place of a thread that has ended is used again.
///
/// A thread is boxed, for it is taken out while it runs and put back when it waits.
#[derive(Default)]
pub(super) struct Threads {
    places: Vec<Option<Box<Thread>>>,
    free: Vec<ThreadId>,
}

impl Threads {
    pub(super) fn spawn(&mut self, thread: Thread) -> ThreadId {
        let thread = Some(Box::new(thread));
        let free = self.free.pop().and_then(|id| Some((id, self.places.get_mut(id)?)));
        if let Some((id, place)) = free {
            *place = thread;
            return id;
        }
        self.places.push(thread);
        self.places.len() - 1
    }

    /// Takes a thread out; it is put back, or its place is set free.
    pub(super) fn take(&mut self, id: ThreadId) -> Option<Box<Thread>> {
        self.places.get_mut(id)?.take()
    }

    /// Puts a thread back that was taken out. Once the execution has ended there is no place for it, and it is dropped.
    pub(super) fn put_back(&mut self, id: ThreadId, thread: Box<Thread>) {
        if let Some(place) = self.places.get_mut(id) {
            *place = Some(thread);
        }
    }

    /// Sets the place of a thread free that was taken out and has ended.
    pub(super) fn free(&mut self, id: ThreadId) {
        self.free.push(id);
    }

    pub(super) fn get(&self, id: ThreadId) -> Option<&Thread> {
        self.places.get(id)?.as_deref()
    }

    pub(super) fn get_mut(&mut self, id: ThreadId) -> Option<&mut Thread> {
        self.places.get_mut(id)?.as_deref_mut()
    }

    pub(super) fn clear(&mut self) {
        self.places.clear();
        self.free.clear();
    }
}
