//! Lambda: an invocation of the handler behind an alias, as the service answers Step Functions.

use std::future::{Future, poll_fn};
use std::panic::AssertUnwindSafe;
use std::task::Poll;
use std::time::Duration;

use account::World;
use asl::{Answer, TaskRequest};
use aws_credential_types::Credentials;
use aws_types::SdkConfig;
use aws_types::region::Region;
use futures_util::FutureExt;
use futures_util::future::{Either, select};
use responder::{Clients, Error, Home, Reply};
use serde_json::{Value, json};

use super::runner::Work;
use super::{FunctionFaultKind, FunctionFaults};
use crate::deployment::{DeployedFunction, Deployment, Machine};

/// Virtual time from the request to the first line of the handler, warm.
const OVERHEAD: Duration = Duration::from_millis(12);

/// Largest synchronous payload in bytes (Lambda quotas: 6 MB; Step Functions passes at most 256 KB).
const MAX_PAYLOAD: usize = 262_144;

/// An invocation that has begun.
pub(super) struct Invoked {
    /// The invocation until it has its answer.
    pub(super) work: Work,
    /// The function, by the name of its crate; `None` when there is no such function.
    pub(super) function: Option<String>,
}

/// Begins an invocation.
pub(super) fn begin(
    world: &World,
    deployment: &Deployment,
    machine: &Machine,
    faults: &FunctionFaults,
    request: &TaskRequest,
) -> Invoked {
    let by_arn = matches!(request.resource, asl::Resource::LambdaFunction(_));
    let (name, payload) = match &request.resource {
        asl::Resource::LambdaFunction(arn) => (arn.clone(), request.parameters.clone()),
        _ => (
            // Without a name there is no such function, which the answer below says.
            request.parameters.get("FunctionName").and_then(Value::as_str).unwrap_or_default().to_owned(),
            // `Invoke` without a payload passes an empty object.
            request.parameters.get("Payload").cloned().unwrap_or_else(|| json!({})),
        ),
    };
    let Some(function) = deployment.functions.get(&name) else {
        let cause = format!("Function not found: {name}");
        let answer = Answer::Failed { error: "Lambda.ResourceNotFoundException".into(), cause: Some(cause) };
        return Invoked { work: ready(answer), function: None };
    };
    let package = function.package.clone();
    if let Some(refused) = refused(world, machine, &deployment.surroundings.region, &name) {
        return Invoked { work: ready(refused), function: Some(package) };
    }
    let runs = match faults.count(&package) {
        Some(FunctionFaultKind::Throttled) => {
            let error = "Lambda.TooManyRequestsException".to_owned();
            let answer = Answer::Failed { error, cause: Some("Rate Exceeded.".to_owned()) };
            return Invoked { work: ready(answer), function: Some(package) };
        }
        Some(FunctionFaultKind::CrashBefore) => Runs { times: 0, answers: false },
        Some(FunctionFaultKind::CrashAfter) => Runs { times: 1, answers: false },
        Some(FunctionFaultKind::Twice) => Runs { times: 2, answers: true },
        None => Runs { times: 1, answers: true },
    };
    let prepared =
        (0..runs.times).map(|_| process(world.clone(), prepare(world, deployment, function, payload.clone())));
    let prepared: Vec<_> = prepared.collect();
    let clock = world.clock();
    let timeout = function.timeout;
    let task = async move {
        let mut last = None;
        for process in prepared {
            clock.sleep_for(OVERHEAD).await;
            let limit = Box::pin(clock.sleep_for(timeout));
            last = Some(match select(process, limit).await {
                Either::Left((Some(Ok(Ok(output))), _)) => succeeded(output, by_arn),
                Either::Left((Some(Ok(Err(error))), _)) => failed(error.name.as_str(), &error.message),
                // The runtime turns a panic into a typed error.
                Either::Left((Some(Err(_)), _)) => failed("Runtime.Panic", "the handler panicked"),
                Either::Left((None, _)) => failed("Runtime.ExitError", DIED),
                Either::Right(_) => {
                    let text = format!("Task timed out after {:.2} seconds", timeout.as_secs_f64());
                    failed(
                        "Sandbox.Timedout",
                        &format!("RequestId: 00000000-0000-0000-0000-000000000000 Error: {text}"),
                    )
                }
            });
        }
        if runs.times == 0 {
            clock.sleep_for(OVERHEAD).await;
        }
        match last {
            Some(answer) if runs.answers => answer,
            _ => failed("Runtime.ExitError", DIED),
        }
    };
    Invoked { work: Box::pin(task), function: Some(package) }
}

/// How often the handler runs, and whether its answer arrives.
struct Runs {
    times: u32,
    answers: bool,
}

/// The handler on clients of its own.
fn prepare(world: &World, deployment: &Deployment, function: &DeployedFunction, payload: Value) -> Reply {
    match clients(world, deployment, function) {
        Ok(clients) => function.handler.invoke(clients, function.environment.clone(), payload),
        Err(error) => Box::pin(std::future::ready(Err(error))),
    }
}

/// The message of Lambda about a process that has ended.
const DIED: &str = "RequestId: 00000000-0000-0000-0000-000000000000 Error: Runtime exited with error: signal: killed";

/// The process that runs a handler: the result of the handler, or nothing when a planned fault has killed the process.
fn process(world: World, run: Reply) -> impl Future<Output = Option<Handled>> + Unpin {
    let mut run = Box::pin(AssertUnwindSafe(run).catch_unwind());
    poll_fn(move |context| {
        let polled = run.as_mut().poll(context);
        // Calls are made while the handler is polled, so a crash since is a crash of this process.
        if world.take_crash() { Poll::Ready(None) } else { polled.map(Some) }
    })
}

/// The result of a handler; the outer error is a panic.
type Handled = Result<responder::Result<Value>, Box<dyn std::any::Any + Send>>;

fn ready(answer: Answer) -> Work {
    Box::pin(std::future::ready(answer))
}

fn succeeded(output: Value, by_arn: bool) -> Answer {
    let size = serde_json::to_vec(&output).map_or(usize::MAX, |text| text.len());
    if size > MAX_PAYLOAD {
        return Answer::Failed {
            error: "States.DataLimitExceeded".into(),
            cause: Some("The state/task 'lambda' returned a result with a size exceeding the maximum number of bytes service limit.".into()),
        };
    }
    Answer::Succeeded(if by_arn {
        output
    } else {
        json!({"ExecutedVersion": "1", "Payload": output, "StatusCode": 200})
    })
}

/// A function error as Step Functions passes it on: the error's type is its name, the payload is the cause.
fn failed(name: &str, message: &str) -> Answer {
    let cause = json!({"errorType": name, "errorMessage": message}).to_string();
    Answer::Failed { error: name.to_owned(), cause: Some(cause) }
}

/// Whether the machine's role may invoke the function.
fn refused(world: &World, machine: &Machine, region: &str, alias_arn: &str) -> Option<Answer> {
    let allowed = world.permits(&machine.caller.access_key_id, region, "lambda:InvokeFunction", alias_arn, &[]);
    (!allowed).then(|| Answer::Failed {
        error: "Lambda.AWSLambdaException".into(),
        cause: Some(format!(
            "User: {} is not authorized to perform: lambda:InvokeFunction on resource: {alias_arn} because no \
             identity-based policy allows the lambda:InvokeFunction action",
            machine.caller.arn
        )),
    })
}

/// The clients of a function on the simulated account. The SDK below them does the same as in production, except for the
/// connector, the clock and the source of credentials.
fn clients(world: &World, deployment: &Deployment, function: &DeployedFunction) -> Result<Clients, Error> {
    let home = Home::read(&function.environment)?;
    let clock = world.clock();
    let config = SdkConfig::builder()
        .behavior_version(responder::behavior())
        .region(Region::new(deployment.surroundings.region.clone()))
        .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(Credentials::new(
            &function.caller.access_key_id,
            "simulated",
            None,
            None,
            "replay",
        )))
        .http_client(world.http_client())
        .time_source(clock.clone())
        .sleep_impl(clock)
        .timeout_config(responder::time_limits())
        .retry_config(responder::retries())
        .build();
    Ok(Clients::new(config, home))
}
