//! One message a person can act on.
