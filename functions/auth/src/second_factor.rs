//! The second factor: time-based one-time passwords (RFC 6238; SHA-1, six digits, 30 seconds, which every authenticator app
//! understands), and ten recovery codes for when the device is lost.

use sha2::{Digest, Sha256};
use smartscripts_domain::{Error, Kind, Result};
use smartscripts_store::{SecondFactor, User};
use totp_rs::{Builder, Secret, Totp};

/// How many recovery codes there are.
const RECOVERY_CODES: usize = 10;
/// What an authenticator app shows beside the address.
const ISSUER: &str = "SmartScripts";

/// A fresh secret (Base32), and the URI that an authenticator app reads from a QR code.
///
/// # Errors
/// `internal` if the system has no randomness.
pub fn begin(email: &str) -> Result<(String, String)> {
    let mut secret = [0; 20];
    getrandom::fill(&mut secret).map_err(|e| Error::internal(format!("randomness: {e}")))?;
    let secret = Secret::from(secret);
    // In the URI a colon ends the issuer, so an address may not hold one.
    let account = email.replace(':', "_");
    let totp = Builder::new().with_secret(secret.clone()).with_account_name(account).with_issuer(Some(ISSUER));
    let totp = totp.build().map_err(|e| Error::internal(format!("second factor: {e}")))?;
    let uri = totp.to_url().map_err(|e| Error::internal(format!("second factor: {e}")))?;
    Ok((secret.to_base32(), uri))
}

/// The second factor with this secret, if the code is the one that it gives now, and its recovery codes in plain text.
///
/// # Errors
/// `code_wrong`.
pub fn confirm(secret: &str, code: &str, now: u64) -> Result<(SecondFactor, Vec<String>)> {
    let last_step = totp(secret)?.check(code.trim(), now).ok_or_else(code_wrong)?;
    let (recovery_codes, plain) = recovery_codes()?;
    Ok((SecondFactor { secret: secret.to_owned(), last_step, recovery_codes }, plain))
}

/// Fresh recovery codes: their hashes to keep, and the codes to show once.
///
/// # Errors
/// `internal` if the system has no randomness.
pub fn recovery_codes() -> Result<(Vec<String>, Vec<String>)> {
    let mut plain = Vec::new();
    for _ in 0..RECOVERY_CODES {
        let mut code = [0; 10];
        getrandom::fill(&mut code).map_err(|e| Error::internal(format!("randomness: {e}")))?;
        let code = hex::encode(code);
        plain.push(format!("{}-{}-{}-{}", &code[..5], &code[5..10], &code[10..15], &code[15..]));
    }
    Ok((plain.iter().map(|code| hash(code)).collect(), plain))
}

/// Checks the code that came with the right password, a one-time password or a recovery code, and uses it up. Changes the
/// user, who must then be saved. A user without a second factor needs none.
///
/// # Errors
/// `second_factor_needed` without a code, `code_wrong`.
pub fn check(user: &mut User, code: Option<&str>, now: u64) -> Result<Used> {
    let Some(factor) = &mut user.second_factor else { return Ok(Used::Nothing) };
    let Some(code) = code.map(str::trim) else {
        let message = "Send the six digits of your authenticator app, or a recovery code, as `code`.";
        return Err(Error::new(Kind::Unauthenticated, "second_factor_needed", message));
    };
    if let Some(step) = totp(&factor.secret)?.check(code, now).filter(|step| *step > factor.last_step) {
        factor.last_step = step;
        return Ok(Used::OneTimePassword);
    }
    let hash = hash(&code.to_lowercase());
    let index = factor.recovery_codes.iter().position(|kept| *kept == hash).ok_or_else(code_wrong)?;
    factor.recovery_codes.remove(index);
    Ok(Used::RecoveryCode)
}

/// What a log-in has used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Used {
    /// The user has no second factor.
    Nothing,
    /// A code of the authenticator app.
    OneTimePassword,
    /// One of the recovery codes.
    RecoveryCode,
}

fn totp(secret: &str) -> Result<Totp> {
    let secret = Secret::try_from_base32(secret).map_err(|e| Error::internal(format!("second factor: {e}")))?;
    Builder::new().with_secret(secret).build().map_err(|e| Error::internal(format!("second factor: {e}")))
}

fn hash(code: &str) -> String {
    hex::encode(Sha256::digest(code))
}

fn code_wrong() -> Error {
    let message = "This code is wrong or was used already. Wait for the next one.";
    Error::new(Kind::Unauthenticated, "code_wrong", message)
}

#[cfg(test)]
mod tests {
    use smartscripts_domain::id::UserId;
    use smartscripts_store::now;
    use ulid::Ulid;

    use super::*;

    fn user() -> User {
        User {
            id: UserId::new(Ulid::from(1)),
            email: "a@school.example".to_owned(),
            email_verified: true,
            name: "A".to_owned(),
            password_hash: String::new(),
            password_length: 15,
            second_factor: None,
            pending_secret: None,
            created_at: now(),
            version: 1,
        }
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: the secret "12345678901234567890" at 59 s gives 94287082 in eight digits.
        let secret = Secret::from(*b"12345678901234567890").to_base32();
        assert_eq!(totp(&secret).unwrap().check("287082", 59), Some(1));
    }

    #[test]
    fn a_code_works_once() {
        let mut user = user();
        assert_eq!(check(&mut user, None, 0).unwrap(), Used::Nothing);
        let (secret, uri) = begin(&user.email).unwrap();
        assert!(uri.starts_with("otpauth://totp/SmartScripts:a%40school.example?"), "{uri}");
        let at = |step: u64| totp(&secret).unwrap().generate(step * 30).to_string();
        let (factor, _) = confirm(&secret, &at(100), 3000).unwrap();
        user.second_factor = Some(factor);
        assert_eq!(check(&mut user, None, 3000).unwrap_err().code(), "second_factor_needed");
        assert_eq!(check(&mut user, Some(&at(100)), 3000).unwrap_err().code(), "code_wrong");
        assert_eq!(check(&mut user, Some(&at(101)), 3030).unwrap(), Used::OneTimePassword);
        assert_eq!(check(&mut user, Some(&at(101)), 3030).unwrap_err().code(), "code_wrong");
        assert_eq!(check(&mut user, Some(&at(500)), 3030).unwrap_err().code(), "code_wrong");
    }

    #[test]
    fn a_recovery_code_works_once() {
        let mut user = user();
        let (secret, _) = begin(&user.email).unwrap();
        let code = totp(&secret).unwrap().generate(3000).to_string();
        let (factor, codes) = confirm(&secret, &code, 3000).unwrap();
        user.second_factor = Some(factor);
        assert_eq!(codes.len(), RECOVERY_CODES);
        assert_eq!(check(&mut user, Some(&codes[3].to_uppercase()), 3000).unwrap(), Used::RecoveryCode);
        assert_eq!(check(&mut user, Some(&codes[3]), 3000).unwrap_err().code(), "code_wrong");
        assert_eq!(check(&mut user, Some(&codes[4]), 3000).unwrap(), Used::RecoveryCode);
    }
}
