//! Transitions: every target exists, every state can be reached, and some state ends the execution.

use std::cell::OnceCell;
use std::collections::{HashMap, VecDeque};

use super::Rules;
use super::check::Checker;
use super::location::Location;
use super::report::{AwsError, aws_code};
use super::rule;
use crate::source::{Member, Node, Object};

impl Checker<'_, '_> {
    /// Checks the transitions of a state machine and of the branches and item processors within it.
    pub(super) fn transitions(&mut self, root: &Node<'_>) {
        if let Some(machine) = root.as_object() {
            self.check_nested_transitions(machine, &Location::ROOT, true);
        }
    }

    fn check_nested_transitions(&mut self, container: &Object<'_>, location: &Location<'_>, outermost: bool) {
        self.check_transitions(container, location, outermost);
        let states = container.get("States").and_then(|states| states.value.as_object());
        let states_location = location.field("States");
        for member in states.into_iter().flat_map(Object::effective) {
            if let Some(state) = member.value.as_object() {
                self.nested_machines(state, &states_location.field(&member.name));
            }
        }
    }

    /// Checks the transitions between the states of a state machine, a branch or an item processor.
    pub(super) fn check_transitions(&mut self, container: &Object<'_>, location: &Location<'_>, outermost: bool) {
        let Some(states) = container.get("States").and_then(|states| states.value.as_object()) else { return };
        let states_location = location.field("States");
        let members: Vec<&Member<'_>> = states.effective().collect();
        let open_names = members.iter().any(|member| self.has_placeholder(&member.name));
        let names = StateNames::new(&members, open_names);

        let start = container.get("StartAt").filter(|start| start.value.as_str().is_some());
        let first = start.map(|start| self.target(&start.value, &location.field("StartAt"), &names));
        let transitions: Vec<Transitions> =
            members.iter().map(|member| self.transitions_of(member, &states_location, &names)).collect();

        let has_end = members.iter().any(|member| self.can_end(member));
        if !has_end && !members.is_empty() {
            self.no_end(&states_location, container, outermost);
        }
        // Step Functions reports unreachable states only when some state ends the execution
        if let Some(first) = first.filter(|_| !outermost || has_end) {
            self.unreachable(&members, &transitions, first, &states_location);
        }
    }

    fn nested_machines(&mut self, state: &Object<'_>, location: &Location<'_>) {
        for name in ["ItemProcessor", "Iterator"] {
            if let Some(processor) = state.get(name).and_then(|processor| processor.value.as_object()) {
                self.check_nested_transitions(processor, &location.field(name), false);
            }
        }
        let branches = state.get("Branches").and_then(|branches| branches.value.as_array()).unwrap_or_default();
        let branches_location = location.field("Branches");
        for (index, branch) in branches.iter().enumerate() {
            if let Some(branch) = branch.as_object() {
                self.check_nested_transitions(branch, &branches_location.item(index), false);
            }
        }
    }

    /// The states that a state leads to, with an error for each that does not exist.
    fn transitions_of(&mut self, member: &Member<'_>, states: &Location<'_>, names: &StateNames<'_>) -> Transitions {
        let mut transitions = Transitions { anywhere: self.is_open(&member.value), ..Transitions::default() };
        let Some(state) = member.value.as_object() else { return transitions };
        transitions.anywhere |= self.has_open_fields(state);
        let location = states.field(&member.name);
        for field in state.effective() {
            let here = location.field(&field.name);
            match field.name.as_ref() {
                "Next" | "Default" => transitions.add(self.target(&field.value, &here, names)),
                "Choices" | "Catch" => {
                    transitions.anywhere |= self.is_open(&field.value);
                    for (index, item) in field.value.as_array().unwrap_or_default().iter().enumerate() {
                        transitions.anywhere |= self.is_open(item);
                        let Some(item_fields) = item.as_object() else { continue };
                        transitions.anywhere |= self.has_open_fields(item_fields);
                        let item_location = here.item(index);
                        if let Some(next) = item_fields.get("Next") {
                            transitions.add(self.target(&next.value, &item_location.field("Next"), names));
                        }
                    }
                }
                _ => {}
            }
        }
        transitions
    }

    fn target(&mut self, node: &Node<'_>, location: &Location<'_>, names: &StateNames<'_>) -> Target {
        if self.is_open(node) {
            return Target::Any;
        }
        let Some(name) = node.as_str() else { return Target::Missing };
        if let Some(index) = names.get(name) {
            return Target::State(index);
        }
        if names.open {
            return Target::Any;
        }
        let message = match names.similar(name) {
            Some(similar) => format!("there is no state `{name}` at this level; there is `{similar}`"),
            None => format!("there is no state `{name}` at this level"),
        };
        let aws_error = AwsError::known(aws_code::TARGET, format!("Missing 'Next' target: {name}"), location);
        self.report.error(&rule::MISSING_STATE, location, node.at, message, aws_error);
        Target::Missing
    }

    fn unreachable(
        &mut self,
        members: &[&Member<'_>],
        transitions: &[Transitions],
        first: Target,
        states: &Location<'_>,
    ) {
        let mut reached = vec![false; members.len()];
        let mut queue: VecDeque<usize> = match first {
            Target::State(index) => VecDeque::from([index]),
            Target::Missing => VecDeque::new(),
            Target::Any => return,
        };
        while let Some(index) = queue.pop_front() {
            let (Some(seen), Some(transitions)) = (reached.get_mut(index), transitions.get(index)) else { continue };
            if transitions.anywhere {
                return;
            }
            if !*seen {
                *seen = true;
                queue.extend(&transitions.states);
            }
        }
        for (member, _) in members.iter().zip(reached).filter(|(_, reached)| !reached) {
            let location = states.field(&member.name);
            let name = &member.name;
            let aws_error = AwsError::known(aws_code::TARGET, format!("State \"{name}\" is not reachable."), &location);
            let message = format!("the state `{name}` cannot be reached from `StartAt`");
            self.report.error(&rule::UNREACHABLE_STATE, &location, member.at, message, aws_error);
        }
    }

    /// Step Functions requires a terminal state in the outermost machine only; a branch without one never ends either.
    fn no_end(&mut self, states: &Location<'_>, container: &Object<'_>, outermost: bool) {
        let at = container.get("States").map_or(0, |states| states.at);
        let message = "no state ends the execution: no state has `End`, none is a Succeed or Fail state";
        if outermost {
            let aws_error = AwsError::without_location(aws_code::NO_END, "Workflow has no terminal state");
            self.report.error(&rule::NO_TERMINAL_STATE, states, at, message, aws_error);
        } else if self.options.rules != Rules::Service {
            self.report.schema_error(&rule::NO_TERMINAL_STATE, states, at, message);
        } else {
            self.report.warn(&rule::NESTED_TERMINAL, states, at, message);
        }
    }

    /// Whether a state ends the execution, or can when its placeholders are replaced.
    fn can_end(&self, member: &Member<'_>) -> bool {
        let Some(state) = member.value.as_object() else { return self.is_open(&member.value) };
        let end = state.get("End").map(|end| &end.value);
        let state_type = state.get("Type").map(|state_type| &state_type.value);
        let ends = end.is_some_and(|end| end.as_bool() == Some(true));
        ends || state_type.is_some_and(|found| matches!(found.as_str(), Some("Succeed" | "Fail")))
            || self.has_open_fields(state)
            || [end, state_type].into_iter().flatten().any(|value| self.is_open(value))
    }
}

/// Where a transition leads.
enum Target {
    /// To the state with that index.
    State(usize),
    /// To a state that does not exist, which has been reported.
    Missing,
    /// To any state: a placeholder decides.
    Any,
}

/// The transitions of a state.
#[derive(Default)]
struct Transitions {
    /// The indices of the states that it leads to.
    states: Vec<usize>,
    /// Whether a placeholder can lead to any state.
    anywhere: bool,
}

impl Transitions {
    fn add(&mut self, target: Target) {
        match target {
            Target::State(index) => self.states.push(index),
            Target::Missing => {}
            Target::Any => self.anywhere = true,
        }
    }
}

/// The states of one level, by name.
struct StateNames<'n> {
    indices: HashMap<&'n str, usize>,
    names: Vec<&'n str>,
    /// Whether a name has a placeholder, so that any name can exist.
    open: bool,
    /// The names in lower case and without white space around them, with the first state of each; computed when a name is
    /// missing.
    folded: OnceCell<HashMap<String, &'n str>>,
}

impl<'n> StateNames<'n> {
    fn new(members: &[&'n Member<'_>], open: bool) -> StateNames<'n> {
        let names: Vec<&str> = members.iter().map(|member| member.name.as_ref()).collect();
        let indices = names.iter().enumerate().map(|(index, name)| (*name, index)).collect();
        StateNames { indices, names, open, folded: OnceCell::new() }
    }

    fn get(&self, name: &str) -> Option<usize> {
        self.indices.get(name).copied()
    }

    /// A state whose name differs only in case or in white space around it.
    fn similar(&self, name: &str) -> Option<&'n str> {
        let folded = self.folded.get_or_init(|| {
            let mut folded = HashMap::with_capacity(self.names.len());
            for name in &self.names {
                folded.entry(fold(name)).or_insert(*name);
            }
            folded
        });
        folded.get(&fold(name)).copied()
    }
}

fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}
