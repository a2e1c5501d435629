//! What the routes of `auth` share: refresh tokens, the second factor, sessions.

pub mod refresh;
pub mod second_factor;
pub mod session;
