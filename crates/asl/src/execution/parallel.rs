//! Parallel states.

use std::collections::BTreeMap;

use super::Execution;
use super::failure::Trouble;
use super::flow;
use super::run::Progress;
use super::scope::Scope;
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
    ) -> Result<Progress, Trouble> {
        let input = flow::arguments(&mut self.core, thread, state, None)?;
        thread.last = self.core.record(thread.last, EventDetails::ParallelStateStarted);
        if parallel.branches.is_empty() {
            thread.phase = Phase::Resume(Ok(Payload::new(serde_json::Value::Array(Vec::new()))));
            return Ok(Progress::Blocked);
        }
        let mut running = BTreeMap::new();
        for (index, branch) in parallel.branches.iter().enumerate() {
            let Some(start) = self.definition.start_of(*branch) else { continue };
            let parent = Parent { thread: id, index };
            let mut child = Thread::new(Some(parent), start, input.clone(), thread.last, Scope::inner(&thread.scope));
            child.map_item.clone_from(&thread.map_item);
            let child = self.spawn(child);
            running.insert(index, child);
            self.ready.push_back(child);
        }
        let outputs = vec![None; parallel.branches.len()];
        thread.phase = Phase::Children(Children { running, outputs, map: None });
        Ok(Progress::Blocked)
    }
}
