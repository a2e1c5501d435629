//! Passwords: argon2id, at the parameters that the OWASP password storage cheat sheet gives first (19 MiB, 2 passes, 1 lane),
//! and the rules for new ones, after NIST SP 800-63B-4, section 3.1.1: long rather than contrived, and none that everybody
//! tries first.

use argon2::{Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier};
use smartscripts_domain::{Error, Result};

/// The shortest password where it is the only factor.
pub const SHORTEST_ALONE: usize = 15;
/// The shortest password beside a second factor.
pub const SHORTEST: usize = 8;
/// The longest, in bytes, so that hashing is no way to keep us busy.
const LONGEST: usize = 1024;

/// Passwords of eight characters and more that are used most, lower case, sorted: the list of the `zxcvbn` package 4.5.0
/// (MIT), from breaches that were made public.
const COMMON: &str = include_str!("common-passwords.txt");

/// The hash that an unknown user's password is compared with, so that the answer takes as long.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0IG9mIG91cnM$a5/QUiQEqnmpFGsFgnk2cVhA7BFzgqV3vDRvIpPpBjY";

/// Checks a new password. `about` is what anybody knows of its owner: the e-mail address, the name.
///
/// # Errors
/// `password_too_short`, `password_too_long`, `password_common`.
pub fn check(password: &str, has_second_factor: bool, about: &[&str]) -> Result<()> {
    let shortest = if has_second_factor { SHORTEST } else { SHORTEST_ALONE };
    if password.chars().count() < shortest {
        let message = format!("The password must have at least {shortest} characters.");
        return Err(Error::invalid("password_too_short", message));
    }
    if password.len() > LONGEST {
        return Err(Error::invalid("password_too_long", format!("The password must have at most {LONGEST} bytes.")));
    }
    if is_common(password) || is_about(password, about) {
        let message =
            "This password is one of the first that others would try. Choose another: four unusual words, say.";
        return Err(Error::invalid("password_common", message));
    }
    Ok(())
}

/// Whether the password is a common one, perhaps said several times over.
fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    let is_listed = |unit: &str| COMMON.lines().any(|common| common == unit);
    let units =
        (8..=lower.len()).filter(|length| lower.len().is_multiple_of(*length)).filter_map(|length| lower.get(..length));
    units.filter(|unit| unit.repeat(lower.len() / unit.len()) == lower).any(is_listed)
}

/// Whether the password is the owner's address, its first part or the owner's name.
fn is_about(password: &str, about: &[&str]) -> bool {
    let lower = password.to_lowercase();
    let mut known = about.iter().flat_map(|text| [Some(*text), text.split_once('@').map(|(local, _)| local)]).flatten();
    known.any(|text| text.to_lowercase() == lower)
}

/// The password's hash, with a salt of its own, in PHC form.
///
/// # Errors
/// `internal` if it cannot be hashed.
pub fn hash(password: &str) -> Result<String> {
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

/// Whether a hash was made with weaker parameters than today's, so that it is made anew when its password is known.
#[must_use]
pub fn is_outdated(hash: &str) -> bool {
    let parameters = PasswordHash::new(hash).ok().and_then(|hash| Params::try_from(&hash).ok());
    parameters.is_none_or(|found| {
        let wanted = Params::default();
        found.m_cost() < wanted.m_cost() || found.t_cost() < wanted.t_cost()
    })
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
        assert!(!is_outdated(NOBODY));
    }

    #[test]
    fn a_weaker_hash_is_outdated() {
        let weak =
            Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, Params::new(8192, 1, 1, None).unwrap());
        let weak = weak.hash_password(b"correct horse battery staple").unwrap().to_string();
        assert!(is_outdated(&weak));
        assert!(matches("correct horse battery staple", Some(&weak)));
        assert!(!is_outdated(&hash("correct horse battery staple").unwrap()));
    }

    #[test]
    fn refuses_what_is_too_short_or_too_long() {
        let code = |password: &str, second| check(password, second, &[]).unwrap_err().code();
        assert_eq!(code("fourteen chars", false), "password_too_short");
        assert_eq!(code("seven c", true), "password_too_short");
        assert_eq!(code(&"x".repeat(1025), false), "password_too_long");
        assert!(check("fifteen charact", false, &[]).is_ok());
        assert!(check("eight ch", true, &[]).is_ok());
        assert!(check(&"x".repeat(64), false, &[]).is_ok());
        assert!(check(&"Grüße aus Köln! ".repeat(4), false, &[]).is_ok());
    }

    #[test]
    fn refuses_what_everybody_tries_first() {
        for common in ["PassWord1", "passwordpassword", "12345678"] {
            assert_eq!(check(common, true, &[]).unwrap_err().code(), "password_common", "{common}");
        }
        let about = ["ada.lovelace@school.example", "Augusta Ada Lovelace"];
        for known in ["ada.lovelace", "augusta ada lovelace", "ada.lovelace@school.example"] {
            assert_eq!(check(known, true, &about).unwrap_err().code(), "password_common", "{known}");
        }
    }
}
