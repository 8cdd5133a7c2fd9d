//! One crash-consistent snapshot set of an instance.
