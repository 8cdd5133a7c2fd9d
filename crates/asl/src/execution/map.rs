//! Map states in inline mode.

use std::rc::Rc;

use super::Execution;
use super::branch::iteration;
use super::failure::StateError;
use super::flow;
use super::run::Progress;
use super::thread::{Children, MapItem, MapRun, Parent, Phase, Thread, ThreadId};
use super::view::View;
use crate::definition::{ItemSelector, Items, Map, Number, QueryLanguage, State};
use crate::history::EventDetails;
use crate::jsonata::{EvaluationError, JsonataTemplate, type_name};
use crate::payload::Payload;

/// Iterations of a Map that run side by side (Step Functions developer guide, "Using Map state in Inline mode").
const MOST_CONCURRENT: usize = 40;

impl Execution {
    pub(super) fn start_map(
        &mut self,
        id: ThreadId,
        thread: &mut Thread,
        state: &State,
        map: &Map,
    ) -> Result<Progress, StateError> {
        let input = flow::effective_input(&mut self.core, thread, state)?;
        let concurrency = match &map.max_concurrency {
            None => MOST_CONCURRENT,
            Some(number) => match self.concurrency(thread, state, number)? {
                Some(concurrency) => concurrency,
                None => return Ok(self.stall(thread)),
            },
        };
        let items = self.items(thread, state, map, &input)?;
        thread.last = self.core.record(thread.last, EventDetails::MapStateStarted { length: items.len() as u64 });
        self.check_tolerance(thread, state, map)?;
        if items.is_empty() {
            thread.phase = Phase::Resume(Ok(Payload::list(Vec::new())));
            return Ok(Progress::Blocked);
        }
        let mut children = Children::idle(items.len(), Some(MapRun { next_index: 0, input, items }));
        for _ in 0..concurrency {
            if let Err(error) = self.start_iteration(id, thread, map, &mut children, thread.last) {
                self.abort_children(thread, &children, thread.last);
                return Err(error);
            }
        }
        thread.phase = Phase::Children(children);
        Ok(Progress::Blocked)
    }

    /// Starts the next iteration after that event, if there is one left. What it starts with is selected first.
    pub(super) fn start_iteration(
        &mut self,
        id: ThreadId,
        owner: &mut Thread,
        map: &Map,
        children: &mut Children,
        previous: u64,
    ) -> Result<(), StateError> {
        let start = self.definition.start_of(map.processor);
        let run = children.map.as_mut().ok_or(StateError::Internal("a Map has lost its items"))?;
        let index = run.next_index;
        let Some(value) = run.items.get(index).cloned() else { return Ok(()) };
        let item = Rc::new(MapItem { index, value });
        let input = self.select(owner, map, &run.input, &item)?;
        run.next_index += 1;
        let started = self.core.record(previous, EventDetails::MapIterationStarted(iteration(owner, index)));
        let parent = Parent { thread: id, index };
        let mut child = Thread::new(Some(parent), start, input, started, Rc::clone(&owner.scope));
        child.map_item = Some(item);
        let child = self.threads.spawn(child);
        children.started(index, child);
        self.ready.push_back(child);
        Ok(())
    }

    fn items(
        &mut self,
        thread: &Thread,
        state: &State,
        map: &Map,
        input: &Payload,
    ) -> Result<Vec<Payload>, StateError> {
        let not_an_array = |text: &str| StateError::Runtime(format!("Reference path \"{text}\" must point to array."));
        let list = match &map.items {
            Items::Input if state.query_language() == QueryLanguage::JsonPath => {
                if !input.is_array() {
                    return Err(not_an_array("$"));
                }
                input.clone()
            }
            Items::Input => {
                if !input.is_array() {
                    return Err(StateError::Evaluation {
                        cause: format!("Map state input must be an array but was: {}", input.value()),
                        location: None,
                    });
                }
                input.clone()
            }
            Items::Path(query) => {
                let mut view = View::new(&mut self.core, thread);
                view.dollar = input.clone();
                let found = query.evaluate(&mut view, "ItemsPath").map_err(StateError::items_path)?;
                if !found.is_array() {
                    return Err(not_an_array(query.text()));
                }
                found
            }
            Items::Computed(template) => {
                let found = template.evaluate(&mut View::new(&mut self.core, thread), "Items")?;
                if !found.is_array() {
                    return Err(match template {
                        JsonataTemplate::Expression(expression) => {
                            EvaluationError::unexpected(expression, "Items", "array", &found).into()
                        }
                        _ => StateError::Evaluation {
                            cause: format!("The field 'Items' must be an array but was '{}'", type_name(&found)),
                            location: Some("Items".to_owned()),
                        },
                    });
                }
                found
            }
        };
        Ok(list.as_array().into_iter().flatten().cloned().map(Payload::new).collect())
    }

    /// How many iterations run side by side; `None` for a negative number.
    fn concurrency(&mut self, thread: &Thread, state: &State, number: &Number) -> Result<Option<usize>, StateError> {
        let most = flow::whole_number(&mut self.core, thread, state, number, "MaxConcurrency")?;
        Ok(match usize::try_from(most) {
            Ok(0) => Some(MOST_CONCURRENT),
            Ok(most) => Some(most.min(MOST_CONCURRENT)),
            Err(_) => None,
        })
    }

    /// With a negative concurrency Step Functions hangs: it does not enter the state, and the execution runs until it is
    /// stopped or times out.
    fn stall(&mut self, thread: &mut Thread) -> Progress {
        if self.core.history.last().is_some_and(|event| event.id == thread.entered) {
            self.core.history.pop();
            thread.last = thread.before_entered;
        }
        thread.phase = Phase::Stalled;
        Progress::Blocked
    }

    /// The thresholds are checked; only a Map in distributed mode tolerates failures.
    fn check_tolerance(&mut self, thread: &Thread, state: &State, map: &Map) -> Result<(), StateError> {
        if let Some(number) = &map.tolerated_failure_count
            && flow::whole_number(&mut self.core, thread, state, number, "ToleratedFailureCount")? < 0
        {
            return Err(StateError::Runtime("ToleratedFailureCount cannot be negative.".to_owned()));
        }
        let percentage = match &map.tolerated_failure_percentage {
            None => None,
            Some(Number::Given(number)) => number.as_f64(),
            Some(Number::Path(path)) => {
                let value = flow::path_value(&mut self.core, thread, state, path)?;
                let invalid = || {
                    let (shown, path) = (flow::bare(&value), path.text());
                    StateError::Runtime(format!(
                        "The ToleratedFailurePercentagePath field refers to value \"{shown}\" which is not a valid float: {path}"
                    ))
                };
                Some(value.as_f64().or_else(|| value.as_str()?.parse().ok()).ok_or_else(invalid)?)
            }
            Some(Number::Computed(expression)) => {
                flow::computed_number(&mut self.core, thread, expression, "ToleratedFailurePercentage")?.as_f64()
            }
        };
        match percentage {
            Some(percentage) if !(0.0..=100.0).contains(&percentage) => {
                Err(StateError::Runtime("ToleratedFailurePercentage must be between 0 and 100.".to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// What an iteration starts with: its item, or what the selector makes of it and the input of the state.
    fn select(
        &mut self,
        owner: &mut Thread,
        map: &Map,
        input: &Payload,
        item: &Rc<MapItem>,
    ) -> Result<Payload, StateError> {
        let Some(selector) = &map.selector else { return Ok(item.value.clone()) };
        let outer = owner.map_item.replace(Rc::clone(item));
        let mut view = View::new(&mut self.core, owner);
        view.dollar = input.clone();
        let selected = match selector {
            ItemSelector::JsonPath(template) => template.evaluate(&mut view).map_err(StateError::not_found),
            ItemSelector::Jsonata(template) => template.evaluate(&mut view, "ItemSelector").map_err(StateError::from),
        };
        owner.map_item = outer;
        if let Ok(selected) = &selected {
            self.core.keep(selected, input);
        }
        selected
    }
}
