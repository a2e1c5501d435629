//! Whether a call of the webhook comes from Stripe: <https://docs.stripe.com/webhooks#verify-manually>.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use smartscripts_domain::{Error, Result};

/// By how many seconds the time in a signature may differ from ours: what Stripe's own libraries take.
pub const TOLERANCE_SECONDS: i64 = 300;

/// Checks the header `Stripe-Signature` against the body as it was sent, byte by byte. Any signature of the scheme `v1` with
/// any of the secrets is enough: while a secret is exchanged for another, Stripe signs with both.
///
/// # Errors
/// `internal` if there is no secret, so that Stripe delivers again when there is; `signature_missing`, `signature_invalid`,
/// `signature_old`.
pub fn verify(header: Option<&str>, body: &[u8], secrets: &[&str], now: i64) -> Result<()> {
    if secrets.is_empty() || secrets.iter().any(|secret| secret.is_empty()) {
        return Err(Error::internal("STRIPE_WEBHOOK_SECRETS is not set, or one of them is empty"));
    }
    let missing = || Error::invalid("signature_missing", "Send Stripe's signature in the header `Stripe-Signature`.");
    let header = header.ok_or_else(missing)?;
    let pairs: Vec<(&str, &str)> = header.split(',').filter_map(|part| part.trim().split_once('=')).collect();
    let of = |name: &'static str| pairs.iter().filter(move |(key, _)| *key == name).map(|(_, value)| *value);
    let invalid = || Error::invalid("signature_invalid", "The signature is not one of Stripe's for this body.");
    let time = of("t").next().ok_or_else(invalid)?;
    let signed_at: i64 = time.parse().map_err(|_| invalid())?;
    let signatures: Vec<Vec<u8>> = of("v1").filter_map(|text| hex::decode(text).ok()).collect();
    let mut is_known = false;
    for secret in secrets {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(Error::internal)?;
        mac.update(time.as_bytes());
        mac.update(b".");
        mac.update(body);
        for signature in &signatures {
            // Compared in the same time wherever they differ.
            is_known |= mac.clone().verify_slice(signature).is_ok();
        }
    }
    if !is_known {
        return Err(invalid());
    }
    if signed_at.abs_diff(now) > TOLERANCE_SECONDS.unsigned_abs() {
        let message =
            "The signature was made more than five minutes before or after now. Check the clock, and sign anew.";
        return Err(Error::invalid("signature_old", message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_780_000_000;
    const SECRET: &str = "whsec_one";
    const BODY: &[u8] = br#"{"id":"evt_1"}"#;

    /// The header for a body, as Stripe signs it.
    fn sign(body: &[u8], secret: &str, at: i64) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{at}.").as_bytes());
        mac.update(body);
        format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
    }

    fn v1(body: &[u8], secret: &str, at: i64) -> String {
        sign(body, secret, at).split_once("v1=").unwrap().1.to_owned()
    }

    fn code(header: Option<&str>, body: &[u8], secrets: &[&str]) -> Option<&'static str> {
        verify(header, body, secrets, NOW).err().map(|error| error.code())
    }

    #[test]
    fn a_published_example_is_right() {
        // RFC 4231, test case 2, with the time's digits and the dot in front of the data as a part of it.
        let signed = sign(b"what do ya want for nothing?", "Jefe", 0);
        let mut mac = Hmac::<Sha256>::new_from_slice(b"Jefe").unwrap();
        mac.update(b"what do ya want for nothing?");
        let plain = hex::encode(mac.finalize().into_bytes());
        assert_eq!(plain, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert!(signed.starts_with("t=0,v1=") && !signed.ends_with(&plain), "the time is signed too");
    }

    #[test]
    fn one_no_header() {
        assert_eq!(code(None, BODY, &[SECRET]), Some("signature_missing"));
        for header in ["", "t", "v1=", "t=x,v1=00", "v1=00"] {
            assert_eq!(code(Some(header), BODY, &[SECRET]), Some("signature_invalid"), "{header}");
        }
    }

    #[test]
    fn two_bad_hex() {
        assert_eq!(code(Some(&format!("t={NOW},v1=zz")), BODY, &[SECRET]), Some("signature_invalid"));
        assert_eq!(code(Some(&format!("t={NOW},v1={}", "ab".repeat(31))), BODY, &[SECRET]), Some("signature_invalid"));
    }

    #[test]
    fn three_v0_only() {
        let header = format!("t={NOW},v0={}", v1(BODY, SECRET, NOW));
        assert_eq!(code(Some(&header), BODY, &[SECRET]), Some("signature_invalid"));
    }

    #[test]
    fn four_either_of_two_v1() {
        let (good, bad) = (v1(BODY, SECRET, NOW), "00".repeat(32));
        for (one, other) in [(&good, &bad), (&bad, &good)] {
            assert_eq!(code(Some(&format!("t={NOW},v1={one},v1={other},v0={bad}")), BODY, &[SECRET]), None);
        }
        assert_eq!(code(Some(&format!("t={NOW},v1={bad},v1={bad}")), BODY, &[SECRET]), Some("signature_invalid"));
    }

    #[test]
    fn five_three_hundred_seconds_and_not_one_more() {
        for (off, expected) in [(300, None), (-300, None), (301, Some("signature_old")), (-301, Some("signature_old"))]
        {
            assert_eq!(code(Some(&sign(BODY, SECRET, NOW + off)), BODY, &[SECRET]), expected, "{off}");
        }
    }

    #[test]
    fn six_an_altered_byte() {
        let header = sign(BODY, SECRET, NOW);
        for index in 0..BODY.len() {
            let mut altered = BODY.to_vec();
            altered[index] ^= 1;
            assert_eq!(code(Some(&header), &altered, &[SECRET]), Some("signature_invalid"), "{index}");
        }
        // Nor may the time be another than the one that was signed.
        let moved = header.replace(&NOW.to_string(), &(NOW + 1).to_string());
        assert_eq!(code(Some(&moved), BODY, &[SECRET]), Some("signature_invalid"));
    }

    #[test]
    fn seven_a_wrong_secret() {
        assert_eq!(code(Some(&sign(BODY, "whsec_else", NOW)), BODY, &[SECRET]), Some("signature_invalid"));
    }

    #[test]
    fn eight_a_secret_that_is_being_exchanged() {
        for secret in [SECRET, "whsec_two"] {
            assert_eq!(code(Some(&sign(BODY, secret, NOW)), BODY, &[SECRET, "whsec_two"]), None);
        }
        // Without any secret nothing is let in, and Stripe is told that the fault is ours.
        for secrets in [&[][..], &[""], &[SECRET, ""]] {
            assert_eq!(code(Some(&sign(BODY, "", NOW)), BODY, secrets), Some("internal"));
        }
    }

    #[test]
    fn nine_a_body_of_300_kilobytes() {
        let body = vec![b'x'; 300 * 1024];
        assert_eq!(code(Some(&sign(&body, SECRET, NOW)), &body, &[SECRET]), None);
    }

    #[test]
    fn ten_bytes_that_are_no_text() {
        let body = [0xff, 0xfe, 0x00];
        assert_eq!(code(Some(&sign(&body, SECRET, NOW)), &body, &[SECRET]), None, "bytes are bytes");
    }
}
