//! The Lambda function `notify`.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    responder::serve(notify::handle).await
}
