//! JSON text to a tree that knows where everything stands.
//!
//! The first stage: [`parse`] reads strict JSON (RFC 8259) and keeps the place of every key and value, so that later
//! stages can say where in the file a problem is. Property names that appear twice are noted, not refused; depth and
//! size are bounded, because definitions come from strangers.
//!
//! `serde_json` gives no places, and the crates that do either accept more than JSON, have no bound on depth, or keep
//! no repeated names; hence a small parser of our own.

mod err;
mod node;
mod parse;
mod place;

pub use err::{Expected, SourceError, SyntaxError};
pub use node::{Array, Member, Node, Object, Value};
pub use parse::{MAX_BYTES, MAX_DEPTH, parse};
pub use place::Position;

use place::Lines;

/// A parsed text: its tree and the means to turn an offset into a line and a column.
#[derive(Debug)]
pub struct Document<'t> {
    root: Node<'t>,
    lines: Lines<'t>,
}

impl<'t> Document<'t> {
    /// The value of the whole text.
    pub fn root(&self) -> &Node<'t> {
        &self.root
    }

    /// The line and column of a byte offset, as [`Node::at`] and [`Member::at`] give it.
    pub fn position(&self, at: usize) -> Position {
        self.lines.position(at)
    }

    /// The value without places; of a property that appears twice the last one counts, as it does for Step Functions.
    pub fn to_value(&self) -> serde_json::Value {
        self.root.to_value()
    }
}
