//! What crosses the wire: the release binary through the Lambda Runtime API, the handlers against an independent server,
//! every request and response against the service models.

mod checker;
mod damage;
mod iam;
mod injection;
mod kill_switch;
mod lambda;
mod model;
mod moto;
mod process;
mod recorder;
mod runtime_api;
mod scene;
mod services;

use std::net::TcpListener;
use std::thread;

use account::World;
use libtest_mimic::Trial;

use crate::support::Checked;

/// The tests of this module.
pub(crate) fn trials() -> Vec<Trial> {
    [
        lambda::trials(),
        kill_switch::trials(),
        moto::trials(),
        model::trials(),
        iam::trials(),
        services::trials(),
        injection::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The world behind a port.
fn serve(world: &World) -> Checked<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    let world = world.clone();
    thread::spawn(move || account::serve(&world, &listener));
    Ok(url)
}
