//! Texts of AWS: which partition a Region belongs to, what a Region and an account id look like, and wildcard patterns.
//!
//! Architecture invariant: this crate has no dependency on the rest of the workspace, because deployed functions, the
//! event patterns and the simulated account all read these texts in the same way.

pub mod actions;
pub mod partition;
pub mod wildcard;
