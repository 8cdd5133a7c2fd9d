//! Workflow status, note and user-defined fields in Security Hub.
