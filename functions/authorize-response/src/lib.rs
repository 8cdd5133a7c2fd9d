//! Authorizes the response: claims the incident and checks the decision against kill switch, exemptions, self-protection
//! and budget. It fails closed: in doubt it requires approval or escalates, and it never goes beyond the triage decision.
//!
//! Claim, budget and finding are written in one transaction: the budget is charged exactly when the claim is taken, and a
//! repeat changes nothing.

mod claim_item;
mod limits;
mod write;

use std::time::Duration;

use incident::claim::{self, Claim, ClaimRequest, Verdict};
use incident::configuration::{self, Budget, Limits, MAX_BUDGET};
use incident::{Decision, Incident, InstanceFacts, Timestamp};
use responder::{Clients, Environment, Error, ErrorName, Parameters, Result, kill_switch};
use serde::{Deserialize, Serialize};

use write::WriteError;

/// How often a conflicting write is retried here before the definition waits instead.
const MAX_ROUNDS: u32 = 8;
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// Settings of the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    table: String,
    budget: Budget,
    response_account_is_dedicated: bool,
}

impl responder::Settings for Settings {
    fn read(environment: &Environment, parameters: &mut Parameters) -> Result<Settings> {
        let mut limit = |name: &str| {
            parameters.parse(name, &format!("a number from 0 to {MAX_BUDGET}"), |text| {
                text.parse::<u32>().ok().filter(|limit| *limit <= MAX_BUDGET)
            })
        };
        Ok(Settings {
            table: environment.require("TABLE_NAME")?.to_owned(),
            budget: Budget {
                account: limit("budget_per_account")?,
                region: limit("budget_per_region")?,
                vpc: limit("budget_per_vpc")?,
                auto_scaling_group: limit("budget_per_auto_scaling_group")?,
            },
            response_account_is_dedicated: parameters.parse("response_account_is_dedicated", "yes or no", |text| {
                match text {
                    "yes" => Some(true),
                    "no" => Some(false),
                    _ => None,
                }
            })?,
        })
    }
}

/// The incident, the triage decision, and the facts of the instance.
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
    /// It holds the claim.
    Held,
    /// An earlier response covers the finding, which was attached to it.
    Duplicate,
    /// The finding is a generated sample, which claims nothing.
    None,
}

/// The authorized response.
#[derive(Debug, Serialize)]
pub struct Output {
    claim: Claimed,
    /// The incident, with the id of its episode.
    incident: Incident,
    /// The decision, possibly lowered, with the reasons.
    decision: Decision,
    gaps: Vec<String>,
}

/// Authorizes the response to an incident.
///
/// # Errors
/// `Claim.Busy` while another execution holds the claim for a weaker action; running the function again is safe.
/// `Settings.Invalid` when the configuration cannot be used; otherwise as DynamoDB and IAM answer. The caller must not
/// change anything then.
pub async fn handle(clients: &Clients, settings: &Settings, input: Input) -> Result<Output> {
    let Input { incident, mut decision, found, facts, execution } = input;
    if execution.is_empty() {
        return Err(Error::new(ErrorName::InputInvalid, "the input has no `execution` to hold the claim"));
    }
    let facts = match (found, facts) {
        (true, Some(facts)) => Some(facts),
        (false, _) => None,
        (true, None) => {
            return Err(Error::new(ErrorName::InputInvalid, "`found` is true and `facts` is missing"));
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
    let run = Run { clients, settings, incident: &incident, execution: &execution, limits: &limits, facts };
    for round in 0..MAX_ROUNDS {
        if round > 0 {
            clients.pause(pause(round, &execution)).await;
            claim = claim_item::read(clients, &settings.table, &incident.id).await?;
        }
        if let Some(output) = run.resolve(claim.as_ref(), &mut decision).await? {
            return Ok(output);
        }
    }
    Err(Error::new(ErrorName::AwsThrottled, format!("the claim of {} changes too often to be written", incident.id)))
}

/// One run: an execution that wants the claim.
struct Run<'a> {
    clients: &'a Clients,
    settings: &'a Settings,
    incident: &'a Incident,
    execution: &'a str,
    limits: &'a Limits,
    facts: Option<InstanceFacts>,
}

impl Run<'_> {
    /// Arbitrates against the claim as it was read; `None` when another write came first and it must be read again.
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
                    let incident = self.incident_of_episode(&other);
                    return match write::attach(self.clients, &self.settings.table, self.incident, &incident, now).await
                    {
                        Ok(()) => Ok(Some(self.output(Claimed::Duplicate, &other, decision))),
                        Err(WriteError::Conflict) => Ok(None),
                        Err(WriteError::Failed(error)) => Err(error),
                        Err(WriteError::BudgetExhausted(_)) => Err(uncharged_budget()),
                    };
                }
                Verdict::Take(claim) => {
                    let (claim, charge) = self.charged(claim, now);
                    let incident = self.incident_of_episode(&claim);
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
                        // The request is weaker now, so an earlier response may already cover it.
                        Err(WriteError::BudgetExhausted(reasons)) if decision.action.mutates() => {
                            reasons.into_iter().for_each(|reason| decision.require_approval(reason));
                        }
                        Err(WriteError::BudgetExhausted(_)) => return Err(uncharged_budget()),
                    }
                }
            }
        }
    }

    /// The claim, and the budget scopes that its episode is charged to now. A containment is charged once, in the hour in
    /// which it was first decided.
    fn charged(&self, claim: Claim, now: Timestamp) -> (Claim, Vec<incident::budget::Scope>) {
        match &self.facts {
            Some(facts) if claim.action.mutates() && claim.budget_hour.is_none() => (
                Claim { budget_hour: Some(now.hour()), ..claim },
                incident::budget::scopes(&self.limits.budget, self.incident, facts),
            ),
            _ => (claim, Vec::new()),
        }
    }

    fn incident_of_episode(&self, claim: &Claim) -> Incident {
        Incident { id: claim::incident_id(&self.incident.id, claim.episode), ..self.incident.clone() }
    }

    fn output(&self, claimed: Claimed, claim: &Claim, decision: &Decision) -> Output {
        Output {
            claim: claimed,
            incident: self.incident_of_episode(claim),
            decision: decision.clone(),
            gaps: Vec::new(),
        }
    }
}

fn uncharged_budget() -> Error {
    Error::new(ErrorName::AwsUnexpected, "dynamodb:TransactWriteItems refused a budget that was not charged")
}

/// Exponential backoff with jitter from the execution: executions that conflict retry at different times.
fn pause(round: u32, execution: &str) -> Duration {
    let hash = incident::text::short_hash(&[execution, &round.to_string()]);
    let spread = hash.chars().take(4).filter_map(|digit| digit.to_digit(16)).fold(0, |sum, digit| sum * 16 + digit);
    let longest = FIRST_PAUSE * 2_u32.saturating_pow(round);
    longest / 2 + longest / 2 * spread / 0xffff
}
