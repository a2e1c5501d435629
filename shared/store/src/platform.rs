//! What belongs to no tenant: users, their sessions, mailed tokens. Only the functions of `auth` and `orgs` are allowed it.

use crate::Store;

/// The part of the store that belongs to no tenant.
#[derive(Clone, Debug)]
pub struct Platform {
    store: Store,
}

impl Platform {
    /// The platform's part of this store.
    #[must_use]
    pub const fn new(store: Store) -> Self {
        Self { store }
    }

    pub(crate) const fn store(&self) -> &Store {
        &self.store
    }
}
