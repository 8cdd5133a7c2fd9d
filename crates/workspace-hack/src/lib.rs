//! Turns on features of dependencies, so that the AWS SDK is compiled once; it has no code.
//!
//! Cargo unifies the features of a dependency over the packages that it builds. Without this crate, `cargo test -p notify`
//! would compile the EC2 client again, because a dependency of it has fewer features there than in the whole workspace.
//! `responder` depends on this crate, and whatever uses the SDK depends on `responder`. The crates that do not use the
//! SDK do not depend on it. `cargo xtask features` checks that nothing is missing.
