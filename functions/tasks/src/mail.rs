//! What our mails say: subject, plain text and HTML of each kind, from `templates/`; and sending them.

use std::env;

use askama::Template;
use aws_config::SdkConfig;
use aws_sdk_sesv2::{
    Client,
    error::DisplayErrorContext,
    types::{Body, Content as Part, Destination, EmailContent, Message as SesMessage},
};
use smartscripts_domain::{Error, Result};

/// A mail, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The subject.
    pub subject: &'static str,
    /// The text for those who read plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// What a mail is about. All have the same form: a greeting, a few sentences, perhaps a link, and what to do if one has
/// not asked for it.
pub struct Content<'a> {
    /// The subject.
    pub subject: &'static str,
    /// What the reader is called.
    pub name: &'a str,
    /// What has happened or is asked, in whole sentences.
    pub message: String,
    /// What to press, and where it leads.
    pub link: Option<(&'static str, String)>,
    /// What to know or do beside that.
    pub note: &'static str,
}

#[derive(Template)]
#[template(path = "mail.txt")]
struct Text<'a> {
    content: &'a Content<'a>,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    content: &'a Content<'a>,
}

impl Content<'_> {
    /// The mail.
    ///
    /// # Errors
    /// `internal` if a template can't be filled.
    pub fn render(&self) -> Result<Mail> {
        let failed = |error: askama::Error| Error::internal(format!("mail template: {error}"));
        let text = Text { content: self }.render().map_err(failed)?;
        let html = Html { content: self }.render().map_err(failed)?;
        Ok(Mail { subject: self.subject, text, html })
    }
}

/// Sends mails.
pub struct Mailer {
    ses: Client,
    from: String,
}

impl Mailer {
    /// From `MAIL_FROM`.
    ///
    /// # Errors
    /// `internal` if it is missing.
    pub fn from_env(config: &SdkConfig) -> Result<Self> {
        let from = env::var("MAIL_FROM").map_err(|_| Error::internal("MAIL_FROM is not set"))?;
        Ok(Self { ses: Client::new(config), from })
    }

    /// Sends a mail to this address.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn send(&self, to: &str, mail: Mail) -> Result<()> {
        let part = |text: String| Part::builder().charset("UTF-8").data(text).build().map_err(Error::internal);
        let body = Body::builder().text(part(mail.text)?).html(part(mail.html)?).build();
        let message = SesMessage::builder().subject(part(mail.subject.to_owned())?).body(body).build();
        let sent = self
            .ses
            .send_email()
            .from_email_address(&self.from)
            .destination(Destination::builder().to_addresses(to).build())
            .content(EmailContent::builder().simple(message).build())
            .send()
            .await;
        // What SES says may quote the address, so only the kind of the error is kept.
        sent.map(drop).map_err(|error| match error.as_service_error() {
            Some(error) => Error::unavailable(format!("SES: {}", error.meta().code().unwrap_or("unknown"))),
            None => Error::unavailable(format!("SES: {}", DisplayErrorContext(error))),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_text_in_html_too() {
        let link = Some(("Verify", "https://app.example/verify-email#token=abc".to_owned()));
        let content = Content {
            subject: "Subject",
            name: "<b>Ada & Co</b>",
            message: "Hello there.".to_owned(),
            link,
            note: "A note.",
        };
        let mail = content.render().unwrap();
        assert!(mail.text.contains("<b>Ada & Co</b>"), "{}", mail.text);
        assert!(mail.text.contains("https://app.example/verify-email#token=abc"));
        assert!(!mail.html.contains("<b>"), "{}", mail.html);
        assert!(mail.html.contains("href=\"https://app.example/verify-email#token=abc\""), "{}", mail.html);
    }
}
