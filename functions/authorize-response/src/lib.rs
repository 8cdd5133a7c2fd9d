//! Says whether and how far the response may go: claims the incident, and holds the decision against kill switch,
//! exemptions, self-protection and budget. Any doubt makes it ask or stop; nothing makes it go further than triage
//! decided.
//!
//! Claim, budget and the finding's record are written in one transaction: the budget is charged exactly when the claim
//! is taken, and a repeat changes nothing.

mod claim_item;
mod limits;
mod write;

use std::time::Duration;

use incident::claim::{self, Claim, ClaimRequest, Verdict};
use incident::configuration::{self, Budget, Limits, MAX_BUDGET};
use incident::{Decision, Incident, InstanceFacts, Timestamp};
use responder::{Clients, Environment, Error, ErrorName, Result, kill_switch};
use serde::{Deserialize, Serialize};

use write::WriteError;

/// How often a write that met another one is tried again before the definition waits instead.
const ROUNDS: u32 = 8;
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// What the function is configured with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    table: String,
    budget: Budget,
    response_account_is_dedicated: bool,
}

impl responder::Settings for Settings {
    fn read(environment: &Environment) -> Result<Settings> {
        let limit = |name: &str| {
            environment.parse(name, &format!("a number from 0 to {MAX_BUDGET}"), |text| {
                text.parse::<u32>().ok().filter(|limit| *limit <= MAX_BUDGET)
            })
        };
        Ok(Settings {
            table: environment.require("TABLE_NAME")?.to_owned(),
            budget: Budget {
                account: limit("BUDGET_PER_ACCOUNT")?,
                region: limit("BUDGET_PER_REGION")?,
                vpc: limit("BUDGET_PER_VPC")?,
                auto_scaling_group: limit("BUDGET_PER_AUTO_SCALING_GROUP")?,
            },
            response_account_is_dedicated: environment.parse("RESPONSE_ACCOUNT_IS_DEDICATED", "yes or no", |text| {
                match text {
                    "yes" => Some(true),
                    "no" => Some(false),
                    _ => None,
                }
            })?,
        })
    }
}

/// The incident, what triage decided, and what was read of the instance.
#[derive(Debug, Deserialize)]
pub struct Input {
    incident: Incident,
    decision: Decision,
    found: bool,
    facts: Option<InstanceFacts>,
    /// ARN of the execution.
    execution: String,
}

/// Whether this execution holds the claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Claimed {
    /// It does.
    Held,
    /// What is done already covers the finding, which was attached to it.
    Duplicate,
    /// A generated sample leaves no trace, and must not stand in the way of a finding.
    None,
}

/// The authorized response.
#[derive(Debug, Serialize)]
pub struct Output {
    claim: Claimed,
    /// With the id of its episode.
    incident: Incident,
    /// How far the response may go, with the reasons.
    decision: Decision,
    gaps: Vec<String>,
}

/// Authorizes the response to an incident.
///
/// # Errors
/// `Claim.Busy` while another execution does something lesser: a re-run is safe. `Settings.Invalid` when the
/// configuration cannot be used, and as the table and IAM answer. The caller must not change anything then.
pub async fn handle(clients: &Clients, settings: &Settings, input: Input) -> Result<Output> {
    let Input { incident, mut decision, found, facts, execution } = input;
    if execution.is_empty() {
        return Err(Error::new(ErrorName::InputInvalid, "the input has no execution to hold the claim"));
    }
    let facts = match (found, facts) {
        (true, Some(facts)) => Some(facts),
        (false, _) => None,
        (true, None) => {
            return Err(Error::new(ErrorName::InputInvalid, "the instance was found and there are no facts of it"));
        }
    };
    let (switch, configured, claim) = tokio::join!(
        kill_switch::check(clients, &settings.table),
        responder::configuration::read(clients, &settings.table, &incident.account),
        claim_item::read(clients, &settings.table, &incident.id),
    );
    let (configured, mut claim) = (configured?, claim?);
    let limits = configuration::limits(configured.account.as_ref(), configured.organization.as_ref(), settings.budget);
    if let Some(facts) = &facts {
        limits::apply(clients, settings, &limits, &incident, facts, &mut decision).await?;
    }
    match switch {
        Err(error) if error.name == ErrorName::ResponseStopped => {
            if decision.action.mutates() {
                decision.escalate(error.message);
            } else {
                decision.note(error.message);
            }
        }
        read => read?,
    }

    if incident.finding.sample {
        return Ok(Output { claim: Claimed::None, incident, decision, gaps: Vec::new() });
    }
    let request = Request { clients, settings, incident: &incident, execution: &execution, limits: &limits, facts };
    for round in 0..ROUNDS {
        if round > 0 {
            clients.pause(pause(round, &execution)).await;
            claim = claim_item::read(clients, &settings.table, &incident.id).await?;
        }
        if let Some(output) = request.resolve(claim.as_ref(), &mut decision).await? {
            return Ok(output);
        }
    }
    Err(Error::new(ErrorName::AwsThrottled, format!("the claim of {} changes too often to be written", incident.id)))
}

/// One request for a claim.
struct Request<'a> {
    clients: &'a Clients,
    settings: &'a Settings,
    incident: &'a Incident,
    execution: &'a str,
    limits: &'a Limits,
    facts: Option<InstanceFacts>,
}

impl Request<'_> {
    /// Weighs the request against the claim as it was read; `None` when the claim must be read again.
    async fn resolve(&self, claim: Option<&Claim>, decision: &mut Decision) -> Result<Option<Output>> {
        let now = self.clients.now().whole_seconds();
        let claim_request = |decision: &Decision| ClaimRequest {
            execution: self.execution,
            action: decision.action,
            drifted: self.facts.as_ref().is_some_and(|facts| !facts.isolated),
            unreadable: self.facts.is_none(),
            now,
        };
        loop {
            match claim::arbitrate(claim, claim_request(decision)) {
                Verdict::Held(held) => return Ok(Some(self.output(Claimed::Held, &held, decision))),
                Verdict::Busy(other) => {
                    return Err(Error::new(
                        ErrorName::ClaimBusy,
                        format!("{} is responding until {} at the latest", other.execution, other.lease_until),
                    ));
                }
                Verdict::Duplicate(other) => {
                    let incident = self.of_episode(&other);
                    return match write::attach(self.clients, &self.settings.table, self.incident, &incident, now).await
                    {
                        Ok(()) => Ok(Some(self.output(Claimed::Duplicate, &other, decision))),
                        Err(WriteError::Conflict) => Ok(None),
                        Err(WriteError::Failed(error)) => Err(error),
                        Err(WriteError::BudgetExhausted(_)) => Err(unexpected()),
                    };
                }
                Verdict::Take(claim) => {
                    let (claim, charge) = self.charged(claim, now);
                    let incident = self.of_episode(&claim);
                    let write = write::Take {
                        base: &self.incident.id,
                        incident: &incident,
                        claim: &claim,
                        charge: &charge,
                        now,
                    };
                    match write::take(self.clients, &self.settings.table, &write).await {
                        Ok(()) => return Ok(Some(self.output(Claimed::Held, &claim, decision))),
                        Err(WriteError::Conflict) => return Ok(None),
                        Err(WriteError::Failed(error)) => return Err(error),
                        // What is asked for is less now, and may well be done already.
                        Err(WriteError::BudgetExhausted(reasons)) if decision.action.mutates() => {
                            reasons.into_iter().for_each(|reason| decision.require_approval(reason));
                        }
                        Err(WriteError::BudgetExhausted(_)) => return Err(unexpected()),
                    }
                }
            }
        }
    }

    /// The claim with the scopes its episode is charged to now: a containment is charged once, in the hour it was first
    /// decided.
    fn charged(&self, claim: Claim, now: Timestamp) -> (Claim, Vec<incident::budget::Scope>) {
        match &self.facts {
            Some(facts) if claim.action.mutates() && claim.budget_hour.is_none() => (
                Claim { budget_hour: Some(now.hour()), ..claim },
                incident::budget::scopes(&self.limits.budget, self.incident, facts),
            ),
            _ => (claim, Vec::new()),
        }
    }

    fn of_episode(&self, claim: &Claim) -> Incident {
        Incident { id: claim::incident_id(&self.incident.id, claim.episode), ..self.incident.clone() }
    }

    fn output(&self, claimed: Claimed, claim: &Claim, decision: &Decision) -> Output {
        Output { claim: claimed, incident: self.of_episode(claim), decision: decision.clone(), gaps: Vec::new() }
    }
}

fn unexpected() -> Error {
    Error::new(ErrorName::AwsUnexpected, "a budget was refused that nothing was charged to")
}

/// Twice as long each time, spread by who waits: of many that met, each comes back at another time.
fn pause(round: u32, execution: &str) -> Duration {
    let hash = incident::text::short_hash(&[execution, &round.to_string()]);
    let spread = u32::from_str_radix(hash.get(..4).unwrap_or_default(), 16).unwrap_or_default();
    let longest = FIRST_PAUSE * 2_u32.saturating_pow(round);
    longest / 2 + longest / 2 * spread / 0xffff
}
