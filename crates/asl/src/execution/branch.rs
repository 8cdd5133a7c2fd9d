//! The end, failure and abort of the children of a thread.

use std::sync::Arc;

use super::Execution;
use super::api::Action;
use super::end::Ending;
use super::failure::{Failed, FailureKind};
use super::thread::{Child, Children, Parent, Phase, Thread, ThreadId};
use crate::definition::StateKind;
use crate::history::{EventDetails, MapIteration, StateType};
use crate::payload::Payload;

impl Execution {
    /// A thread has reached the end of its machine.
    pub(super) fn thread_ended(&mut self, id: ThreadId, thread: Box<Thread>, output: Payload) {
        self.threads.free(id);
        let Some(parent) = thread.parent else {
            return self.end(Ending::Succeeded(output, thread.last));
        };
        let Some((mut owner, mut children)) = self.owner_of(parent, Some(output)) else { return };
        owner.last = thread.last;
        let definition = Arc::clone(&self.definition);
        if let StateKind::Map(map) = definition.state(owner.state).kind() {
            let iteration = iteration(&owner, parent.index);
            owner.last = self.core.record(thread.last, EventDetails::MapIterationSucceeded(iteration));
            if let Err(error) = self.start_iteration(parent.thread, &mut owner, map, &mut children, thread.last) {
                let failed = self.resolve(&mut owner, error);
                self.abort_children(&owner, &children, owner.last);
                return self.resume_owner(parent.thread, owner, Err(failed));
            }
        }
        if children.running > 0 {
            owner.phase = Phase::Children(children);
            return self.threads.put_back(parent.thread, owner);
        }
        match children.outputs() {
            Some(outputs) => self.resume_owner(parent.thread, owner, Ok(Payload::list(outputs))),
            None => self.end_broken("a state ends while a branch of it has not ended"),
        }
    }

    /// An error has left a thread: the execution ends, or the state around it fails with the same error.
    pub(super) fn thread_failed(&mut self, id: ThreadId, thread: Box<Thread>, failed: Failed) {
        self.threads.free(id);
        let Some(parent) = thread.parent else {
            return self.end(Ending::Failed(failed.failure, thread.last));
        };
        let Some((mut owner, children)) = self.owner_of(parent, None) else { return };
        owner.last = thread.last;
        // An error that nothing handles ends the execution as it stands.
        if failed.kind != FailureKind::Runtime {
            self.record_child_failed(&owner, parent, &thread, &children);
            self.abort_children(&owner, &children, thread.last);
        }
        self.resume_owner(parent.thread, owner, Err(failed));
    }

    /// Takes out the thread that waits for a child which runs no more, and what it knows of its children.
    fn owner_of(&mut self, parent: Parent, output: Option<Payload>) -> Option<(Box<Thread>, Children)> {
        let owner = self.threads.take(parent.thread).and_then(|mut owner| {
            let Phase::Children(mut children) = std::mem::replace(&mut owner.phase, Phase::Running) else {
                return None;
            };
            children.stopped(parent.index, output).then_some((owner, children))
        });
        if owner.is_none() {
            self.end_broken("a branch ends for which no state waits");
        }
        owner
    }

    fn resume_owner(&mut self, id: ThreadId, mut owner: Box<Thread>, result: Result<Payload, Failed>) {
        owner.phase = Phase::Resume(result);
        self.ready.push_back(id);
        self.threads.put_back(id, owner);
    }

    fn record_child_failed(&mut self, owner: &Thread, parent: Parent, child: &Thread, children: &Children) {
        if children.map.is_some() {
            self.core.record(child.last, EventDetails::MapIterationFailed(iteration(owner, parent.index)));
        }
        // A task that failed counts as under way until its branch has failed.
        if matches!(self.definition.state(child.state).kind(), StateKind::Task(_)) {
            self.core.record(child.last, EventDetails::StateAborted(StateType::Task));
        }
    }

    /// Ends the children that still run because of that event.
    pub(super) fn abort_children(&mut self, owner: &Thread, children: &Children, cause: u64) {
        for (index, child) in children.all.iter().enumerate() {
            let Child::Running(id) = child else { continue };
            if children.map.is_some() {
                self.core.record(cause, EventDetails::MapIterationAborted(iteration(owner, index)));
            }
            self.abort(*id, cause);
        }
    }

    /// Ends a thread and its children because of that event.
    fn abort(&mut self, id: ThreadId, cause: u64) {
        let Some(thread) = self.threads.take(id) else {
            return self.end_broken("a branch that runs is not there");
        };
        self.threads.free(id);
        match &thread.phase {
            Phase::Task(task) => {
                self.tasks.remove(&task.id);
                self.actions.push(Action::Cancel(task.id));
            }
            Phase::Children(children) => self.abort_children(&thread, children, cause),
            Phase::Enter | Phase::Retry | Phase::Resume(_) => self.ready.retain(|ready| *ready != id),
            Phase::Timer(_) | Phase::Stalled | Phase::Running => {}
        }
        let state_type = self.definition.state(thread.state).state_type();
        let aborts = matches!(state_type, StateType::Task | StateType::Wait | StateType::Parallel | StateType::Map);
        if aborts && !matches!(thread.phase, Phase::Enter) {
            self.core.record(cause, EventDetails::StateAborted(state_type));
        }
    }
}

pub(super) fn iteration(owner: &Thread, index: usize) -> MapIteration {
    MapIteration { name: Arc::clone(&owner.name), index: index as u64 }
}
