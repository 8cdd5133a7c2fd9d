//! What crosses the wire: the release binary through the Lambda Runtime API, the handlers against an independent server,
//! every request and response against the service models.

mod checker;
mod damage;
mod iam;
mod injection;
mod lambda;
mod model;
mod moto;
mod process;
mod recorder;
mod runtime_api;
mod scene;
mod services;

use libtest_mimic::Trial;

/// The tests of this module.
pub(crate) fn trials() -> Vec<Trial> {
    [lambda::trials(), moto::trials(), model::trials(), iam::trials(), services::trials(), injection::trials()]
        .into_iter()
        .flatten()
        .collect()
}
