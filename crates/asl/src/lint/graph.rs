//! Transitions: that they lead somewhere, that every state is reached, and that there is an end.

use std::cell::OnceCell;
use std::collections::{HashMap, VecDeque};

use super::Rules;
use super::check::Checker;
use super::place::Place;
use super::report::{Wording, aws_code};
use super::rule;
use crate::source::{Member, Node, Object};

impl Checker<'_, '_> {
    /// Checks the transitions of a machine and of all machines within it.
    pub(super) fn transitions(&mut self, root: &Node<'_>) {
        if let Some(machine) = root.as_object() {
            self.container(machine, &Place::ROOT, true);
        }
    }

    fn container(&mut self, container: &Object<'_>, place: &Place<'_>, outermost: bool) {
        self.within(container, place, outermost);
        let states = container.get("States").and_then(|states| states.value.as_object());
        let states_place = place.field("States");
        for member in states.into_iter().flat_map(Object::effective) {
            if let Some(state) = member.value.as_object() {
                self.inner(state, &states_place.field(&member.name));
            }
        }
    }

    /// Checks the transitions between the states of a machine, a branch or an item processor.
    pub(super) fn within(&mut self, container: &Object<'_>, place: &Place<'_>, outermost: bool) {
        let Some(states) = container.get("States").and_then(|states| states.value.as_object()) else { return };
        let states_place = place.field("States");
        let members: Vec<&Member<'_>> = states.effective().collect();
        let known = Known::new(&members);

        let start = container.get("StartAt").filter(|start| start.value.as_str().is_some());
        if let Some(start) = start {
            self.target(&start.value, &place.field("StartAt"), &known);
        }
        let edges: Vec<Vec<usize>> = members.iter().map(|member| self.edges(member, &states_place, &known)).collect();

        if !members.iter().any(|member| is_terminal(member)) && !members.is_empty() {
            self.no_end(&states_place, container, outermost);
        }
        // without an end Step Functions does not look for states that are not reached
        if let Some(start) = start.filter(|_| !outermost || members.iter().any(|member| is_terminal(member))) {
            let first = start.value.as_str().and_then(|name| known.get(name));
            self.unreachable(&members, &edges, first, &states_place);
        }
    }

    fn inner(&mut self, state: &Object<'_>, place: &Place<'_>) {
        for name in ["ItemProcessor", "Iterator"] {
            if let Some(processor) = state.get(name).and_then(|processor| processor.value.as_object()) {
                self.container(processor, &place.field(name), false);
            }
        }
        let branches = state.get("Branches").and_then(|branches| branches.value.as_array()).unwrap_or_default();
        let branches_place = place.field("Branches");
        for (index, branch) in branches.iter().enumerate() {
            if let Some(branch) = branch.as_object() {
                self.container(branch, &branches_place.item(index), false);
            }
        }
    }

    /// The states that a state leads to, with an error for each that does not exist.
    fn edges(&mut self, member: &Member<'_>, states: &Place<'_>, known: &Known<'_>) -> Vec<usize> {
        let mut edges = Vec::new();
        let Some(state) = member.value.as_object() else { return edges };
        let place = states.field(&member.name);
        for field in state.effective() {
            let here = place.field(&field.name);
            match field.name.as_ref() {
                "Next" | "Default" => edges.extend(self.target(&field.value, &here, known)),
                "Choices" | "Catch" => {
                    for (index, item) in field.value.as_array().unwrap_or_default().iter().enumerate() {
                        let next = item.as_object().and_then(|item| item.get("Next"));
                        let item_place = here.item(index);
                        edges.extend(next.and_then(|next| self.target(&next.value, &item_place.field("Next"), known)));
                    }
                }
                _ => {}
            }
        }
        edges
    }

    fn target(&mut self, node: &Node<'_>, place: &Place<'_>, known: &Known<'_>) -> Option<usize> {
        let name = node.as_str()?;
        let found = known.get(name);
        if found.is_none() {
            let message = match known.similar(name) {
                Some(similar) => format!("there is no state `{name}` beside it; there is `{similar}`"),
                None => format!("there is no state `{name}` beside it"),
            };
            let wording = Wording::known(aws_code::TARGET, format!("Missing 'Next' target: {name}"), place);
            self.report.error(&rule::MISSING_STATE, place, node.at, message, wording);
        }
        found
    }

    fn unreachable(&mut self, members: &[&Member<'_>], edges: &[Vec<usize>], first: Option<usize>, states: &Place<'_>) {
        let mut reached = vec![false; members.len()];
        let mut open: VecDeque<usize> = first.into_iter().collect();
        while let Some(state) = open.pop_front() {
            if let Some(seen) = reached.get_mut(state).filter(|seen| !**seen) {
                *seen = true;
                open.extend(edges.get(state).into_iter().flatten());
            }
        }
        for (member, _) in members.iter().zip(reached).filter(|(_, reached)| !reached) {
            let place = states.field(&member.name);
            let name = &member.name;
            let wording = Wording::known(aws_code::TARGET, format!("State \"{name}\" is not reachable."), &place);
            let message = format!("no transition leads to the state `{name}`");
            self.report.error(&rule::UNREACHABLE_STATE, &place, member.at, message, wording);
        }
    }

    /// Step Functions demands an end of the outermost machine only; one without an end within it never ends either.
    fn no_end(&mut self, states: &Place<'_>, container: &Object<'_>, outermost: bool) {
        let at = container.get("States").map_or(0, |states| states.at);
        let message = "no state ends the execution: none has `End`, none is Succeed or Fail";
        if outermost {
            let wording = Wording::placeless(aws_code::NO_END, "Workflow has no terminal state");
            self.report.error(&rule::NO_TERMINAL_STATE, states, at, message, wording);
        } else if self.options.rules != Rules::Service {
            self.report.refuse(&rule::NO_TERMINAL_STATE, states, at, message);
        } else {
            self.report.warn(&rule::NESTED_TERMINAL, states, at, message);
        }
    }
}

fn is_terminal(member: &Member<'_>) -> bool {
    let Some(state) = member.value.as_object() else { return false };
    let ends = state.get("End").is_some_and(|end| end.value.as_bool() == Some(true));
    ends || state.get("Type").is_some_and(|kind| matches!(kind.value.as_str(), Some("Succeed" | "Fail")))
}

/// The states beside each other, by name.
struct Known<'n> {
    places: HashMap<&'n str, usize>,
    names: Vec<&'n str>,
    /// Names without what a slip of the hand changes, to the first state that has it; made when a name is missing.
    folded: OnceCell<HashMap<String, &'n str>>,
}

impl<'n> Known<'n> {
    fn new(members: &[&'n Member<'_>]) -> Known<'n> {
        let names: Vec<&str> = members.iter().map(|member| member.name.as_ref()).collect();
        let places = names.iter().enumerate().map(|(at, name)| (*name, at)).collect();
        Known { places, names, folded: OnceCell::new() }
    }

    fn get(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// A state whose name differs in case or in white space around it.
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
