//! One function per operation.

mod describe;
mod get;
mod put;
mod query;
mod scan;
mod select;
mod transact;

pub(super) use describe::describe_table;
pub(super) use get::get_item;
pub(super) use put::{delete_item, put_item, update_item};
pub(super) use query::query;
pub(super) use scan::scan;
pub(super) use transact::transact_write_items;
