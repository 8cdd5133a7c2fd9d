//! The Lambda function `remediate-security-group`.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    responder::serve(remediate_security_group::handle).await
}
