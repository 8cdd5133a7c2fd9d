//! The Lambda function `snapshot-volumes`.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    responder::serve(snapshot_volumes::handle).await
}
