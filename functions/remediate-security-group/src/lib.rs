//! Revokes exactly the offending rules of a security group.
