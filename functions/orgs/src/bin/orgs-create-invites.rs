//! `POST /v1/orgs/{org}/invites`: an administrator invites up to a hundred people by e-mail, or students of the roster.

use std::{collections::BTreeSet, process::ExitCode};

use serde::{Deserialize, Serialize};
use smartscripts_billing::check_seats;
use smartscripts_domain::{
    Error,
    id::{InviteId, OrgId, StudentId, TeamId},
    permission::Role,
    person, rate,
};
use smartscripts_http::{App, Json, Member, Result, State, ToSchema, may, routes, serve};
use smartscripts_jobs::SendMail;
use smartscripts_orgs::check_may_appoint;
use smartscripts_store::{Invite, InviteState, Store, now};
use ulid::Ulid;

/// How many can be invited at once.
const AT_ONCE: usize = 100;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewInvites {
    #[schema(min_items = 1, max_items = 100)]
    invites: Vec<NewInvite>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewInvite {
    /// To whom it goes. May be left out for a student whose address stands on the roster.
    #[schema(format = "email", max_length = 254)]
    email: Option<String>,
    role: Role,
    /// Into which teams. A student of the roster comes into those that the roster says, too.
    #[serde(default)]
    teams: BTreeSet<TeamId>,
    /// The student on the roster; the role must be `student`.
    student: Option<StudentId>,
}

#[derive(Serialize, ToSchema)]
struct InviteResults {
    /// One for each, in the same order.
    results: Vec<InviteResult>,
}

/// What came of one: an invitation, or why there is none.
#[derive(Serialize, ToSchema)]
struct InviteResult {
    invite: Option<Invite>,
    /// `already_member` or `already_invited`.
    refused: Option<&'static str>,
}

/// Invite people
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/invites",
    params(("org" = OrgId, Path)),
    request_body = NewInvites,
    responses((status = 200, body = InviteResults)),
    security(("access_token" = []))
)]
async fn create(
    State(app): State<App>,
    member: Member<may::ManageMembers>,
    Json(input): Json<NewInvites>,
) -> Result<Json<InviteResults>> {
    if input.invites.is_empty() || input.invites.len() > AT_ONCE {
        return Err(Error::invalid("invites_invalid", format!("`invites` must name 1 to {AT_ONCE} people.")).into());
    }
    // All are looked at before the first is sent.
    let mut invites = Vec::new();
    for (place, new) in input.invites.iter().enumerate() {
        invites.push(invite(app.store()?, &member, new, place).await?);
    }
    member.take(&app, rate::INVITES).await?;
    let (members, mut invited) = app.store()?.taken_addresses(member.tenant).await?;
    let is_new = |invite: &&Invite| !members.contains(&invite.email) && !invited.contains(&invite.email);
    let new_seats = invites.iter().filter(is_new).filter(|invite| invite.role.is_staff()).count();
    if new_seats > 0 {
        check_seats(member.plan, app.store()?.seats_taken(member.tenant).await? + new_seats)?;
    }
    let mut results = Vec::new();
    for invite in invites {
        let refused = if members.contains(&invite.email) {
            Some("already_member")
        } else {
            (!invited.insert(invite.email.clone())).then_some("already_invited")
        };
        results.push(match refused {
            Some(reason) => InviteResult { invite: None, refused: Some(reason) },
            None => InviteResult { invite: Some(send(&app, &member, invite).await?), refused: None },
        });
    }
    if new_seats > 0 {
        member.sync_seats(&app).await;
    }
    Ok(Json(InviteResults { results }))
}

/// The invitation as it will be kept, if all that it names is there.
async fn invite(
    store: &Store,
    member: &Member<may::ManageMembers>,
    new: &NewInvite,
    place: usize,
) -> Result<Invite, Error> {
    let invited_by = member.user()?;
    check_may_appoint(member, new.role)?;
    let mut teams = new.teams.clone();
    for team in &teams {
        store.team(member.tenant, *team).await?;
    }
    let mut address = new.email.clone();
    if let Some(student) = new.student {
        if new.role != Role::Student {
            let message = format!("`invites[{place}]` names a student of the roster, so its `role` must be `student`.");
            return Err(Error::invalid("role_invalid", message));
        }
        let student = store.student(member.tenant, student).await?;
        teams.extend(student.teams);
        address = address.or(student.email);
    }
    let address = address.as_deref().map(person::email_address).transpose()?.ok_or_else(|| {
        let message = format!("`invites[{place}]` has no `email`, and the roster knows none either.");
        Error::invalid("email_missing", message)
    })?;
    Ok(Invite {
        id: InviteId::new(Ulid::generate()),
        email: address,
        role: new.role,
        teams,
        student: new.student,
        state: InviteState::Pending,
        invited_by,
        created_at: now(),
        valid_until: Invite::validity(),
        version: 1,
    })
}

async fn send(app: &App, member: &Member<may::ManageMembers>, invite: Invite) -> Result<Invite, Error> {
    let event = member.event("invite.created", invite.id).with("role", invite.role.name());
    app.store()?.create_invite(member.tenant, &invite, &event).await?;
    let mail = SendMail::Invite { org: member.tenant.org(), invite: invite.id };
    app.send_mail(&member.origin.request_id, mail).await?;
    Ok(invite)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(create))
}
