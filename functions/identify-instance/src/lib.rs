//! Live facts of a compromised instance.
