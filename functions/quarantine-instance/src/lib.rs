//! Isolates every network interface of an instance.
