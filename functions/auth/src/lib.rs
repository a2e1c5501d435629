//! What the routes of `auth` share: passwords and refresh tokens.

pub mod password;
pub mod refresh;
pub mod session;
