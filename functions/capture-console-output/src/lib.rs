//! Stores the console output of an instance with its SHA-256 in the custody manifest. Nitro instances have the latest
//! output, others what EC2 captured at the last boot; it is at most 64 KB (EC2 API reference, `GetConsoleOutput`).

use aws_sdk_ec2::operation::RequestId;
use aws_sdk_ec2::operation::get_console_output::GetConsoleOutputOutput;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use incident::{Control, ControlState, CustodyEntry, Incident, SCHEMA};
use responder::{Clients, Environment, Error, ErrorName, Parameters, Result, Target, custody};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How much is stored, from the end: as much as EC2 returns.
const MAX_BYTES: usize = 64 * 1024;

/// Name of the evidence and of its control.
const CONSOLE_OUTPUT: &str = "console-output";

/// Settings of the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    table: String,
}

impl responder::Settings for Settings {
    fn read(environment: &Environment, _: &mut Parameters) -> Result<Settings> {
        Ok(Settings { table: environment.require("TABLE_NAME")?.to_owned() })
    }
}

/// The incident whose evidence is preserved.
#[derive(Debug, Deserialize)]
pub struct Input {
    incident: Incident,
    execution: String,
}

/// What was stored.
#[derive(Debug, Serialize)]
pub struct Output {
    controls: Vec<Control>,
    gaps: Vec<String>,
}

/// Console output as EC2 returned it.
struct Captured {
    content: Vec<u8>,
    detail: String,
    request_id: Option<String>,
}

/// Why there is nothing to store.
enum Missing {
    /// EC2 has none.
    None(String),
    /// It could not be read.
    Unread(String),
}

/// Captures the console output once: the first stored output stays. Output that cannot be read is a gap. Missing output is
/// noted in the manifest only, because nobody can close that gap.
///
/// # Errors
/// Transient failures of EC2, and as DynamoDB answers. Running the function again is safe.
pub async fn handle(clients: &Clients, settings: &Settings, input: Input) -> Result<Output> {
    let incident = &input.incident;
    let (target, id) = clients.for_instance(incident)?;
    let captured = match read(&target, id).await {
        Ok(output) => captured(&output),
        Err(error) if error.is_transient() => return Err(error),
        Err(error) => Err(Missing::Unread(format!("the console output could not be read: {error}"))),
    };
    let mut gaps = Vec::new();
    let mut entry = CustodyEntry {
        schema: SCHEMA,
        what: CONSOLE_OUTPUT.to_owned(),
        at: clients.now().to_string(),
        request_id: None,
        role: custody::caller_arn(&target).await?,
        sha256: None,
        detail: String::new(),
        gaps: Vec::new(),
    };
    let (state, content) = match captured {
        Ok(captured) => {
            let sha256 = hex::encode(Sha256::digest(&captured.content));
            entry.detail = format!("{}, SHA-256 {sha256}", captured.detail);
            entry.request_id = captured.request_id;
            entry.sha256 = Some(sha256);
            (ControlState::Done, Some(BASE64_STANDARD.encode(&captured.content)))
        }
        Err(missing) => {
            let (Missing::None(gap) | Missing::Unread(gap)) = &missing;
            entry.detail.clone_from(gap);
            entry.gaps.push(gap.clone());
            if let Missing::Unread(gap) = missing {
                gaps.push(gap);
            }
            (ControlState::Gap, None)
        }
    };
    let kept = custody::put_entry(clients, &settings.table, &incident.id, &input.execution, &entry, content).await?;
    let state = match (state, kept) {
        (ControlState::Done, responder::incident_store::PutOutcome::AlreadyExists) => ControlState::AlreadyDone,
        (state, _) => state,
    };
    Ok(Output { controls: vec![Control::new(CONSOLE_OUTPUT, id, state, entry.detail)], gaps })
}

/// The latest output, or the output of the last boot when the instance type does not support the latest.
async fn read(target: &Target, instance_id: &str) -> Result<GetConsoleOutputOutput> {
    let latest = target.ec2().get_console_output().instance_id(instance_id).latest(true).send().await;
    match latest.map_err(Error::from_sdk("ec2:GetConsoleOutput")) {
        Err(error) if error.name == ErrorName::AwsRefused => target
            .ec2()
            .get_console_output()
            .instance_id(instance_id)
            .send()
            .await
            .map_err(Error::from_sdk("ec2:GetConsoleOutput")),
        answered => answered,
    }
}

/// Decodes the content, or says why there is none.
fn captured(output: &GetConsoleOutputOutput) -> Result<Captured, Missing> {
    // An answer without output is an instance without output. EC2 wraps the lines of its Base64.
    let text: String = output.output().unwrap_or("").chars().filter(|c| !c.is_whitespace()).collect();
    let content = BASE64_STANDARD
        .decode(text)
        .map_err(|_| Missing::Unread("EC2 returned console output that is not Base64".to_owned()))?;
    if content.is_empty() {
        return Err(Missing::None("EC2 has no console output of the instance".to_owned()));
    }
    let cut = content.len().saturating_sub(MAX_BYTES);
    let stored: Vec<u8> = content.into_iter().skip(cut).collect();
    let at = output.timestamp().and_then(|at| at.fmt(aws_sdk_ec2::primitives::DateTimeFormat::DateTime).ok());
    Ok(Captured {
        detail: format!(
            "{} bytes of console output{}, updated {}",
            stored.len(),
            if cut > 0 { ", the last ones" } else { "" },
            at.as_deref().unwrap_or("at an unknown time")
        ),
        content: stored,
        request_id: output.request_id().map(str::to_owned),
    })
}
