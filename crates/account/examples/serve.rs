//! Serves an `account.json` over HTTP, for trying the AWS CLI or an SDK against it:
//!
//! ```text
//! cargo run -p account --example serve -- account.json 4566
//! AWS_ACCESS_KEY_ID=AKIACORDON AWS_SECRET_ACCESS_KEY=any aws --endpoint-url http://127.0.0.1:4566 ec2 describe-instances
//! ```

use std::error::Error;
use std::net::TcpListener;

use account::{Policy, Principal, Setup, Timestamp, World, serve};
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(port)) = (arguments.next(), arguments.next()) else {
        return Err("usage: serve ACCOUNT_JSON PORT".into());
    };
    let world = World::new(Setup { started_at: Timestamp::parse("2026-03-01T12:00:00Z")?, seed: 1 });
    let document = serde_json::from_slice(&std::fs::read(&file)?)?;
    world.load("111122223333", "eu-central-1", &document)?;
    let everything = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
    world.add_principal(Principal {
        access_key_id: "AKIACORDON".to_owned(),
        secret_access_key: "any".to_owned(),
        session_token: None,
        arn: "arn:aws:iam::111122223333:user/analyst".to_owned(),
        account: "111122223333".to_owned(),
        function: "analyst".to_owned(),
        policy: Policy::parse(&everything)?,
        expires: None,
    });
    serve(&world, &TcpListener::bind(("127.0.0.1", port.parse()?))?)?;
    Ok(())
}
