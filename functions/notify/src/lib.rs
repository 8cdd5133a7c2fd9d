//! Tells people: one message per terminal outcome that a person can act on, inert and within the limits of SNS.

mod message;

use aws_sdk_sns::types::MessageAttributeValue;
use incident::Report;
use responder::{Clients, Environment, Error, ErrorName, Result};
use serde::{Deserialize, Serialize};

/// What the function is configured with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    topic_arn: String,
}

impl responder::Settings for Settings {
    fn read(environment: &Environment) -> Result<Settings> {
        Ok(Settings { topic_arn: environment.require("TOPIC_ARN")?.to_owned() })
    }
}

/// What there is to tell.
#[derive(Debug, Deserialize)]
pub struct Input {
    report: Report,
}

/// What was told.
#[derive(Debug, Serialize)]
pub struct Output {
    /// SNS message id.
    message_id: String,
    /// The key of the notification: the same for every repeat.
    key: String,
}

/// Publishes the notification of a report.
///
/// # Errors
/// As SNS answers. The definition then publishes the last-resort notification itself.
pub async fn handle(clients: &Clients, settings: &Settings, input: Input) -> Result<Output> {
    let message = message::of(&input.report);
    let published = clients
        .home()
        .sns()
        .publish()
        .topic_arn(&settings.topic_arn)
        .subject(&message.subject)
        .message(&message.body)
        .message_attributes("key", attribute(&message.key)?)
        .message_attributes("outcome", attribute(input.report.outcome.name())?)
        .send()
        .await
        .map_err(Error::of("sns:Publish"))?;
    Ok(Output { message_id: published.message_id.unwrap_or_default(), key: message.key })
}

fn attribute(value: &str) -> Result<MessageAttributeValue> {
    MessageAttributeValue::builder()
        .data_type("String")
        .string_value(value)
        .build()
        .map_err(|error| Error::new(ErrorName::AwsUnexpected, error.to_string()))
}
