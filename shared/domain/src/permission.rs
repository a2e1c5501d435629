//! Who may do what, and how far: the one table of role × permission × scope. `docs/permissions.md` prints it, the API
//! serves it (`GET /v1/permissions`), and [`Role::scope`] is all that decides.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::plan::Feature;

/// What a member is in an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, including deleting the organization.
    Owner,
    /// Members, settings, audit, privacy.
    Admin,
    /// Assessments, grading and reports of the own teams.
    Teacher,
    /// Grading in the own teams.
    Grader,
    /// Own feedback and regrade requests.
    Student,
    /// Reads members and the audit log, no student's work.
    Auditor,
}

impl Role {
    /// All roles, in the order of the table's columns.
    pub const ALL: [Self; 6] = [Self::Owner, Self::Admin, Self::Teacher, Self::Grader, Self::Student, Self::Auditor];

    /// Whether the role works for the organization, so that it can be made to use a second factor.
    #[must_use]
    pub const fn is_staff(self) -> bool {
        !matches!(self, Self::Student)
    }

    /// Whether a member with this role may make somebody `other`, or change or remove one who is: owners may all, admins
    /// all but owners.
    #[must_use]
    pub const fn may_appoint(self, other: Self) -> bool {
        match self {
            Self::Owner => true,
            Self::Admin => !matches!(other, Self::Owner),
            _ => false,
        }
    }

    /// The name, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Teacher => "teacher",
            Self::Grader => "grader",
            Self::Student => "student",
            Self::Auditor => "auditor",
        }
    }
}

/// How far a permission reaches. A wider scope includes the narrower ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// What the member has made, or what is about the member.
    Own,
    /// What belongs to a team that the member is in.
    Team,
    /// Everything of the organization.
    Organization,
}

macro_rules! permissions {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal: $owner:tt $admin:tt $teacher:tt $grader:tt $student:tt $auditor:tt;)*) => {
        /// Something that a route demands.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Permission {
            $($(#[doc = $doc])+ $name,)*
        }

        impl Permission {
            /// All permissions, in the order of the table's rows.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name, as in JSON.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// What it allows, in one sentence.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii()),* }
            }

            const fn row(self) -> [Option<Scope>; 6] {
                match self {
                    $(Self::$name => [scope!($owner), scope!($admin), scope!($teacher), scope!($grader), scope!($student), scope!($auditor)]),*
                }
            }
        }
    };
}

macro_rules! scope {
    (all) => {
        Some(Scope::Organization)
    };
    (team) => {
        Some(Scope::Team)
    };
    (own) => {
        Some(Scope::Own)
    };
    (-) => {
        None
    };
}

permissions! {
    //                                                        owner admin teacher grader student auditor
    /// See the organization's name and settings, and one's own role.
    ReadOrganization = "read_organization":                   all   all   all     all    all     all;
    /// Rename the organization and change its settings.
    ManageOrganization = "manage_organization":               all   all   -       -      -       -;
    /// Delete the organization, and take that back.
    DeleteOrganization = "delete_organization":               all   -     -       -      -       -;
    /// See who is a member, and what they may do.
    ReadMembers = "read_members":                             all   all   team    team   own     all;
    /// Invite people, import rosters, change roles, disable and remove members.
    ManageMembers = "manage_members":                         all   all   -       -      -       -;
    /// See teams and their rosters.
    ReadTeams = "read_teams":                                 all   all   team    team   own     all;
    /// Create teams and say who is in them.
    ManageTeams = "manage_teams":                             all   all   team    -      -       -;
    /// See assessments and their marking guides.
    ReadAssessments = "read_assessments":                     all   all   team    team   -       -;
    /// Create assessments and publish marking guides.
    ManageAssessments = "manage_assessments":                 all   all   team    -      -       -;
    /// See submissions, readings and feedback.
    ReadSubmissions = "read_submissions":                     all   all   team    team   -       -;
    /// Hand in, retry and delete submissions.
    ManageSubmissions = "manage_submissions":                 all   all   team    -      -       -;
    /// See which answers wait for a person, and confirm or override their marks.
    Grade = "grade":                                          all   all   team    team   -       -;
    /// Decide about a group of answers at once, and say which answers are in it.
    GradeGroups = "grade_groups":                             all   all   team    team   -       -;
    /// Release feedback to the students of an assessment, and withdraw it.
    ReleaseFeedback = "release_feedback":                     all   all   team    -      -       -;
    /// See feedback as it was released; with the scope `own`, one's own.
    ReadReleased = "read_released":                           all   all   team    team   own     -;
    /// Read the audit log; with the scope `own`, what one has done oneself.
    ReadAudit = "read_audit":                                 all   all   own     own    own     all;
    /// Verify that the audit log is whole.
    VerifyAudit = "verify_audit":                             all   all   -       -      -       all;
    /// Export the audit log.
    ExportAudit = "export_audit":                             all   all   -       -      -       all;
    /// Create API keys.
    CreateApiKeys = "create_api_keys":                        all   all   -       -      -       -;
    /// See and revoke API keys.
    ManageApiKeys = "manage_api_keys":                        all   all   -       -      -       -;
    /// See how many scripts and seats are used; with the scope `team`, beside the sum those of one's own teams.
    ReadUsage = "read_usage":                                 all   all   team    -      -       all;
    /// See the subscription, its invoices, and what the plans cost.
    ReadBilling = "read_billing":                             all   all   -       -      -       -;
    /// Subscribe, change the plan, pay, and cancel.
    ManageBilling = "manage_billing":                         all   all   -       -      -       -;
    /// Export the organization's data, set retention periods, erase persons.
    ManagePrivacy = "manage_privacy":                         all   all   -       -      -       -;
}

impl Permission {
    /// The feature that the organization's plan must include for it, whatever the role; none for what every plan has.
    #[must_use]
    pub const fn feature(self) -> Option<Feature> {
        match self {
            Self::GradeGroups => Some(Feature::AnswerGroups),
            Self::CreateApiKeys => Some(Feature::ApiKeys),
            Self::ExportAudit => Some(Feature::AuditExport),
            _ => None,
        }
    }

    /// Whether it may still be used for this when a payment is overdue: to read; to pay, to take one's data along or have it
    /// erased, to shut programs and people out, and to leave.
    #[must_use]
    pub const fn outlasts_overdue(self, deed: Deed) -> bool {
        match deed {
            Deed::Read => return true,
            Deed::Remove if matches!(self, Self::ManageMembers) => return true,
            Deed::Remove | Deed::Change => (),
        }
        matches!(
            self,
            Self::ReadOrganization
                | Self::DeleteOrganization
                | Self::VerifyAudit
                | Self::ExportAudit
                | Self::ManageApiKeys
                | Self::ReadBilling
                | Self::ManageBilling
                | Self::ManagePrivacy
        )
    }
}

/// What is done with a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Nothing is changed.
    Read,
    /// Something is taken away.
    Remove,
    /// Anything else.
    Change,
}

impl Role {
    /// How far the role holds the permission; none if it doesn't.
    #[must_use]
    pub const fn scope(self, permission: Permission) -> Option<Scope> {
        let [owner, admin, teacher, grader, student, auditor] = permission.row();
        match self {
            Self::Owner => owner,
            Self::Admin => admin,
            Self::Teacher => teacher,
            Self::Grader => grader,
            Self::Student => student,
            Self::Auditor => auditor,
        }
    }
}

/// The table as Markdown, for the documentation.
#[must_use]
pub fn markdown() -> String {
    let header: String = Role::ALL.map(|role| format!(" {} |", role.name())).concat();
    let rule = " --- |".repeat(Role::ALL.len());
    let row = |permission: &Permission| {
        let cells: String = Role::ALL.map(|role| cell(role.scope(*permission))).concat();
        let feature = permission.feature().map_or("–", Feature::title);
        format!("| `{}` | {} | {feature} |{cells}\n", permission.name(), permission.description())
    };
    let rows: String = Permission::ALL.iter().map(row).collect();
    format!("| Permission | Allows to | Feature of the plan |{header}\n| --- | --- | --- |{rule}\n{rows}")
}

const fn cell(scope: Option<Scope>) -> &'static str {
    match scope {
        Some(Scope::Organization) => " organization |",
        Some(Scope::Team) => " team |",
        Some(Scope::Own) => " own |",
        None => " – |",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_prints_this_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/permissions.md");
        let document = std::fs::read_to_string(path).unwrap();
        assert!(document.contains(&markdown()), "docs/permissions.md must contain:\n\n{}", markdown());
    }

    #[test]
    fn an_owner_may_everything_and_no_one_more() {
        for permission in Permission::ALL {
            assert_eq!(Role::Owner.scope(*permission), Some(Scope::Organization));
            assert!(Role::Admin.scope(*permission) <= Role::Owner.scope(*permission));
            assert!(Role::Teacher.scope(*permission) <= Role::Admin.scope(*permission));
            assert!(Role::Grader.scope(*permission) <= Role::Teacher.scope(*permission), "{permission:?}");
        }
    }

    #[test]
    fn nobody_appoints_above_the_own_role() {
        for role in Role::ALL {
            assert_eq!(role.may_appoint(Role::Owner), role == Role::Owner);
            assert_eq!(role.may_appoint(Role::Student), role.scope(Permission::ManageMembers).is_some(), "{role:?}");
        }
    }

    #[test]
    fn names_are_those_of_json() {
        for permission in Permission::ALL {
            assert_eq!(serde_json::to_value(permission).unwrap(), permission.name());
        }
        for role in Role::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.name());
        }
    }

    #[test]
    fn students_and_auditors_see_no_students_work() {
        for role in [Role::Student, Role::Auditor] {
            for permission in [Permission::ReadSubmissions, Permission::ManageSubmissions, Permission::ReadAssessments]
            {
                assert_eq!(role.scope(permission), None);
            }
        }
    }
}
