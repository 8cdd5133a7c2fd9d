//! Parallel states.

use std::rc::Rc;

use super::Execution;
use super::failure::StateError;
use super::flow;
use super::run::Progress;
use super::thread::{Children, Parent, Phase, Thread, ThreadId};
use crate::definition::{Parallel, State};
use crate::history::EventDetails;
use crate::payload::Payload;

impl Execution {
    pub(super) fn start_parallel(
        &mut self,
        id: ThreadId,
        thread: &mut Thread,
        state: &State,
        parallel: &Parallel,
    ) -> Result<Progress, StateError> {
        let input = flow::arguments(&mut self.core, thread, state, None)?;
        thread.last = self.core.record(thread.last, EventDetails::ParallelStateStarted);
        if parallel.branches.is_empty() {
            thread.phase = Phase::Resume(Ok(Payload::list(Vec::new())));
            return Ok(Progress::Blocked);
        }
        let mut children = Children::idle(parallel.branches.len(), None);
        for (index, branch) in parallel.branches.iter().enumerate() {
            let start = self.definition.start_of(*branch);
            let parent = Parent { thread: id, index };
            let mut child = Thread::new(Some(parent), start, input.clone(), thread.last, Rc::clone(&thread.scope));
            child.map_item.clone_from(&thread.map_item);
            let child = self.threads.spawn(child);
            children.started(index, child);
            self.ready.push_back(child);
        }
        thread.phase = Phase::Children(children);
        Ok(Progress::Blocked)
    }
}
