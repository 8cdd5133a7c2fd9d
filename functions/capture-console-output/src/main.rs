//! The Lambda function `capture-console-output`.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    responder::serve(capture_console_output::handle).await
}
