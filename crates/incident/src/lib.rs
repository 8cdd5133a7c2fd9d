//! The vocabulary of an incident.
//!
//! A finding of any shape becomes an [`Incident`] and a [`Decision`]; facts read from the account become a plan of
//! [`Control`]s; what was done is told by [`Control`]s again and ends in one [`Outcome`]. This crate does no IO and
//! knows no clock: everything here is a value or a function of values.
//!
//! Reading order: [`finding`] (events as AWS sends them) → [`family`] (what a finding type says about its resource) →
//! [`incident`](mod@incident) → [`configuration`] → [`decision`] → [`facts`] and [`host`] → [`veto`], [`budget`] and
//! [`claim`] → [`control`] → [`outcome`], with [`before_image`] for what a release restores and [`text`] for everything a
//! person reads.

pub mod before_image;
pub mod budget;
pub mod claim;
pub mod configuration;
pub mod control;
pub mod decision;
pub mod evidence;
pub mod facts;
pub mod family;
pub mod finding;
pub mod host;
pub mod incident;
pub mod moment;
pub mod outcome;
pub mod remediation;
pub mod security_group;
pub mod text;
pub mod veto;

pub use aws_text::partition;
pub use before_image::BeforeImage;
pub use configuration::{Configuration, ConfigurationError};
pub use control::{Control, ControlState};
pub use decision::{Action, Confidence, Decision, Mode, Thresholds, decide};
pub use evidence::{CustodyEntry, EvidenceReport};
pub use facts::{InstanceFacts, Interface, Volume};
pub use finding::{ComplianceChange, Event, EventError, GuardDutyFinding};
pub use incident::{FindingSummary, Incident, Resource, SecurityHubFinding, Trigger};
pub use moment::{Moment, MomentError};
pub use outcome::{Outcome, Report};

/// Version of every record this crate serializes. A reader refuses a version it does not know.
pub const SCHEMA: u32 = 1;
