//! Locks of snapshots.
//!
//! Sources: the API reference of `LockSnapshot`, and "Considerations for Amazon EBS snapshot lock": a snapshot can be
//! locked while it is pending or completed; the lock of a pending one lasts from its completion, and ends with it if it
//! fails.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::err::{Kind, combination, invalid};
use super::render::{self, Frame, put};
use super::request::{FilterTable, Selection, begin};
use super::state::{Rest, Snapshot, State};
use crate::base::{ServiceError, Timestamp};
use crate::protocol::Params;
use crate::service::Context;

/// `DescribeLockedSnapshots`, "Filters".
const FILTERS: &FilterTable = &[("lock-state", "lockState")];

/// A lock as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Lock {
    mode: Mode,
    end: End,
    /// Hours in which a compliance lock can still be undone.
    cool_off: Option<i64>,
    created: Timestamp,
    /// When the duration begins to run.
    starts: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Mode {
    Governance,
    Compliance,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum End {
    AfterDays(i64),
    At(Timestamp),
}

/// How a lock stands (API reference, `LockState`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LockState {
    /// Callers with the permission can unlock it.
    Governance,
    /// No one can unlock it.
    Compliance,
    /// No one can unlock it once its cooling-off period ends.
    ComplianceCooloff,
    /// It holds no longer.
    Expired,
}

impl LockState {
    /// The name in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Governance => "governance",
            Self::Compliance => "compliance",
            Self::ComplianceCooloff => "compliance-cooloff",
            Self::Expired => "expired",
        }
    }
}

impl Lock {
    /// When it ends.
    fn ends(&self) -> Timestamp {
        match self.end {
            End::AfterDays(days) => self.starts.after(hours(days.saturating_mul(24))),
            End::At(moment) => moment,
        }
    }

    fn cools_until(&self) -> Option<Timestamp> {
        self.cool_off.map(|cool_off| self.created.after(hours(cool_off)))
    }

    /// How it stands at a moment.
    pub(super) fn state(&self, now: Timestamp) -> LockState {
        match self.mode {
            _ if self.ends() <= now => LockState::Expired,
            Mode::Governance => LockState::Governance,
            Mode::Compliance if self.cools_until().is_some_and(|until| now < until) => LockState::ComplianceCooloff,
            Mode::Compliance => LockState::Compliance,
        }
    }

    fn shown(&self, id: &str, now: Timestamp) -> Rest {
        let days = match self.end {
            End::AfterDays(days) => days,
            End::At(moment) => i64::try_from(moment.since(self.created).as_secs().div_ceil(86_400)).unwrap_or(i64::MAX),
        };
        let runs = self.starts <= now;
        let mut out = Map::new();
        put(
            &mut out,
            json!({
                "snapshotId": id,
                "lockState": self.state(now).as_str(),
                "lockDuration": days,
                "coolOffPeriod": self.cool_off,
                "coolOffPeriodExpiresOn": self.cools_until().map(Timestamp::iso_millis),
                "lockCreatedOn": self.created.iso_millis(),
                "lockDurationStartTime": runs.then(|| self.starts.iso_millis()),
                "lockExpiresOn": runs.then(|| self.ends().iso_millis()),
            }),
        );
        out
    }
}

fn hours(hours: i64) -> Duration {
    Duration::from_secs(hours.max(0).unsigned_abs().saturating_mul(3600))
}

pub(super) fn lock(state: &mut State, context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let id = params.require_string("SnapshotId")?;
    let mode = params.require_string("LockMode")?;
    let duration = params.take_integer("LockDuration")?;
    let cool_off = params.take_integer("CoolOffPeriod")?;
    let expiration = params.take_string("ExpirationDate")?;
    let mode = match mode.as_str() {
        "governance" => Mode::Governance,
        "compliance" => Mode::Compliance,
        other => return Err(invalid(format!("Value ({other}) for parameter LockMode is invalid."))),
    };
    let end = match (duration, expiration) {
        (Some(days), None) if (1..=36_500).contains(&days) => End::AfterDays(days),
        (Some(days), None) => {
            return Err(invalid(format!(
                "Value ({days}) for parameter LockDuration is invalid. It must be between 1 and 36500 days."
            )));
        }
        (None, Some(text)) => End::At(Timestamp::parse(&text).map_err(|error| invalid(error.to_string()))?),
        _ => return Err(combination("Specify exactly one of LockDuration and ExpirationDate.")),
    };
    match (mode, cool_off) {
        (_, None) => {}
        (Mode::Governance, Some(_)) => return Err(combination("CoolOffPeriod is not allowed in governance mode.")),
        (Mode::Compliance, Some(hours)) if (1..=72).contains(&hours) => {}
        (Mode::Compliance, Some(hours)) => {
            return Err(invalid(format!(
                "Value ({hours}) for parameter CoolOffPeriod is invalid. It must be between 1 and 72 hours."
            )));
        }
    }
    let it = state.snapshots.get_mut(&id).ok_or_else(|| Kind::Snapshot.absent(&id))?;
    let (name, _) = render::snapshot_state(it, context.now);
    if !matches!(name, "pending" | "completed") {
        let text = format!("The snapshot '{id}' is in the '{name}' state and cannot be locked.");
        return Err(ServiceError::new("IncorrectState", text));
    }
    let made = Lock { mode, end, cool_off, created: context.now, starts: context.now.max(it.completes) };
    if let Some(old) = &it.lock
        && old.state(context.now) == LockState::Compliance
        && (mode == Mode::Governance || cool_off.is_some() || made.ends() < old.ends())
    {
        let text = format!("The lock of the snapshot '{id}' in compliance mode can only be extended.");
        return Err(ServiceError::new("SnapshotLocked", text));
    }
    let out = made.shown(&id, context.now);
    it.lock = Some(made);
    Ok(Value::Object(out))
}

/// Snapshots that are or were locked; one that never was is left out, even when it is asked for.
pub(super) fn describe(state: &State, context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let selection = Selection::take(&mut params, "SnapshotIds", 5)?;
    let frame = Frame::of(context);
    let locked = state.snapshots.iter().filter(|(_, it)| it.lock_at(frame.now).is_some());
    let get = |id: &str| state.snapshots.get_key_value(id);
    let render = |id: &str, it: &Snapshot| {
        let mut out = it.lock_at(frame.now).map(|lock| lock.shown(id, frame.now)).unwrap_or_default();
        let owner = it.rest.get("ownerId").and_then(Value::as_str).unwrap_or(frame.account);
        put(&mut out, json!({"ownerId": owner}));
        out
    };
    let (mut found, next) = selection.page(Kind::Snapshot, locked, get, FILTERS, render)?;
    found.retain(|it| it.get("lockState").is_some());
    Ok(json!({"snapshotSet": found, "nextToken": next}))
}

impl Snapshot {
    /// Its lock, which ends with it if it fails.
    pub(super) fn lock_at(&self, now: Timestamp) -> Option<&Lock> {
        self.lock.as_ref().filter(|_| !self.has_failed(now))
    }
}
