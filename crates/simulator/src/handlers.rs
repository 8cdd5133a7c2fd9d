//! The deployed handlers by the name of their crate. A test can replace one.

use std::collections::BTreeMap;
use std::sync::Arc;

use responder::Function;

/// Handlers by the name of their crate.
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

    /// Replaces the handler of a function.
    pub fn set(&mut self, function: &str, handler: Function) {
        self.0.insert(function.to_owned(), Arc::new(handler));
    }

    /// The handler of a function.
    pub fn get(&self, function: &str) -> Option<Arc<Function>> {
        self.0.get(function).cloned()
    }
}
