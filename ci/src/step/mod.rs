//! The steps, one module each.

pub(crate) mod book;
pub(crate) mod check;
pub(crate) mod demos;
pub(crate) mod exercises;
pub(crate) mod forbidden;
pub(crate) mod hostile;
pub(crate) mod index;
pub(crate) mod page;
pub(crate) mod prose;
pub(crate) mod rust;
pub(crate) mod serve;
pub(crate) mod stock;
pub(crate) mod tidy;
pub(crate) mod tools;
