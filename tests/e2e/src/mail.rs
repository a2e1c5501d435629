//! The mails that the system has sent, as the emulator has captured them.

use std::time::Duration;

use reqwest::Client;
use serde_json::Value;

use crate::variable;

/// The subject of an invitation.
pub const INVITATION: &str = "You are invited to SmartScripts";

/// A mail.
#[derive(Clone, Debug)]
pub struct Mail {
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Mail {
    /// The token in the mail's link.
    pub fn token(&self) -> String {
        let (_, rest) = self.text.split_once("#token=").expect("a link with a token");
        rest.split_whitespace().next().unwrap().to_owned()
    }
}

/// All mails that were sent to an address, oldest first.
pub async fn mails_to(address: &str) -> Vec<Mail> {
    let url = format!("{}/_ministack/ses/messages", variable("AWS_ENDPOINT_URL"));
    let all: Value = Client::new().get(url).send().await.unwrap().json().await.unwrap();
    let accounts = all["messages"].as_object().unwrap().values();
    let mut mails: Vec<&Value> = accounts.flat_map(|mails| mails.as_array().unwrap()).collect();
    mails.sort_by(|a, b| a["Timestamp"].as_f64().unwrap().total_cmp(&b["Timestamp"].as_f64().unwrap()));
    let to = |mail: &&&Value| mail["To"].as_array().unwrap().iter().any(|to| to == address);
    let text = |mail: &Value, field: &str| mail[field].as_str().unwrap().to_owned();
    let read = |mail: &&Value| Mail {
        subject: text(mail, "Subject"),
        text: text(mail, "BodyText"),
        html: text(mail, "BodyHtml"),
    };
    mails.iter().filter(to).map(read).collect()
}

/// Waits for the first mail to this address with this subject.
pub async fn mail(address: &str, subject: &str) -> Mail {
    mail_number(address, subject, 1).await
}

/// Waits for the `number`th mail to this address with this subject, counted from 1.
pub async fn mail_number(address: &str, subject: &str, number: usize) -> Mail {
    for _ in 0..150 {
        let mails = mails_to(address).await;
        if let Some(mail) = mails.into_iter().filter(|mail| mail.subject == subject).nth(number - 1) {
            return mail;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("no mail number {number} with the subject {subject:?}");
}
