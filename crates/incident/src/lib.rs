//! The vocabulary of an incident.
//!
//! A finding becomes an [`Incident`] and a [`Decision`]; facts from the account become a plan of [`Control`]s; the
//! attempted [`Control`]s are assessed and end in one [`Outcome`]. This crate does no IO and reads no clock: everything is
//! a value or a function of values.
//!
//! Reading order: [`finding`] (events as AWS sends them) → [`family`] (what a finding type says about its resource) →
//! [`incident`](mod@incident) → [`configuration`] → [`decision`] → [`facts`] and [`host`] → [`guardrails`], [`budget`] and
//! [`claim`] → [`control`] → [`outcome`]. [`before_image`] holds what a release restores, and [`text`] makes
//! attacker-controlled text safe to show.
//!
//! ```
//! use incident::configuration::{Defaults, policy};
//! use incident::{Action, Event, Incident, Mode, Thresholds, decide, finding};
//!
//! let event = serde_json::json!({
//!     "source": "aws.guardduty",
//!     "detail-type": "GuardDuty Finding",
//!     "detail": {
//!         "id": "d4c2", "type": "Backdoor:EC2/C&CActivity.B!DNS", "severity": 8,
//!         "accountId": "111122223333", "region": "eu-central-1",
//!         "resource": {"resourceType": "Instance", "instanceDetails": {"instanceId": "i-0a1b2c3d"}},
//!         "service": {},
//!     },
//! });
//! let event = finding::parse(&event)?;
//! let Event::GuardDuty(finding) = &event else { unreachable!("it is a GuardDuty finding") };
//! let incident = Incident::from_finding(finding);
//! let thresholds = Thresholds { suspected: 4.0, confirmed: 7.0 };
//! let policy = policy(None, None, Defaults { mode: Mode::ContainConfirmed, thresholds })?;
//! assert_eq!(decide(&incident, &event, &policy).action, Action::Contain);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod before_image;
pub mod budget;
pub mod claim;
pub mod configuration;
pub mod contract;
pub mod control;
pub mod decision;
pub mod evidence;
pub mod facts;
pub mod family;
pub mod finding;
pub mod guardrails;
pub mod host;
pub mod incident;
pub mod outcome;
pub mod remediation;
pub mod security_group;
pub mod text;
pub mod timestamp;

pub use aws_text::partition;
pub use before_image::BeforeImage;
pub use configuration::{Configuration, ConfigurationError};
pub use control::{Control, ControlState};
pub use decision::{Action, Confidence, Decision, Mode, Thresholds, decide};
pub use evidence::{CustodyEntry, EvidenceReport};
pub use facts::{InstanceFacts, Interface, Volume};
pub use finding::{ComplianceChange, Event, EventError, GuardDutyFinding};
pub use incident::{FindingSummary, Incident, Resource, SecurityHubFinding, Trigger};
pub use outcome::{Outcome, Report};
pub use timestamp::{Timestamp, TimestampError};

/// Schema version of every item and payload that this crate serializes. A reader refuses a version that it does not know.
pub const SCHEMA: u32 = 1;
