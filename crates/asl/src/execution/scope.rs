//! Variables. A branch reads those of the states around it and assigns its own.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use jsonata_core::value::JValue;

use crate::history::Assigned;
use crate::jsonata::to_jsonata;
use crate::payload::Payload;

/// Bytes that all variables of a scope may take together (Step Functions developer guide, "Variable limits").
const MAX_TOTAL: usize = 10 * 1024 * 1024;

/// The variables of one machine of an execution.
#[derive(Clone, Default)]
pub(super) struct Scope {
    own: BTreeMap<Arc<str>, Variable>,
    total: usize,
    outer: Option<Rc<Scope>>,
}

#[derive(Clone)]
struct Variable {
    payload: Payload,
    value: OnceCell<JValue>,
}

impl Scope {
    /// The scope of a branch within this one.
    pub(super) fn inner(outer: &Rc<Scope>) -> Scope {
        Scope { outer: Some(Rc::clone(outer)), ..Scope::default() }
    }

    fn find(&self, name: &str) -> Option<&Variable> {
        let mut scope = self;
        loop {
            match (scope.own.get(name), &scope.outer) {
                (Some(variable), _) => return Some(variable),
                (None, Some(outer)) => scope = outer,
                (None, None) => return None,
            }
        }
    }

    pub(super) fn payload(&self, name: &str) -> Option<Payload> {
        self.find(name).map(|variable| variable.payload.clone())
    }

    pub(super) fn value(&self, name: &str) -> Option<JValue> {
        self.find(name).map(|variable| variable.value.get_or_init(|| to_jsonata(&variable.payload)).clone())
    }

    /// Assigns; false when the variables would take more than they may.
    pub(super) fn assign(&mut self, assigned: &Assigned) -> bool {
        for (name, payload) in assigned {
            let size = payload.size().unwrap_or(usize::MAX);
            let before =
                self.own.insert(Arc::clone(name), Variable { payload: payload.clone(), value: OnceCell::new() });
            let freed = before.and_then(|variable| variable.payload.size()).unwrap_or(0);
            self.total = self.total.saturating_sub(freed).saturating_add(size);
        }
        self.total <= MAX_TOTAL
    }
}
