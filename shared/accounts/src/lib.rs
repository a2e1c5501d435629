//! # accounts
//!
//! An account as its owner sees it, its password, and the checks that important changes share, whichever area's route makes
//! them.

pub mod account;
pub mod password;
