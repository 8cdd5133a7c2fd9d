//! The Lambda function `secure-snapshots`.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    responder::serve(secure_snapshots::handle).await
}
