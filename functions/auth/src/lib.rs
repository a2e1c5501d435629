//! What the routes of `auth` share: passwords, refresh tokens, the second factor, mailed links.

pub mod account;
pub mod password;
pub mod refresh;
pub mod second_factor;
pub mod session;
