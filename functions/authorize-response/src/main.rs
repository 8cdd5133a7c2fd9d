//! The Lambda function `authorize-response`.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    responder::serve(authorize_response::handle).await
}
