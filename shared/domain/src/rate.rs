//! How often something may be done: token buckets. The values are policy; `store` keeps the buckets, `http` applies them.

/// A token bucket: `capacity` calls at once, and one more every `refill` milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What it is called in headers and keys.
    pub name: &'static str,
    /// How many tokens it holds when full.
    pub capacity: u32,
    /// Milliseconds until one token comes back.
    pub refill: u32,
}

impl Limit {
    /// Seconds in which an empty bucket fills, rounded up.
    #[must_use]
    pub const fn window_seconds(self) -> u32 {
        (self.capacity as u64 * self.refill as u64).div_ceil(1000) as u32
    }
}

/// Calls of the open routes (register, log in, reset …), for each network. A whole school may sit behind one address, and
/// a class logs in within a minute; guessing a password is held back by [`LOG_IN`].
pub const OPEN: Limit = Limit { name: "open", capacity: 300, refill: 200 };

/// Attempts to log in to one account from one network: ten, then two a minute.
pub const LOG_IN: Limit = Limit { name: "log-in", capacity: 10, refill: 30_000 };

/// Attempts to log in to one account from anywhere: a hundred, then one every 36 seconds.
pub const LOG_IN_ANYWHERE: Limit = Limit { name: "log-in-anywhere", capacity: 100, refill: 36_000 };

/// Mails to one address: five, then one every five minutes.
pub const MAIL: Limit = Limit { name: "mail", capacity: 5, refill: 300_000 };

/// Calls that send invitations, each to a hundred people at most: thirty, then one a minute.
pub const INVITES: Limit = Limit { name: "invites", capacity: 30, refill: 60_000 };

/// What a person seldom does and what costs much (create an organization, ask for an export): twenty, then twelve an hour.
pub const SELDOM: Limit = Limit { name: "seldom", capacity: 20, refill: 300_000 };

/// Calls of one person or API key outside of any organization; within one, its plan says how often.
pub const PRINCIPAL: Limit = Limit { name: "principal", capacity: 600, refill: 50 };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_rounded_up() {
        assert_eq!(OPEN.window_seconds(), 60);
        assert_eq!(Limit { name: "x", capacity: 1, refill: 1 }.window_seconds(), 1);
    }
}
