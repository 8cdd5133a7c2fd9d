//! The replay of recorded events: the same rules, definitions, handlers and policies as deployed, against a simulated
//! account, in virtual time.
//!
//! A recorded event passes the modules in this order: [`events`] reads it, `arrive` finds its rule in the
//! [`template`] ([`route`]), [`deployment`] has the machine and its functions, `run` has the stages after that: [`stage`]
//! sets up the account ([`assume`] makes one from the finding where none is given), [`driver`] runs the execution, [`tell`] says what came of it with what [`readback`] reads in the account afterwards,
//! [`expect`] compares with the [`scenario`], and [`record`] is what is said, by [`human`] to a person. [`cli`] is the
//! command.

mod arrive;
pub mod assume;
pub mod cli;
pub mod deployment;
pub mod driver;
pub mod events;
pub mod expect;
pub mod explore;
pub mod handlers;
pub mod human;
pub mod pattern;
pub mod project;
pub mod readback;
pub mod record;
mod records;
pub mod replay;
pub mod route;
pub mod routing;
mod run;
pub mod scenario;
pub mod stage;
pub mod steps;
pub mod substitution;
pub mod tell;
pub mod template;

pub use handlers::Handlers;
pub use project::Project;
pub use record::Record;
pub use replay::Replay;
