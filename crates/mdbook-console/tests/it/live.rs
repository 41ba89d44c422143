//! The kernel itself.
