//! The replay of recorded events: the same rules, definitions, handlers and policies as deployed, against a simulated
//! account, in virtual time.
//!
//! An event passes the modules in this order: `arrive` finds its rule in the template, [`deployment`] has the machine
//! and its functions, `run` has the stages after that: [`stage`] sets up the account ([`assume`] makes one from the
//! finding where none is given), [`driver`] runs the execution, [`tell`] says what came of it with what [`readback`] reads
//! in the account afterwards, and [`expect`] compares with the [`scenario`]. [`record`] is the report.

pub mod account_document;
pub mod arrive;
pub mod assume;
pub mod deployment;
pub mod driver;
pub mod expect;
pub mod handlers;
pub mod readback;
pub mod record;
mod records;
pub mod replay;
pub mod run;
pub mod scenario;
pub mod stage;
pub mod steps;
pub mod tell;

pub use handlers::Handlers;
pub use record::Record;
pub use replay::Replay;
