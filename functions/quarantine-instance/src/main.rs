//! The Lambda function `quarantine-instance`.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    responder::serve(quarantine_instance::handle).await
}
