//! The Lambda function `authorise-response`.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    responder::serve(authorise_response::handle).await
}
