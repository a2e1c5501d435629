//! What the routes of `orgs` share.

pub mod roster;

use smartscripts_domain::{Error, Kind, Result, permission::Role, person};
use smartscripts_store::Access;

/// An organization's, a team's or an API key's name, without the spaces around it.
///
/// # Errors
/// `name_invalid` unless it has 1 to 100 characters and no control character.
pub fn organization_name(text: &str) -> Result<String> {
    person::name(text).map(ToOwned::to_owned)
}

/// Checks that a change is made to the version that is in force.
///
/// # Errors
/// `version_old`.
pub fn check_version(given: u32, in_force: u32) -> Result<()> {
    if given == in_force {
        return Ok(());
    }
    Err(Error::conflict("version_old", "It was changed meanwhile. Load it again, and make your change to that."))
}

/// Checks that whoever asks may make somebody `role`, or change somebody who is.
///
/// # Errors
/// `appointment_refused`.
pub fn check_may_appoint(access: &Access, role: Role) -> Result<()> {
    if access.role.is_some_and(|own| own.may_appoint(role)) {
        return Ok(());
    }
    Err(Error::new(Kind::Forbidden, "appointment_refused", "Only an owner can make, change or remove an owner."))
}
