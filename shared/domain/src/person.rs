//! What a person is called, and where mail reaches them.

use crate::{Error, Result};

/// The longest address there can be, in bytes: RFC 5321, section 4.5.3.1.3, less its two brackets.
const LONGEST_ADDRESS: usize = 254;

/// An e-mail address in the one spelling that we keep: lower case, without spaces around it. An address is proved by the
/// mail that reaches it, so only what can't be one is refused here.
///
/// # Errors
/// `email_invalid`.
pub fn email_address(text: &str) -> Result<String> {
    let email = text.trim().to_lowercase();
    let parts = email.split_once('@');
    let plausible =
        parts.is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.') && !domain.contains('@'));
    if !plausible || email.len() > LONGEST_ADDRESS || email.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(Error::invalid("email_invalid", "`email` is not an e-mail address."));
    }
    Ok(email)
}

/// What a person is called, without the spaces around it.
///
/// # Errors
/// `name_invalid` unless it has 1 to 100 characters and no control character.
pub fn name(text: &str) -> Result<&str> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > 100 || name.contains(char::is_control) {
        return Err(Error::invalid("name_invalid", "`name` must have 1 to 100 characters."));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_cannot_be_an_address() {
        for text in ["", "x", "x@", "@x.y", "x@y", "x y@z.w", "x@y@z.w", "x@y.z\u{7}"] {
            assert_eq!(email_address(text).unwrap_err().code(), "email_invalid", "{text}");
        }
        assert_eq!(email_address(" A.b+c@School.example ").unwrap(), "a.b+c@school.example");
    }

    #[test]
    fn a_name_is_a_line_of_text() {
        assert_eq!(name(" Ada ").unwrap(), "Ada");
        for text in ["", "  ", "a\nb", &"a".repeat(101)] {
            assert_eq!(name(text).unwrap_err().code(), "name_invalid", "{text}");
        }
    }
}
