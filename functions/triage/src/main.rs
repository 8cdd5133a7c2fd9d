//! The Lambda function `triage`.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    responder::serve(triage::handle).await
}
