//! The state of all services in one Region of one account, and the registry of services.

use std::time::Duration;

use serde_json::Value;

use crate::ids::Ids;
use crate::model::Model;
use crate::operation::{Context, Need, Needs, Operation, Refusals, Scope, Service, ServiceError, home_region};
use crate::params::Params;
use crate::seed::SeedError;
use crate::support::Support;
use crate::time::Timestamp;
use crate::{autoscaling, dynamodb, ec2, elbv2, iam, kms, securityhub, sns, ssm, sts};

/// Every service's state in one Region of one account.
#[derive(Debug, Clone, Default)]
pub struct Region {
    /// Amazon EC2.
    pub ec2: ec2::State,
    /// Amazon SNS.
    pub sns: sns::State,
    /// AWS Systems Manager.
    pub ssm: ssm::State,
    /// AWS Security Hub.
    pub securityhub: securityhub::State,
    /// Amazon DynamoDB.
    pub dynamodb: dynamodb::State,
    /// AWS STS.
    pub sts: sts::State,
    /// AWS IAM; only in the home Region of the partition.
    pub iam: iam::State,
    /// AWS KMS.
    pub kms: kms::State,
    /// Amazon EC2 Auto Scaling.
    pub autoscaling: autoscaling::State,
    /// Elastic Load Balancing.
    pub elbv2: elbv2::State,
}

impl Region {
    /// Lets everything happen that time brings by itself up to `now`: before and after each call.
    pub(crate) fn settle(&mut self, ids: &mut Ids, now: Timestamp) {
        let Self { ec2, autoscaling, elbv2, kms, .. } = self;
        ec2.authenticate_keys(kms);
        // What comes into service or is replaced has targets to look at in its turn.
        loop {
            elbv2.settle(ec2, now);
            if !autoscaling.settle(ec2, elbv2, ids, now) {
                break;
            }
        }
    }
}

/// The services of the simulation.
pub(crate) static SERVICES: &[&dyn AnyService] = &[
    &ec2::SERVICE,
    &sns::SERVICE,
    &ssm::SERVICE,
    &securityhub::SERVICE,
    &dynamodb::SERVICE,
    &sts::SERVICE,
    &iam::SERVICE,
    &autoscaling::SERVICE,
    &elbv2::SERVICE,
    &kms::SERVICE,
];

/// The service that requests with this name in their credential scope go to.
pub(crate) fn service_signed_for(signing_name: &str) -> Option<&'static dyn AnyService> {
    SERVICES.iter().copied().find(|service| service.model().signing_name == signing_name)
}

/// The service of this name in policies, records, integrations and `account.json`.
pub(crate) fn service_named(name: &str) -> Option<&'static dyn AnyService> {
    // The one service that the CLI calls otherwise than IAM does.
    let name = if name == "elbv2" { elbv2::SERVICE.name } else { name };
    SERVICES.iter().copied().find(|service| service.name() == name)
}

/// A service without the type of its state.
pub(crate) trait AnyService: Sync {
    fn name(&self) -> &'static str;
    /// The Region that has the state for calls to `region`.
    fn region<'a>(&self, region: &'a str) -> &'a str;
    fn refusals(&self) -> &Refusals;
    fn model(&self) -> &'static Model;
    /// What is declared of each operation.
    fn support(&self) -> &'static [Support];
    fn find(&self, operation: &str) -> Option<Row>;
    fn row(&self, index: usize) -> Option<Row>;
    /// What the caller must be allowed to do for the operation of a row.
    fn needs(&self, row: &Row, region: &mut Region, context: &Context<'_>, params: &Params) -> Vec<Need>;
    fn run(
        &self,
        row: &Row,
        region: &mut Region,
        context: &mut Context<'_>,
        params: Params,
    ) -> Result<Value, ServiceError>;
    fn seed(
        &self,
        region: &mut Region,
        context: &mut Context<'_>,
        command: &str,
        document: Params,
    ) -> Result<(), SeedError>;
}

/// What the world must know of an operation before it runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    index: usize,
    pub(crate) name: &'static str,
    pub(crate) read_only: bool,
    pub(crate) latency: Duration,
}

impl<S> AnyService for Service<S> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn region<'a>(&self, region: &'a str) -> &'a str {
        match self.scope {
            Scope::Regional => region,
            Scope::Global => home_region(region),
        }
    }

    fn refusals(&self) -> &Refusals {
        &self.refusals
    }

    fn model(&self) -> &'static Model {
        self.model
    }

    fn support(&self) -> &'static [Support] {
        self.support
    }

    fn find(&self, operation: &str) -> Option<Row> {
        let index = self.operations.iter().position(|row| row.name == operation)?;
        self.row(index)
    }

    fn row(&self, index: usize) -> Option<Row> {
        let Operation { name, read_only, latency, .. } = self.operations.get(index)?;
        Some(Row { index, name, read_only: *read_only, latency: *latency })
    }

    fn needs(&self, row: &Row, region: &mut Region, context: &Context<'_>, params: &Params) -> Vec<Need> {
        match self.operations.get(row.index).map(|operation| &operation.needs) {
            Some(Needs::Of(needs)) => needs((self.state)(region), context, params),
            Some(Needs::AnyResource) | None => vec![Need::new(format!("{}:{}", self.name, row.name), "*")],
            Some(Needs::Nothing) => Vec::new(),
        }
    }

    fn run(
        &self,
        row: &Row,
        region: &mut Region,
        context: &mut Context<'_>,
        params: Params,
    ) -> Result<Value, ServiceError> {
        match self.operations.get(row.index) {
            Some(operation) => (operation.run)((self.state)(region), context, params),
            None => Err(ServiceError::unsupported(format!("{}:{}", self.name, row.name))),
        }
    }

    fn seed(
        &self,
        region: &mut Region,
        context: &mut Context<'_>,
        command: &str,
        document: Params,
    ) -> Result<(), SeedError> {
        (self.seed)((self.state)(region), context, command, document)
    }
}
