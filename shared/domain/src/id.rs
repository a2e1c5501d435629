//! Identifiers: a prefix that says what it names, then a ULID.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use ulid::Ulid;

/// What is wrong with a text that should have been an identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of the form `{prefix}` followed by 26 letters and digits")]
pub struct InvalidId {
    prefix: &'static str,
}

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Ulid);

        impl $name {
            /// What every such identifier begins with.
            pub const PREFIX: &'static str = $prefix;

            /// From a ULID that the caller has made, so that the clock and the randomness stay outside.
            #[must_use]
            pub const fn new(ulid: Ulid) -> Self {
                Self(ulid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let invalid = InvalidId { prefix: $prefix };
                let id = text.strip_prefix($prefix).and_then(|ulid| Ulid::from_string(ulid).ok()).map(Self);
                // Crockford's alphabet has several spellings of one value; only the canonical one is a key.
                id.filter(|id| id.to_string() == text).ok_or(invalid)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some(concat!("^", $prefix, "[0-9A-HJKMNP-TV-Z]{26}$")))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    )*};
}

identifiers! {
    /// A person who can log in.
    UserId = "usr_";
    /// An organization: the tenant.
    OrgId = "org_";
    /// An assessment: one exam or test with its guide and its submissions.
    AssessmentId = "asm_";
    /// A submission: one student's script.
    SubmissionId = "sub_";
    /// The scan of a whole class, of which submissions are made.
    ClassScanId = "scn_";
    /// A comment in the comment bank of an assessment.
    CommentId = "cmt_";
    /// A log-in, and all the refresh tokens that descend from it.
    SessionId = "ses_";
    /// An entry of the audit log.
    AuditEventId = "evt_";
    /// A team: a class with its teachers, graders and students.
    TeamId = "tea_";
    /// An invitation to an organization.
    InviteId = "inv_";
    /// A student on an organization's roster.
    StudentId = "stu_";
    /// A roster that was uploaded and not yet imported.
    RosterImportId = "imp_";
    /// An API key of an organization.
    ApiKeyId = "key_";
    /// An export of a person's or an organization's data.
    ExportId = "exp_";
    /// An erasure of a person or an organization.
    ErasureId = "era_";
}

/// Whoever does something in an organization: a person, or a program with an API key. In JSON and in keys, the id alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Principal {
    /// A person.
    User(UserId),
    /// A program.
    ApiKey(ApiKeyId),
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => id.fmt(f),
            Self::ApiKey(id) => id.fmt(f),
        }
    }
}

impl FromStr for Principal {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        text.parse().map(Self::ApiKey).or_else(|_| text.parse().map(Self::User))
    }
}

impl TryFrom<String> for Principal {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<Principal> for String {
    fn from(principal: Principal) -> Self {
        principal.to_string()
    }
}

impl utoipa::PartialSchema for Principal {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some("^(usr|key)_[0-9A-HJKMNP-TV-Z]{26}$"))
            .into()
    }
}

impl utoipa::ToSchema for Principal {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn refuses_other_kinds_and_other_spellings() {
        let id = OrgId::new(Ulid::from(u128::MAX / 3)).to_string();
        assert!(id.parse::<OrgId>().is_ok());
        assert!(id.parse::<UserId>().is_err());
        assert!(id.to_lowercase().parse::<OrgId>().is_err());
        assert!("org_".parse::<OrgId>().is_err());
        assert!(format!("{id}#").parse::<OrgId>().is_err());
    }

    proptest! {
        #[test]
        fn survives_text(value: u128) {
            let id = SubmissionId::new(Ulid::from(value));
            prop_assert_eq!(id.to_string().parse::<SubmissionId>().unwrap(), id);
        }
    }
}
