//! Who may do what: the one table of role × permission.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a member is in an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, including deleting the organization.
    Owner,
    /// Members, billing, audit, privacy.
    Admin,
    /// Assessments, grading, reports.
    Teacher,
    /// Grading.
    Grader,
    /// Own feedback and regrade requests.
    Student,
    /// Reads the audit log.
    Auditor,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 6] = [Self::Owner, Self::Admin, Self::Teacher, Self::Grader, Self::Student, Self::Auditor];
}

/// Something that a route demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// See the organization's name and one's own role.
    ReadOrganization,
    /// See assessments and their guides.
    ReadAssessments,
    /// Create assessments and publish guides.
    ManageAssessments,
    /// See submissions, readings and feedback of all students.
    ReadSubmissions,
    /// Hand in, retry and delete submissions.
    ManageSubmissions,
}

impl Permission {
    /// All permissions.
    pub const ALL: [Self; 5] = [
        Self::ReadOrganization,
        Self::ReadAssessments,
        Self::ManageAssessments,
        Self::ReadSubmissions,
        Self::ManageSubmissions,
    ];
}

impl Role {
    /// Whether the role holds the permission.
    #[must_use]
    pub const fn may(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::Owner | Self::Admin | Self::Teacher => true,
            Self::Grader => matches!(permission, P::ReadOrganization | P::ReadAssessments | P::ReadSubmissions),
            Self::Student | Self::Auditor => matches!(permission, P::ReadOrganization),
        }
    }
}
