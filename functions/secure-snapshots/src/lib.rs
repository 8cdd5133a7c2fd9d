//! Secures the snapshots of an incident: locks each, and copies it under the evidence key when it is encrypted with the
//! account's default key, which cannot be shared. The copy is locked too. The definition calls it until it is settled.

mod copy;
mod key;
mod known;
mod lock;
mod read;

pub use known::Known;

use incident::{Control, ControlState, CustodyEntry, Incident, SCHEMA};
use lock::Lock;
use read::{Progress, Snapshot};
use responder::{Clients, Environment, Error, ErrorName, Parameters, Result, Target, custody, kill_switch};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Settings of the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    table: String,
    lock_days: i32,
    evidence_key: Option<String>,
}

impl responder::Settings for Settings {
    fn read(environment: &Environment, parameters: &mut Parameters) -> Result<Settings> {
        let days = |text: &str| text.parse().ok().filter(|days| (1..=36_500).contains(days));
        Ok(Settings {
            table: environment.require("TABLE_NAME")?.to_owned(),
            lock_days: parameters.parse("lock_days", "a number of days from 1 to 36,500", days)?,
            evidence_key: match parameters.take("evidence_key_arn") {
                None => None,
                Some(arn) if arn.starts_with("arn:") && arn.contains(":kms:") && arn.contains(":key/") => Some(arn),
                Some(arn) => {
                    return Err(Error::new(
                        ErrorName::SettingsInvalid,
                        format!("the setting `evidence_key_arn` is `{arn}`, which is not the ARN of a KMS key"),
                    ));
                }
            },
        })
    }
}

/// The snapshot set of an incident.
#[derive(Debug, Deserialize)]
pub struct Input {
    incident: Incident,
    snapshots: Vec<String>,
    execution: String,
    /// What the previous round returned.
    #[serde(default)]
    known: Known,
}

/// The state of the evidence.
#[derive(Debug, Serialize)]
pub struct Output {
    /// Whether nothing is left to wait for.
    settled: bool,
    controls: Vec<Control>,
    gaps: Vec<String>,
    /// For the next round.
    known: Known,
}

/// Proof that this run has read the kill switch and it is not engaged. Every change needs one.
#[derive(Debug, Clone)]
pub(crate) struct Permit {
    /// The role session that makes the changes, for the custody manifest.
    role: String,
}

/// One run over the snapshots.
pub(crate) struct Run<'a> {
    pub(crate) clients: &'a Clients,
    pub(crate) target: Arc<Target>,
    pub(crate) settings: &'a Settings,
    pub(crate) incident: &'a Incident,
    pub(crate) execution: &'a str,
    permit: Option<Permit>,
    pub(crate) known: Known,
    /// Whether nothing is left to wait for, as far as this run knows.
    pub(crate) settled: bool,
    controls: Vec<Control>,
    /// The first transient failure, raised after everything was attempted.
    interrupted: Option<Error>,
}

/// Does for every snapshot what is possible now: a pending snapshot is locked, a completed one is copied as well.
///
/// # Errors
/// `Response.Stopped` before anything is changed; a transient failure after every snapshot was attempted. Running the
/// function again is safe.
pub async fn handle(clients: &Clients, settings: &Settings, input: Input) -> Result<Output> {
    let incident = &input.incident;
    let target = clients.for_target(&incident.partition, &incident.account, &incident.region)?;
    let found = read::snapshots(&target, &input.snapshots).await?;
    let mut run = Run {
        clients,
        target,
        settings,
        incident,
        execution: &input.execution,
        permit: None,
        known: input.known,
        settled: !found.iter().any(|snapshot| snapshot.progress == Progress::Pending),
        controls: Vec::new(),
        interrupted: None,
    };
    let usable: Vec<&Snapshot> =
        found.iter().filter(|snapshot| !matches!(snapshot.progress, Progress::Failed(_))).collect();
    let mut locks = lock::ensure(&mut run, &usable).await?;
    for id in &input.snapshots {
        match found.iter().find(|snapshot| snapshot.id == *id) {
            None => run.add("lock-snapshot", id, ControlState::Failed, "the snapshot is gone: someone deleted it"),
            Some(snapshot) => run.secure(snapshot, locks.remove(id)).await?,
        }
    }
    run.finish().await
}

impl Run<'_> {
    /// Reports the lock of one snapshot, and copies it if that is needed.
    async fn secure(&mut self, snapshot: &Snapshot, lock: Option<Lock>) -> Result<()> {
        if let Progress::Failed(why) = &snapshot.progress {
            let detail = format!("the snapshot failed, nothing is in it: {why}");
            self.add("lock-snapshot", &snapshot.id, ControlState::Failed, &detail);
        }
        if let Some(lock) = lock {
            lock.report(self, &snapshot.id);
        }
        match (&snapshot.progress, &snapshot.key) {
            (Progress::Completed, Some(key)) => copy::where_needed(self, snapshot, key).await,
            _ => Ok(()),
        }
    }

    /// Reads the kill switch and the caller's role before the first change of this run. A round that changes nothing reads
    /// neither.
    ///
    /// # Errors
    /// As [`kill_switch::check`], and as STS answers. Nothing may be changed then.
    pub(crate) async fn permit(&mut self) -> Result<Permit> {
        if let Some(permit) = &self.permit {
            return Ok(permit.clone());
        }
        let (switch, role) = tokio::join!(
            Box::pin(kill_switch::check(self.clients, &self.settings.table)),
            Box::pin(custody::caller_arn(&self.target))
        );
        switch?;
        let permit = Permit { role: role? };
        self.permit = Some(permit.clone());
        Ok(permit)
    }

    pub(crate) fn add(&mut self, measure: &str, subject: &str, state: ControlState, detail: &str) {
        self.controls.push(Control::new(measure, subject, state, detail));
    }

    /// Notes that something has to be waited for.
    pub(crate) fn wait(&mut self) {
        self.settled = false;
    }

    /// Notes a failure: a transient one is raised after everything was attempted, any other becomes a failed control.
    pub(crate) fn fail(&mut self, measure: &str, subject: &str, error: Error) {
        if error.is_transient() {
            self.interrupted.get_or_insert(error);
        } else {
            self.add(measure, subject, ControlState::Failed, &error.to_string());
        }
    }

    /// Adds an entry to the custody manifest. A failure to write it is handled like that of a control.
    ///
    /// # Errors
    /// As [`Run::permit`].
    pub(crate) async fn keep(&mut self, what: String, request_id: Option<String>, detail: String) -> Result<()> {
        let permit = self.permit().await?;
        let entry = self.entry(permit, what, request_id, detail, Vec::new());
        let kept =
            custody::put_entry(self.clients, &self.settings.table, &self.incident.id, self.execution, &entry, None)
                .await;
        if let Err(error) = kept {
            self.fail("custody", &entry.what, error);
        }
        Ok(())
    }

    fn entry(
        &self,
        permit: Permit,
        what: String,
        request_id: Option<String>,
        detail: String,
        gaps: Vec<String>,
    ) -> CustodyEntry {
        let (at, role) = (self.clients.now().to_string(), permit.role);
        CustodyEntry { schema: SCHEMA, what, at, request_id, role, sha256: None, detail, gaps }
    }

    /// The result of the run. When the evidence is settled the custody manifest gets its final entry.
    async fn finish(mut self) -> Result<Output> {
        if let Some(error) = self.interrupted.take() {
            return Err(error);
        }
        let missing =
            self.controls.iter().filter(|control| matches!(control.state, ControlState::Failed | ControlState::Gap));
        let mut gaps: Vec<String> = missing.map(|control| format!("{}: {}", control.name, control.detail)).collect();
        if self.settled {
            let held: Vec<&str> = self
                .controls
                .iter()
                .filter(|control| control.state.holds())
                .map(|control| control.name.as_str())
                .collect();
            let detail =
                format!("evidence settled: {}", if held.is_empty() { "nothing".to_owned() } else { held.join(", ") });
            let permit = self.permit().await?;
            let entry = self.entry(permit, "manifest".to_owned(), None, detail, gaps.clone());
            let kept =
                custody::put_entry(self.clients, &self.settings.table, &self.incident.id, self.execution, &entry, None);
            match kept.await {
                Ok(_) => {}
                Err(error) if error.is_transient() => return Err(error),
                Err(error) => gaps.push(format!("the custody manifest was not closed: {error}")),
            }
        }
        Ok(Output { settled: self.settled, controls: self.controls, gaps, known: self.known })
    }
}
