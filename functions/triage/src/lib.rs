//! Event to incident and decision.
