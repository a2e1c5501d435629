//! Sends a mail. The job says to whom and what about by ids; the address is looked up here, and the token of a link made
//! here, so that neither is ever in a queue. A second delivery sends a second mail: a link that works twice as well is
//! better than one that never came.

use std::{env, process::ExitCode, sync::Arc};

use smartscripts_domain::{
    Error, Result,
    id::{InviteId, OrgId},
    permission::Role,
};
use smartscripts_jobs::{Delivery, SendMail, run};
use smartscripts_store::{Owner, Platform, Store, TokenPurpose, User, token_hash};
use smartscripts_tasks::mail::{Content, Mail, Mailer};

/// How long the link that verifies an address works, in seconds: a day.
const VERIFY_SECONDS: i64 = 24 * 60 * 60;
/// How long the link that sets a new password works, in seconds: an hour.
const RESET_SECONDS: i64 = 60 * 60;

struct Shared {
    store: Store,
    platform: Platform,
    mailer: Mailer,
    web_origin: String,
}

async fn send_mail(shared: Arc<Shared>, delivery: Delivery<SendMail>) -> Result<()> {
    let composed = match &delivery.message {
        SendMail::Invite { org, invite } => shared.invitation(*org, *invite).await?,
        about_account => compose(&shared, about_account).await?,
    };
    let Some((address, mail)) = composed else { return Ok(()) };
    shared.mailer.send(&address, mail).await
}

/// A mail about an account and where it goes; none if nobody is to get it.
async fn compose(shared: &Shared, job: &SendMail) -> Result<Option<(String, Mail)>> {
    let user = match job {
        SendMail::Invite { .. } => None,
        SendMail::ResetPassword { email_key } => shared.platform.user_by_email_key(email_key).await?,
        SendMail::VerifyEmail { user }
        | SendMail::AlreadyRegistered { user }
        | SendMail::PasswordChanged { user }
        | SendMail::SecondFactorChanged { user }
        | SendMail::ExportReady { user }
        | SendMail::ErasureRequested { user, .. }
        | SendMail::MemberErasureRequested { user, .. } => match shared.platform.user(*user).await {
            Ok(user) => Some(user),
            Err(error) if error.code() == "not_found" => None,
            Err(error) => return Err(error),
        },
    };
    let Some(user) = user else { return Ok(None) };
    let alarm = "If it was not you, set a new password now and look at your sessions.";
    let content = match job {
        SendMail::Invite { .. } => return Ok(None),
        SendMail::VerifyEmail { .. } => Content {
            subject: "Verify your e-mail address",
            name: &user.name,
            message: "Please show that this address is yours.".to_owned(),
            link: Some((
                "Verify the address",
                shared.link(&user, "verify-email", TokenPurpose::VerifyEmail, VERIFY_SECONDS).await?,
            )),
            note: "The link works for a day. If you have not registered with SmartScripts, ignore this mail.",
        },
        SendMail::AlreadyRegistered { .. } => Content {
            subject: "You have an account already",
            name: &user.name,
            message:
                "Somebody, perhaps you, tried to register with this address. It has an account already: log in, or \
                      ask for a new password."
                    .to_owned(),
            link: Some(("Log in", format!("{}/log-in", shared.web_origin))),
            note: "If it was not you, there is nothing to do: nothing was changed.",
        },
        SendMail::ResetPassword { .. } => Content {
            subject: "Set a new password",
            name: &user.name,
            message: "Somebody, perhaps you, asked for a new password for your account.".to_owned(),
            link: Some((
                "Set a new password",
                shared.link(&user, "reset-password", TokenPurpose::ResetPassword, RESET_SECONDS).await?,
            )),
            note: "The link works for an hour, and once. If it was not you, ignore this mail: nothing was changed.",
        },
        SendMail::PasswordChanged { .. } => Content {
            subject: "Your password was changed",
            name: &user.name,
            message: "The password of your account was changed, and your other sessions have ended.".to_owned(),
            link: None,
            note: alarm,
        },
        SendMail::SecondFactorChanged { .. } => Content {
            subject: "Your second factor was changed",
            name: &user.name,
            message: "The second factor of your account was set up, removed, or given new recovery codes.".to_owned(),
            link: None,
            note: alarm,
        },
        SendMail::ExportReady { .. } => Content {
            subject: "Your export is ready",
            name: &user.name,
            message: "The data that you have asked for can be downloaded, for 24 hours from now.".to_owned(),
            link: Some(("Log in and download", format!("{}/privacy", shared.web_origin))),
            note: alarm,
        },
        SendMail::ErasureRequested { user: id, erasure } => {
            let erasure = shared.store.erasure(Owner::User(*id), *erasure).await?;
            Content {
                subject: "Your account will be erased",
                name: &user.name,
                message: format!(
                    "As you have asked, your account and everything that is kept of you will be erased on {}. Until then \
                     you can take that back: log in, and cancel the erasure on the privacy page. Afterwards nobody can \
                     bring anything back.",
                    erasure.due_at.strftime("%-d %B %Y, %H:%M UTC")
                ),
                link: Some(("Log in and take it back", format!("{}/privacy", shared.web_origin))),
                note: alarm,
            }
        }
        SendMail::MemberErasureRequested { organization, .. } => {
            let organization = shared.platform.organization_name(*organization).await?.unwrap_or_default();
            Content {
                subject: "An organization will erase your data",
                name: &user.name,
                message: format!(
                    "{organization} will erase everything that it keeps of you, in seven days, and you will be no member \
                     any more. Your account stays."
                ),
                link: None,
                note: "If that should not happen, speak to its administrators: they can take it back until then.",
            }
        }
    };
    let mail = content.render()?;
    Ok(Some((user.email, mail)))
}

impl Shared {
    /// A link with a fresh token, of which the table keeps only the hash. The token stands behind `#`, so that no server
    /// and no log ever sees it.
    async fn link(&self, user: &User, page: &str, purpose: TokenPurpose, seconds: i64) -> Result<String> {
        let token = fresh_token()?;
        self.platform.create_token(&token_hash(&token), user.id, purpose, seconds).await?;
        Ok(format!("{}/{page}#token={token}", self.web_origin))
    }

    /// The mail of an invitation and where it goes; none if it was taken back or accepted meanwhile.
    async fn invitation(&self, org: OrgId, invite: InviteId) -> Result<Option<(String, Mail)>> {
        let Some(open) = self.platform.invite_to_mail(org, invite).await? else { return Ok(None) };
        let token = fresh_token()?;
        self.platform.create_invite_token(&token_hash(&token), &open).await?;
        let content = Content {
            subject: "You are invited to SmartScripts",
            name: "there",
            message: format!("{} invites you as {}.", open.organization.name, in_words(open.invite.role)),
            link: Some(("Accept the invitation", format!("{}/accept-invite#token={token}", self.web_origin))),
            note: "The link works for seven days, and once. If you do not know who this is, ignore this mail.",
        };
        Ok(Some((open.invite.email, content.render()?)))
    }
}

fn fresh_token() -> Result<String> {
    let mut token = [0; 32];
    getrandom::fill(&mut token).map_err(|e| Error::internal(format!("randomness: {e}")))?;
    Ok(hex::encode(token))
}

const fn in_words(role: Role) -> &'static str {
    match role {
        Role::Owner => "an owner",
        Role::Admin => "an administrator",
        Role::Teacher => "a teacher",
        Role::Grader => "a grader",
        Role::Student => "a student",
        Role::Auditor => "an auditor",
    }
}

fn main() -> ExitCode {
    run(
        env!("CARGO_BIN_NAME"),
        |config| {
            let web_origin = env::var("WEB_ORIGIN").map_err(|_| Error::internal("WEB_ORIGIN is not set"))?;
            let store = Store::from_env(config)?;
            Ok(Shared { platform: Platform::new(store.clone()), store, mailer: Mailer::from_env(config)?, web_origin })
        },
        send_mail,
    )
}
