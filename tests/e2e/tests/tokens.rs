//! Forged access tokens are refused, each kind that is known.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Client;
use serde_json::{Value, json};
use smartscripts_e2e::{Answer, Teacher, url};

/// A private key of this cloud: the one that it signs with, or the one that it will sign with next.
fn our_key(file: &str) -> EncodingKey {
    let path = format!("{}/../../.local/secrets/{file}", env!("CARGO_MANIFEST_DIR"));
    EncodingKey::from_ed_pem(&std::fs::read(path).unwrap()).unwrap()
}

/// A private key of nobody.
const ANOTHER_KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIIc7DzVIYhEQ7NmqChz47XdGWp9mX1Vkt8EsaKzevqUq\n-----END PRIVATE KEY-----\n";

fn part(token: &str, index: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(index).unwrap()).unwrap()).unwrap()
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn sign(header: &Value, claims: &Value, key: &EncodingKey) -> String {
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, Algorithm::EdDSA).unwrap();
    format!("{message}.{signature}")
}

fn changed(value: &Value, name: &str, to: Value) -> Value {
    let mut changed = value.clone();
    changed[name] = to;
    changed
}

#[tokio::test]
async fn keys_can_be_changed_without_logging_anyone_out() {
    let teacher = Teacher::without_organization().await;
    let (header, claims) = (part(&teacher.token, 0), part(&teacher.token, 1));
    // While keys are changed, tokens of the old and of the new one are about, and both are good; each only by its own name.
    let (old, next) = (our_key("access-token.pem"), our_key("access-token-next.pem"));
    let with = |name: &str, key: &EncodingKey| sign(&changed(&header, "kid", json!(name)), &claims, key);
    for (name, key, status) in [("local", &old, 200), ("next", &next, 200), ("local", &next, 401), ("next", &old, 401)]
    {
        let sent = Client::new().get(url("/v1/auth/account")).bearer_auth(with(name, key)).send().await.unwrap();
        assert_eq!(sent.status(), status, "{name}");
    }
}

#[tokio::test]
async fn every_forged_token_is_refused() {
    let teacher = Teacher::without_organization().await;
    let (header, claims) = (part(&teacher.token, 0), part(&teacher.token, 1));
    assert_eq!((&header["alg"], &header["typ"], &header["kid"]), (&json!("EdDSA"), &json!("at+jwt"), &json!("local")));
    let (ours, another) = (our_key("access-token.pem"), EncodingKey::from_ed_pem(ANOTHER_KEY.as_bytes()).unwrap());
    let now = claims["iat"].as_i64().unwrap();
    assert!(claims["exp"].as_i64().unwrap() - now <= 900, "an access token lives at most 15 minutes");
    let with_header = |name: &str, to: Value| sign(&changed(&header, name, to), &claims, &ours);
    let with_claim = |name: &str, to: Value| sign(&header, &changed(&claims, name, to), &ours);
    let without_signature = |header: &Value| format!("{}.{}.", encode(header), encode(&claims));
    let public = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.local/secrets/access-token.pem")).unwrap();
    let symmetric =
        Header { kid: Some("local".to_owned()), typ: Some("at+jwt".to_owned()), ..Header::new(Algorithm::HS256) };
    let symmetric = jsonwebtoken::encode(&symmetric, &claims, &EncodingKey::from_secret(&public)).unwrap();
    // The same claims, signed by the right key, are good: so it is the change that is refused each time.
    let good = sign(&header, &claims, &ours);
    let sent = Client::new().get(url("/v1/auth/account")).bearer_auth(&good).send().await.unwrap();
    assert_eq!(sent.status(), 200);
    let forged = [
        ("no algorithm", without_signature(&changed(&header, "alg", json!("none")))),
        ("no algorithm, in capitals", without_signature(&changed(&header, "alg", json!("NONE")))),
        ("no signature", without_signature(&header)),
        ("another key", sign(&header, &claims, &another)),
        ("another algorithm", with_header("alg", json!("RS256"))),
        ("a symmetric algorithm", symmetric),
        ("an unknown key id", with_header("kid", json!("other"))),
        ("a key id that is a path", with_header("kid", json!("../../../dev/null"))),
        ("another type", with_header("typ", json!("JWT"))),
        (
            "its own key by address",
            sign(
                &changed(&changed(&header, "jku", json!("https://evil.example/jwks.json")), "kid", json!("evil")),
                &claims,
                &another,
            ),
        ),
        (
            "its own key inside",
            sign(
                &changed(
                    &header,
                    "jwk",
                    json!({ "kty": "OKP", "crv": "Ed25519", "x": "6N1dSMZwBboUju656qaWmnS49gsu0Dma-XhXHOt9oyw" }),
                ),
                &claims,
                &another,
            ),
        ),
        ("expired", with_claim("exp", json!(now - 1))),
        ("another audience", with_claim("aud", json!("another-api"))),
        ("another issuer", with_claim("iss", json!("somebody"))),
        ("another user", with_claim("sub", json!("usr_00000000000000000000000001"))),
        ("another session", with_claim("sid", json!("ses_00000000000000000000000001"))),
        ("changed after signing", {
            let mut parts: Vec<String> = good.split('.').map(ToOwned::to_owned).collect();
            parts[1] = encode(&changed(&claims, "second_factor", json!(true)));
            parts.join(".")
        }),
        ("nothing", String::new()),
        ("dots", "..".to_owned()),
    ];
    for (what, token) in forged {
        for path in ["/v1/auth/account", "/v1/orgs", "/v1/orgs/org_00000000000000000000000001/assessments"] {
            let sent =
                Client::new().get(url(path)).header("authorization", format!("Bearer {token}")).send().await.unwrap();
            let body = Answer::of(sent).await;
            assert_eq!(body.status, 401, "{what} at {path}: {}", body.body);
        }
    }
}
