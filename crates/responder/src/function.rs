//! A function with its types erased.

use std::future::Future;
use std::pin::Pin;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{Clients, Environment, Error, ErrorName, Result, Settings};

/// What becomes of an invocation.
pub type Reply = Pin<Box<dyn Future<Output = Result<Value>>>>;

type Invoke = dyn Fn(Clients, Environment, Value) -> Reply + Send + Sync;

/// A handler whose input, output and settings are JSON and environment variables: what Lambda sees of it.
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
                Box::pin(async move {
                    let settings = S::read(&environment)?;
                    answer(&handler, &clients, &settings, payload).await
                })
            }),
        }
    }

    /// Invokes it.
    pub fn invoke(&self, clients: Clients, environment: Environment, payload: Value) -> Reply {
        (self.invoke)(clients, environment, payload)
    }
}

/// Reads the input, runs the handler, writes the output.
pub(crate) async fn answer<S, I, O, H>(handler: &H, clients: &Clients, settings: &S, payload: Value) -> Result<Value>
where
    I: DeserializeOwned,
    O: Serialize,
    H: AsyncFn(&Clients, &S, I) -> Result<O>,
{
    let input = serde_json::from_value(payload)
        .map_err(|error| Error::new(ErrorName::InputInvalid, format!("the input of the function: {error}")))?;
    let output = Box::pin(handler(clients, settings, input)).await?;
    serde_json::to_value(output)
        .map_err(|error| Error::new(ErrorName::AwsUnexpected, format!("the output of the function: {error}")))
}
