//! The intrinsic functions of the States Language: `States.Format('{}', $.name)`.

mod array;
mod call;
mod digest;
mod encoding;
mod err;
mod functions;
mod text;

pub use call::{Argument, Call};
pub use err::IntrinsicError;

pub(crate) use digest::{Algorithm, hash_hex};
pub(crate) use functions::uuid_v4;
