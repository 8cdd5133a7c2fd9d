use std::time::Duration;

use serde_json::Value;

use super::{Context, READ_LATENCY, RequiredPermission, WRITE_LATENCY};
use crate::base::ServiceError;
use crate::protocol::Params;

/// One operation of a service: a row of its table.
pub(crate) struct Operation<S: 'static> {
    /// The name on the wire: `DescribeInstances`.
    pub(crate) name: &'static str,
    /// Virtual time from request to response.
    pub(crate) latency: Duration,
    /// What the caller must be allowed to do.
    pub(crate) requires: Requires<S>,
    /// The operation itself.
    pub(crate) run: Run<S>,
}

/// The function behind an operation. Parameters have the names of the SDKs, and so has the
/// returned value; that of EC2 has the names of responses.
///
/// It reads every parameter it knows before it has any effect; a parameter that it does not read fails the call loudly.
pub(crate) enum Run<S> {
    /// Changes nothing in the state.
    Read(fn(&S, &mut Context<'_>, Params) -> Result<Value, ServiceError>),
    /// Changes the state.
    Write(fn(&mut S, &mut Context<'_>, Params) -> Result<Value, ServiceError>),
}

/// What the caller of an operation must be allowed to do.
pub(crate) enum Requires<S: 'static> {
    /// The action named like the operation, on `*`: for actions without resource-level permissions.
    AnyResource,
    /// Computed from state and parameters (through the `peek` accessors), as the Service Authorization Reference lists
    /// action, resource types and condition keys.
    Permissions(fn(&S, &Context<'_>, &Params) -> Vec<RequiredPermission>),
    /// Nothing: `sts:GetCallerIdentity`.
    Nothing,
}

impl<S> Operation<S> {
    /// An operation that changes nothing.
    pub(crate) const fn read(
        name: &'static str,
        requires: Requires<S>,
        run: fn(&S, &mut Context<'_>, Params) -> Result<Value, ServiceError>,
    ) -> Self {
        Self { name, latency: READ_LATENCY, requires, run: Run::Read(run) }
    }

    /// An operation that changes something.
    pub(crate) const fn write(
        name: &'static str,
        requires: Requires<S>,
        run: fn(&mut S, &mut Context<'_>, Params) -> Result<Value, ServiceError>,
    ) -> Self {
        Self { name, latency: WRITE_LATENCY, requires, run: Run::Write(run) }
    }

    /// The same operation with another virtual latency, in milliseconds.
    #[must_use]
    pub(crate) const fn taking(mut self, millis: u64) -> Self {
        self.latency = Duration::from_millis(millis);
        self
    }

    /// Whether the operation changes nothing.
    pub(crate) const fn is_read_only(&self) -> bool {
        matches!(self.run, Run::Read(_))
    }
}
