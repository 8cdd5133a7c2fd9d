//! The Lambda function `revoke-sessions`.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    responder::serve(revoke_sessions::handle).await
}
