//! The Lambda function `update-security-hub`.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    responder::serve(update_security_hub::handle).await
}
