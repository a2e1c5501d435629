//! What the routes of `orgs` share.

pub mod roster;

use smartscripts_domain::{Error, Result};

/// An organization's or a team's name, without the spaces around it.
///
/// # Errors
/// `name_invalid` unless it has 1 to 100 characters and no control character.
pub fn organization_name(text: &str) -> Result<String> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > 100 || name.contains(char::is_control) {
        return Err(Error::invalid("name_invalid", "`name` must have 1 to 100 characters."));
    }
    Ok(name.to_owned())
}
