//! A fixture set up for calls: what is deployed, the world, and the incident.

use std::collections::BTreeMap;
use std::path::Path;

use account::{Timestamp, World};
use incident::finding::{self, Event};
use incident::{Incident, Resource};
use serde_json::Value;
use simulator::deployment::{DeployedFunction, Deployment};
use simulator::scenario::{self, Surrounding};
use simulator::setup::{self, InitialAccount, InitialState};
use simulator::{Handlers, synthesize};
use template::Project;
use template::Surroundings;

use crate::settings;
use crate::support::{Checked, failed, json_file, root, some, text};

/// What stands before the first call of a response.
pub(super) struct Scene {
    /// The stack in the account that the event arrives in.
    pub(super) deployment: Deployment,
    /// The simulated world.
    pub(super) world: World,
    /// The event.
    pub(super) event: Value,
    /// What it is about.
    pub(super) incident: Incident,
    project: Project,
}

impl Scene {
    /// The scene of a fixture, for example `guardduty/crypto-currency`, with its planned faults; `None` when its event is
    /// about nothing that a playbook acts on.
    pub(super) fn of(fixture: &Path) -> Checked<Option<Scene>> {
        let file = root().join("fixtures").join(fixture).join("event.json");
        let event = json_file(&file)?;
        let incident = match finding::parse(&event)? {
            Event::GuardDuty(finding) => Incident::from_finding(&finding),
            Event::ComplianceChange(change) => Incident::from_compliance_change(&change),
            Event::Other { detail_type, .. } => return failed(format!("{}: {detail_type}", file.display())),
        };
        if matches!(incident.resource, Resource::Other { .. }) {
            return Ok(None);
        }
        let Surrounding { scenario, account, .. } = scenario::beside(&file)?;
        let account = account.unwrap_or_else(|| synthesize::synthesize_account(&incident, &event).account);
        let project = Project::find(&root())?;
        let surroundings = Surroundings {
            account: text(&event, "/account")?.to_owned(),
            region: text(&event, "/region")?.to_owned(),
            partition: incident.partition.clone(),
            stack_name: "cordon".to_owned(),
        };
        let parameters: BTreeMap<String, String> =
            scenario.iter().flat_map(|scenario| scenario.parameters.clone()).collect();
        let deployment = Deployment::new(&project, &Handlers::deployed(), &surroundings, &parameters, None)?;
        let started_at = Timestamp::parse(text(&event, "/time")?)?;
        let accounts = [InitialAccount::of(&incident, account)];
        let initial = InitialState {
            project: &project,
            deployment: &deployment,
            accounts: &accounts,
            scenario: scenario.as_ref(),
        };
        let world = setup::world(&initial, started_at, 1)?;
        let faults = scenario.iter().flat_map(|scenario| &scenario.faults);
        world.set_faults(faults.filter_map(scenario::PlannedFault::to_fault).collect());
        Ok(Some(Scene { deployment, world, event, incident, project }))
    }

    /// A payload with the settings that the definitions pass to a function.
    pub(super) fn with_settings(&self, step: &str, mut payload: Value) -> Checked<Value> {
        let alias = self.deployment.functions.iter().find(|(_, function)| function.package == step);
        let (alias_arn, _) = some(alias, format!("the function {step}"))?;
        let settings = settings::passed_to(&self.project, &self.deployment.template, alias_arn)?;
        some(payload.as_object_mut(), "a payload that is an object")?.insert("settings".to_owned(), settings);
        Ok(payload)
    }

    /// A function by the name of its crate.
    pub(super) fn function(&self, package: &str) -> Checked<&DeployedFunction> {
        some(
            self.deployment.functions.values().find(|function| function.package == package),
            format!("the function {package}"),
        )
    }
}
