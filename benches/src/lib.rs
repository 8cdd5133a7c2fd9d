//! Benchmarks: every speed that is claimed can be measured again here, with `cargo bench --bench NAME`.
