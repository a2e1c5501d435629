//! Passwords: argon2id, at the parameters that the OWASP password storage cheat sheet gives first (19 MiB, 2 passes, 1 lane).

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use smartscripts_domain::{Error, Result};

/// The shortest password; there is no second factor yet, so NIST SP 800-63B-4, section 3.1.1, asks for 15.
const SHORTEST: usize = 15;
/// The longest, in bytes, so that hashing is no way to keep us busy.
const LONGEST: usize = 1024;

/// The hash that an unknown user's password is compared with, so that the answer takes as long.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0IG9mIG91cnM$a5/QUiQEqnmpFGsFgnk2cVhA7BFzgqV3vDRvIpPpBjY";

/// The password's hash, with a salt of its own, in PHC form.
///
/// # Errors
/// `password_too_short`, `password_too_long`.
pub fn hash(password: &str) -> Result<String> {
    if password.chars().count() < SHORTEST {
        return Err(Error::invalid(
            "password_too_short",
            format!("The password must have at least {SHORTEST} characters."),
        ));
    }
    if password.len() > LONGEST {
        return Err(Error::invalid("password_too_long", format!("The password must have at most {LONGEST} bytes.")));
    }
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|e| Error::internal(format!("hash password: {e}")))
}

/// Whether this is the password behind the hash; without a hash it takes as long and is no.
#[must_use]
pub fn matches(password: &str, hash: Option<&str>) -> bool {
    let fits = password.len() <= LONGEST;
    let verified = Argon2::default().verify_password(password.as_bytes(), hash.unwrap_or(NOBODY)).is_ok();
    fits && verified && hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_right_password_only() {
        let hash = hash("correct horse battery staple").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(matches("correct horse battery staple", Some(&hash)));
        assert!(!matches("correct horse battery stapler", Some(&hash)));
        assert!(!matches("correct horse battery staple", None));
    }

    #[test]
    fn the_hash_of_nobody_is_one_that_takes_as_long() {
        let parsed = argon2::PasswordHash::new(NOBODY).unwrap();
        assert_eq!(argon2::Params::try_from(&parsed).unwrap().m_cost(), argon2::Params::DEFAULT_M_COST);
    }

    #[test]
    fn refuses_what_is_too_short_or_too_long() {
        assert_eq!(hash("fourteen chars").unwrap_err().code(), "password_too_short");
        assert_eq!(hash(&"x".repeat(1025)).unwrap_err().code(), "password_too_long");
        assert!(hash(&"x".repeat(64)).is_ok());
    }
}
