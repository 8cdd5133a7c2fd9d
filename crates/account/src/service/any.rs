use std::time::Duration;

use aws_text::partition::home_region;
use serde_json::Value;

use super::{
    Context, Described, Operation, Refusals, RequiredPermission, Requires, Run, Scope, SeedError, Service, Support,
};
use crate::base::{Ids, ServiceError, Timestamp};
use crate::model::Model;
use crate::protocol::Params;
use crate::service::seeding::Complete;
use crate::state::{OperationState, Region};

/// A service without the type of its state.
pub(crate) trait AnyService: Sync {
    fn name(&self) -> &'static str;
    fn cli_name(&self) -> &'static str;
    /// The Region that has the state for calls to `region`.
    fn region<'a>(&self, region: &'a str) -> &'a str;
    fn refusals(&self) -> &Refusals;
    fn model(&self) -> &'static Model;
    /// What is declared of each operation.
    fn support(&self) -> &'static [Support];
    fn condition_keys(&self) -> &'static [&'static str];
    /// The names of the operations.
    #[cfg(test)]
    fn operations(&self) -> Vec<&'static str>;
    /// What AWS does otherwise, whatever the operation.
    #[cfg(test)]
    fn deviations(&self) -> &'static [super::Deviation];
    fn find(&self, operation: &str) -> Option<Row<'_>>;
    fn install(&self, region: Region) -> Region;
    /// See [`Service::advance`].
    fn advance(&self, region: &mut Region, ids: &mut Ids, now: Timestamp) -> bool;
    fn described(&self) -> &'static [Described];
    fn complete_seed(&self) -> Option<Complete>;
    fn seed(
        &self,
        region: &mut Region,
        context: &mut Context<'_>,
        command: &str,
        document: Params,
    ) -> Result<(), SeedError>;
}

/// An operation of a service, without the type of the service's state.
pub(crate) struct Row<'a> {
    pub(crate) name: &'static str,
    pub(crate) read_only: bool,
    pub(crate) latency: Duration,
    operation: &'a dyn AnyOperation,
    service: &'static str,
}

impl Row<'_> {
    /// What the caller must be allowed to do.
    pub(crate) fn permissions(
        &self,
        region: &Region,
        context: &Context<'_>,
        params: &Params,
    ) -> Vec<RequiredPermission> {
        self.operation.permissions(self.service, region, context, params)
    }

    /// Runs the operation.
    pub(crate) fn run(
        &self,
        region: &mut Region,
        context: &mut Context<'_>,
        params: Params,
    ) -> Result<Value, ServiceError> {
        self.operation.run(region, context, params)
    }
}

trait AnyOperation: Sync {
    fn permissions(
        &self,
        service: &str,
        region: &Region,
        context: &Context<'_>,
        params: &Params,
    ) -> Vec<RequiredPermission>;
    fn run(&self, region: &mut Region, context: &mut Context<'_>, params: Params) -> Result<Value, ServiceError>;
}

impl<S: OperationState> AnyOperation for Operation<S> {
    fn permissions(
        &self,
        service: &str,
        region: &Region,
        context: &Context<'_>,
        params: &Params,
    ) -> Vec<RequiredPermission> {
        match self.requires {
            Requires::Permissions(permissions) => permissions(S::of(region), context, params),
            Requires::AnyResource => vec![RequiredPermission::new(format!("{service}:{}", self.name), "*")],
            Requires::Nothing => Vec::new(),
        }
    }

    fn run(&self, region: &mut Region, context: &mut Context<'_>, params: Params) -> Result<Value, ServiceError> {
        match self.run {
            Run::Read(run) => run(S::of(region), context, params),
            Run::Write(run) => run(S::of_mut(region), context, params),
        }
    }
}

impl<S: OperationState> AnyService for Service<S> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn cli_name(&self) -> &'static str {
        self.cli_name
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

    fn condition_keys(&self) -> &'static [&'static str] {
        self.condition_keys
    }

    #[cfg(test)]
    fn operations(&self) -> Vec<&'static str> {
        self.operations.iter().map(|operation| operation.name).collect()
    }

    #[cfg(test)]
    fn deviations(&self) -> &'static [super::Deviation] {
        self.deviations
    }

    fn find(&self, name: &str) -> Option<Row<'_>> {
        let operation = self.operations.iter().find(|operation| operation.name == name)?;
        Some(Row {
            name: operation.name,
            read_only: operation.is_read_only(),
            latency: operation.latency,
            operation,
            service: self.name,
        })
    }

    fn install(&self, region: Region) -> Region {
        (self.install)(region)
    }

    fn advance(&self, region: &mut Region, ids: &mut Ids, now: Timestamp) -> bool {
        self.advance.is_some_and(|advance| advance(region, ids, now))
    }

    fn described(&self) -> &'static [Described] {
        self.seeding.described
    }

    fn complete_seed(&self) -> Option<Complete> {
        self.seeding.complete
    }

    fn seed(
        &self,
        region: &mut Region,
        context: &mut Context<'_>,
        command: &str,
        document: Params,
    ) -> Result<(), SeedError> {
        (self.seeding.load)(S::of_mut(region), context, command, document)
    }
}
