//! Children of a thread: how they end, fail and are aborted.

use serde_json::Value;

use super::Execution;
use super::api::Action;
use super::end::Ending;
use super::failure::{Failed, FailedKind};
use super::thread::{Children, Parent, Phase, Thread, ThreadId};
use crate::definition::{State, StateKind};
use crate::history::{EventDetails, MapIteration, StateType};
use crate::payload::Payload;

impl Execution {
    /// A thread has reached the end of its machine.
    pub(super) fn thread_ended(&mut self, id: ThreadId, thread: Thread, output: Payload) {
        self.free.push(id);
        let Some(parent) = thread.parent else {
            return self.end(Ending::Succeeded(output, thread.last));
        };
        let Some(mut owner) = self.take(parent.thread) else { return };
        if let Phase::Children(mut children) = std::mem::replace(&mut owner.phase, Phase::Running) {
            children.running.remove(&parent.index);
            if let Some(slot) = children.outputs.get_mut(parent.index) {
                *slot = Some(output);
            }
            owner.last = thread.last;
            if children.map.is_some() {
                let iteration = iteration(&owner, parent.index);
                owner.last = self.core.record(thread.last, EventDetails::MapIterationSucceeded(iteration));
                if let Err(trouble) = self.start_iteration(parent.thread, &mut owner, &mut children, thread.last) {
                    let failed = self.resolve(&mut owner, trouble);
                    self.abort_children(&owner, &children, owner.last);
                    owner.phase = Phase::Resume(Err(failed));
                    self.ready.push_back(parent.thread);
                    return self.put_back(parent.thread, owner);
                }
            }
            if children.running.is_empty() {
                let outputs = std::mem::take(&mut children.outputs);
                let list = outputs.into_iter().flatten().map(Payload::into_value).collect();
                owner.phase = Phase::Resume(Ok(Payload::new(Value::Array(list))));
                self.ready.push_back(parent.thread);
            } else {
                owner.phase = Phase::Children(children);
            }
        }
        self.put_back(parent.thread, owner);
    }

    /// An error has left a thread: the execution ends, or the state around it fails with the same error.
    pub(super) fn thread_failed(&mut self, id: ThreadId, thread: Thread, failed: Failed) {
        self.free.push(id);
        let Some(parent) = thread.parent else {
            return self.end(Ending::Failed(failed.failure, thread.last));
        };
        let Some(mut owner) = self.take(parent.thread) else { return };
        if let Phase::Children(mut children) = std::mem::replace(&mut owner.phase, Phase::Running) {
            children.running.remove(&parent.index);
            owner.last = thread.last;
            // An error that nothing handles ends the execution as it stands.
            if failed.kind != FailedKind::Runtime {
                self.record_child_failed(&owner, parent, &thread, &children);
                self.abort_children(&owner, &children, thread.last);
            }
            owner.phase = Phase::Resume(Err(failed));
            self.ready.push_back(parent.thread);
        }
        self.put_back(parent.thread, owner);
    }

    fn record_child_failed(&mut self, owner: &Thread, parent: Parent, child: &Thread, children: &Children) {
        if children.map.is_some() {
            self.core.record(child.last, EventDetails::MapIterationFailed(iteration(owner, parent.index)));
        }
        // A task that failed counts as under way until its branch has failed.
        if matches!(self.definition.state(child.state).map(State::kind), Some(StateKind::Task(_))) {
            self.core.record(child.last, EventDetails::StateAborted(StateType::Task));
        }
    }

    /// Ends the children that still run because of that event.
    pub(super) fn abort_children(&mut self, owner: &Thread, children: &Children, cause: u64) {
        for (index, child) in &children.running {
            if children.map.is_some() {
                self.core.record(cause, EventDetails::MapIterationAborted(iteration(owner, *index)));
            }
            self.abort(*child, cause);
        }
    }

    /// Ends a thread and its children because of that event.
    fn abort(&mut self, id: ThreadId, cause: u64) {
        let Some(thread) = self.take(id) else { return };
        self.free.push(id);
        let state_type = self.definition.state(thread.state).map(State::state_type);
        let entered = !matches!(thread.phase, Phase::Enter);
        match thread.phase {
            Phase::Task(ref task) => {
                self.tasks.remove(&task.id);
                self.actions.push(Action::Cancel(task.id));
            }
            Phase::Children(ref children) => self.abort_children(&thread, children, cause),
            _ => {}
        }
        if let Some(state_type @ (StateType::Task | StateType::Wait | StateType::Parallel | StateType::Map)) =
            state_type
            && entered
        {
            self.core.record(cause, EventDetails::StateAborted(state_type));
        }
    }
}

pub(super) fn iteration(owner: &Thread, index: usize) -> MapIteration {
    MapIteration { name: std::sync::Arc::clone(&owner.name), index: index as u64 }
}
