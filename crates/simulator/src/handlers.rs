//! The handlers that are deployed, by step. A test can put another one in the place of a step.

use std::collections::BTreeMap;
use std::sync::Arc;

use responder::Function;

/// Handlers by step.
#[derive(Clone)]
pub struct Handlers(BTreeMap<String, Arc<Function>>);

impl Handlers {
    /// The handlers of the functions as they are built into their Lambda binaries.
    pub fn deployed() -> Handlers {
        let mut handlers = Handlers(BTreeMap::new());
        handlers.set("triage", Function::new(triage::handle));
        handlers.set("identify-instance", Function::new(identify_instance::handle));
        handlers.set("authorize-response", Function::new(authorize_response::handle));
        handlers.set("quarantine-instance", Function::new(quarantine_instance::handle));
        handlers.set("revoke-sessions", Function::new(revoke_sessions::handle));
        handlers.set("snapshot-volumes", Function::new(snapshot_volumes::handle));
        handlers.set("capture-console-output", Function::new(capture_console_output::handle));
        handlers.set("secure-snapshots", Function::new(secure_snapshots::handle));
        handlers.set("notify", Function::new(notify::handle));
        handlers.set("update-security-hub", Function::new(update_security_hub::handle));
        handlers.set("remediate-security-group", Function::new(remediate_security_group::handle));
        handlers
    }

    /// Puts a handler in the place of a step.
    pub fn set(&mut self, step: &str, handler: Function) {
        self.0.insert(step.to_owned(), Arc::new(handler));
    }

    /// The handler of a step.
    pub fn get(&self, step: &str) -> Option<Arc<Function>> {
        self.0.get(step).cloned()
    }
}
