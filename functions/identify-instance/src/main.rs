//! The Lambda function `identify-instance`.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    responder::serve(identify_instance::handle).await
}
