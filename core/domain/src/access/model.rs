//! Roles of a store's own.

use chrono::{DateTime, Utc};
use kernel::{Line, Text, TextError};

use super::Permissions;
use crate::identity::Role;

/// What people call a role.
pub type RoleLabel = Line<100>;

/// A role's name: a lower-case letter, then up to 39 lower-case letters, digits, dashes and underscores.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleName(String);

impl Text for RoleName {
    const NAME: &'static str = "role name";
    const MIN: usize = 1;
    const MAX: usize = 40;
    const PATTERN: Option<&'static str> = Some("^[a-z][a-z0-9_-]{0,39}$");
    const EXAMPLE: &'static str = "photographer";

    fn parse(text: &str) -> Result<Self, TextError> {
        let rest = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
        let right =
            text.starts_with(|c: char| c.is_ascii_lowercase()) && text.len() <= Self::MAX && text.bytes().all(rest);
        if right {
            return Ok(Self(text.to_owned()));
        }
        Err(TextError::new(
            "must be 1 to 40 lower-case letters, digits, dashes or underscores, beginning with a letter",
        ))
    }

    fn as_str(&self) -> &str {
        &self.0
    }
}

impl RoleName {
    /// The built-in role of that name, if it is one.
    #[must_use]
    pub fn built_in(&self) -> Option<Role> {
        Role::read(&self.0)
    }
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        Self(role.as_str().to_owned())
    }
}

/// A role of a store's own.
#[derive(Debug, Clone)]
pub struct CustomRole {
    /// Unique in the store, and no built-in role's.
    pub name: RoleName,
    /// For people.
    pub label: RoleLabel,
    /// What it holds.
    pub permissions: Permissions,
    /// Counts its changes.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// What a role is made with.
#[derive(Debug, Clone)]
pub struct NewRole {
    /// Unique in the store, and no built-in role's.
    pub name: RoleName,
    /// For people.
    pub label: RoleLabel,
    /// What it will hold.
    pub permissions: Permissions,
}

/// What of a role is to be changed; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct RoleChange {
    /// For people.
    pub label: Option<RoleLabel>,
    /// What it will hold.
    pub permissions: Option<Permissions>,
}
