//! Invitations to an organization, by e-mail.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error, Kind, Result,
    id::{InviteId, OrgId, StudentId, TeamId, UserId},
    permission::Role,
};
use utoipa::ToSchema;

use crate::{
    Actor, AuditEvent, Membership, Organization, Origin, Page, Platform, Store, Tenant, User,
    item::{Item, encode, number, text},
    keys, now,
    organizations::OrganizationRef,
    transaction::Transaction,
};

/// How long an invitation works: seven days, in seconds.
const VALID_SECONDS: i64 = 7 * 24 * 60 * 60;
/// How long it is still listed after that: thirty days, in seconds.
const LISTED_SECONDS: i64 = 30 * 24 * 60 * 60;

/// An invitation to an organization.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Invite {
    /// Its id.
    pub id: InviteId,
    /// To whom it goes; lower case.
    pub email: String,
    /// As what.
    pub role: Role,
    /// Into which teams.
    pub teams: BTreeSet<TeamId>,
    /// The student on the roster who is invited.
    pub student: Option<StudentId>,
    /// What became of it.
    pub state: InviteState,
    /// Who invited.
    pub invited_by: UserId,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Until when it can be accepted.
    #[schema(value_type = String, format = DateTime)]
    pub valid_until: Timestamp,
    /// Counted up at every change.
    pub version: u32,
}

/// What became of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InviteState {
    /// It can be accepted while it is valid.
    Pending,
    /// It was accepted.
    Accepted,
    /// It was taken back.
    Revoked,
}

impl Invite {
    /// Whether it can be accepted now.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state == InviteState::Pending && self.valid_until > now()
    }

    /// Until when an invitation that is sent now can be accepted.
    #[must_use]
    pub fn validity() -> Timestamp {
        let now = now();
        Timestamp::from_second(now.as_second() + VALID_SECONDS).unwrap_or(now)
    }

    /// The item, which the table deletes some time after the invitation has ended.
    fn item(&self, org: OrgId) -> Result<Item> {
        let mut item = encode(&keys::invite(org, self.id), self)?;
        let forgotten = self.valid_until.as_second() + LISTED_SECONDS;
        item.insert("expires_at".to_owned(), aws_sdk_dynamodb::types::AttributeValue::N(forgotten.to_string()));
        Ok(item)
    }
}

/// Which invitation a mailed token is for.
#[derive(Serialize, Deserialize)]
struct InviteToken {
    organization: OrgId,
    invite: InviteId,
    /// Seconds since 1970; the table deletes it some time after.
    expires_at: i64,
}

/// An invitation that its addressee may accept now, as the token from the mail shows.
#[derive(Clone, Debug)]
pub struct OpenInvite {
    /// The organization.
    pub organization: Organization,
    /// The invitation.
    pub invite: Invite,
}

impl Store {
    /// Keeps a new invitation.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn create_invite(&self, tenant: Tenant, invite: &Invite, event: &AuditEvent) -> Result<()> {
        let exists = Error::conflict("invite_exists", "Please try again.");
        Transaction::default().create(self, invite.item(tenant.org())?, exists)?.audit(self, event)?.commit(self).await
    }

    /// The invitation.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn invite(&self, tenant: Tenant, id: InviteId) -> Result<Invite> {
        self.get(&keys::invite(tenant.org(), id)).await?.ok_or_else(Error::not_found)
    }

    /// The organization's invitations, oldest first.
    ///
    /// # Errors
    /// `cursor_invalid`, `unavailable`.
    pub async fn invites(&self, tenant: Tenant, limit: usize, cursor: Option<&str>) -> Result<Page<Invite>> {
        self.list(&keys::tenant(tenant.org()), keys::INVITES, limit, cursor).await
    }

    /// The addresses of members, and those of invitations that can be accepted now.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn taken_addresses(&self, tenant: Tenant) -> Result<(BTreeSet<String>, BTreeSet<String>)> {
        let members = self.all_members(tenant).await?.into_iter().map(|member| member.email).collect();
        let invites: Vec<Invite> = self.list_all(&keys::tenant(tenant.org()), keys::INVITES).await?;
        let invited = invites.into_iter().filter(Invite::is_open).map(|invite| invite.email).collect();
        Ok((members, invited))
    }

    /// Keeps a changed invitation, if nobody has changed it since it was read.
    ///
    /// # Errors
    /// `invite_changed`.
    pub async fn save_invite(&self, tenant: Tenant, invite: &Invite, event: &AuditEvent) -> Result<Invite> {
        let changed = Error::conflict("invite_changed", "The invitation was changed meanwhile. Load it again.");
        let next = Invite { version: invite.version + 1, ..invite.clone() };
        Transaction::default()
            .replace(self, next.item(tenant.org())?, invite.version, changed)?
            .audit(self, event)?
            .commit(self)
            .await?;
        Ok(next)
    }
}

impl Platform {
    /// An invitation that is to be mailed now; none if it can't be accepted any more.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn invite_to_mail(&self, org: OrgId, id: InviteId) -> Result<Option<OpenInvite>> {
        let found = self.store().get_two(&[keys::organization(org), keys::invite(org, id)]).await?;
        let (Some(organization), Some(invite)): (Option<Organization>, Option<Invite>) = found else { return Ok(None) };
        Ok(Some(OpenInvite { organization, invite }).filter(OpenInvite::is_open))
    }

    /// Keeps the hash of a token that is about to be mailed with an invitation. It works as long as the invitation.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn create_invite_token(&self, hash: &str, open: &OpenInvite) -> Result<()> {
        let exists = Error::conflict("token_exists", "Please try again.");
        let (organization, invite) = (open.organization.id, open.invite.id);
        let token = InviteToken { organization, invite, expires_at: open.invite.valid_until.as_second() };
        Transaction::default()
            .create(self.store(), encode(&keys::invite_token(hash), &token)?, exists)?
            .commit(self.store())
            .await
    }

    /// The invitation for which a token with this hash was mailed.
    ///
    /// # Errors
    /// `invite_invalid` if there is none that can be accepted now.
    pub async fn invite_of_token(&self, hash: &str) -> Result<OpenInvite> {
        let token: Option<InviteToken> = self.store().get(&keys::invite_token(hash)).await?;
        let token = token.filter(|token| token.expires_at > now().as_second()).ok_or_else(invite_invalid)?;
        self.invite_to_mail(token.organization, token.invite).await?.ok_or_else(invite_invalid)
    }

    /// Makes a user who has an account a member.
    ///
    /// # Errors
    /// `invite_invalid` if somebody else has accepted it or it was revoked meanwhile; `already_member`.
    pub async fn accept_invite(&self, open: &OpenInvite, user: &User, origin: &Origin) -> Result<Membership> {
        let (member, transaction) = self.accepting(Transaction::default(), open, user, origin)?;
        transaction.commit(self.store()).await?;
        Ok(member)
    }

    /// Makes an account and a member at once.
    ///
    /// # Errors
    /// As [`Platform::accept_invite`]; `email_taken` if the address has an account.
    pub async fn accept_invite_as_new(&self, open: &OpenInvite, user: &User, origin: &Origin) -> Result<Membership> {
        let (member, transaction) = self.accepting(self.creating_user(user, origin)?, open, user, origin)?;
        transaction.commit(self.store()).await?;
        Ok(member)
    }

    fn accepting(
        &self,
        transaction: Transaction,
        open: &OpenInvite,
        user: &User,
        origin: &Origin,
    ) -> Result<(Membership, Transaction)> {
        let OpenInvite { organization, invite } = open;
        let (org, store) = (organization.id, self.store());
        let member =
            Membership { student: invite.student, ..Membership::new(org, user, invite.role, invite.teams.clone()) };
        let message = "You are a member of this organization already.";
        let already = || Error::conflict("already_member", message);
        let event = Tenant::created(org)
            .event(Actor::User(user.id), "invite.accepted", invite.id, origin)
            .with("user", user.id)
            .with("role", invite.role.name());
        let mut transaction = transaction
            .update(store, &keys::invite(org, invite.id), invite_invalid(), |update| {
                update
                    .update_expression("SET #state = :accepted, version = version + :one")
                    .condition_expression("#state = :pending")
                    .expression_attribute_names("#state", "state")
                    .expression_attribute_values(":accepted", text("accepted"))
                    .expression_attribute_values(":pending", text("pending"))
                    .expression_attribute_values(":one", number(1))
            })?
            .create(store, encode(&keys::member(org, user.id), &member)?, already())?
            .create(store, encode(&keys::membership(user.id, org), &OrganizationRef { organization: org })?, already())?
            .audit(store, &event)?;
        for team in &invite.teams {
            transaction = store.touching_team(transaction, Tenant::created(org), *team)?;
        }
        if let Some(student) = invite.student {
            let gone = Error::conflict("student_removed", "You are not on the roster any more. Ask your school.");
            transaction = transaction.update(store, &keys::student(org, student), gone, |update| {
                update
                    .update_expression("SET #user = :user, version = version + :one")
                    .condition_expression("attribute_exists(PK)")
                    .expression_attribute_names("#user", "user")
                    .expression_attribute_values(":user", text(user.id.to_string()))
                    .expression_attribute_values(":one", number(1))
            })?;
        }
        Ok((member, transaction))
    }
}

impl OpenInvite {
    fn is_open(&self) -> bool {
        self.invite.is_open() && self.organization.delete_at.is_none()
    }
}

fn invite_invalid() -> Error {
    let message = "This invitation is not valid any more. Ask for a new one.";
    Error::new(Kind::Invalid, "invite_invalid", message)
}
