//! Solutions that are programs, each as the reader would write it: the file
//! is shown whole.

#[path = "16.rs"]
pub(crate) mod end_from_inside;
#[path = "20.rs"]
pub(crate) mod jail;
#[path = "25.rs"]
pub(crate) mod memory_in_common;
#[path = "15.rs"]
pub(crate) mod number_4242;
#[path = "11.rs"]
pub(crate) mod own_init;
#[path = "03.rs"]
pub(crate) mod own_unshare;
#[path = "23.rs"]
pub(crate) mod port_80;
#[path = "28.rs"]
pub(crate) mod three_ways;
#[path = "21.rs"]
pub(crate) mod two_owners;
#[path = "04.rs"]
pub(crate) mod two_threads;
