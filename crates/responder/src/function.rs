//! A function with its types erased, so that a replay can hold functions of different types in one table.

use std::future::Future;
use std::pin::Pin;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{Clients, Environment, Error, ErrorName, Parameters, Result, Settings};

/// The future of an invocation: the output as JSON, or the error.
pub type Reply = Pin<Box<dyn Future<Output = Result<Value>>>>;

type Invoke = dyn Fn(Clients, Environment, Value) -> Reply + Send + Sync;

/// A handler behind the interface that Lambda sees: environment variables and JSON.
pub struct Function {
    invoke: Box<Invoke>,
}

impl Function {
    /// Erases the types of a handler.
    pub fn new<S, I, O, H>(handler: H) -> Function
    where
        S: Settings + 'static,
        I: DeserializeOwned + 'static,
        O: Serialize + 'static,
        H: AsyncFn(&Clients, &S, I) -> Result<O> + Copy + Send + Sync + 'static,
    {
        Function {
            invoke: Box::new(move |clients, environment, payload| {
                Box::pin(async move { answer(&handler, &clients, &environment, payload).await })
            }),
        }
    }

    /// Invokes the function: reads the settings and the input, runs the handler, writes the output.
    pub fn invoke(&self, clients: Clients, environment: Environment, payload: Value) -> Reply {
        (self.invoke)(clients, environment, payload)
    }
}

/// Reads the settings and the input, runs the handler and writes the output.
///
/// The setting `target_role` is common to all functions: the name of the role that the clients assume in another account.
pub(crate) async fn answer<S, I, O, H>(
    handler: &H,
    clients: &Clients,
    environment: &Environment,
    payload: Value,
) -> Result<Value>
where
    S: Settings,
    I: DeserializeOwned,
    O: Serialize,
    H: AsyncFn(&Clients, &S, I) -> Result<O>,
{
    let mut parameters = Parameters::of_payload(&payload)?;
    let clients = clients.with_target_role(parameters.take("target_role"));
    let settings = S::read(environment, &mut parameters)?;
    parameters.finish()?;
    let input = serde_json::from_value(payload)
        .map_err(|error| Error::new(ErrorName::InputInvalid, format!("the input of the function: {error}")))?;
    let output = Box::pin(handler(&clients, &settings, input)).await?;
    serde_json::to_value(output)
        .map_err(|error| Error::new(ErrorName::AwsUnexpected, format!("the output of the function: {error}")))
}
