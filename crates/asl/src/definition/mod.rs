//! Definitions as the engine needs them: every path and expression is parsed, every transition resolved.

mod choice;
mod edge;
mod err;
mod fields;
mod machine;
mod parse;
mod resource;
mod retry;
mod state;
mod states;

pub use choice::{Comparison, Condition, Glob, Kind, Operand, OperandType, Operator, Rule, TimeOperand};
pub use edge::{Edge, EdgeKind};
pub use err::{ParseError, ParseProblem};
pub use fields::{DataPath, Flow, JsonPathFlow, JsonataFlow, Number, QueryLanguage, ResultPath, TextField};
pub use machine::{Definition, Machine, MachineId, StateId};
pub use resource::{Pattern, Resource};
pub use retry::{Catcher, Handling, Jitter, Retrier};
pub use state::{Fail, Items, Map, Next, Parallel, State, StateKind, Task, Wait, WaitFor};

pub(crate) use fields::{Assign, CatchFlow};
pub(crate) use parse::unsupported;
pub(crate) use state::{Credentials, ItemSelector};
