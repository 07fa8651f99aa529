//! People and what they sign in with.

use std::fmt;

use chrono::{DateTime, Utc};
use kernel::{Line, Text, TextError};
use tenants::TenantId;

use super::PasswordHash;

kernel::typed_id! {
    /// The id of a user of a store.
    UserId
}
kernel::typed_id! {
    /// The id of an operator of the platform.
    OperatorId
}

/// A person's name.
pub type PersonName = Line<100>;

/// An e-mail address, kept in lower case: addresses that differ in case alone are one person's.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Text for Email {
    const NAME: &'static str = "e-mail address";
    const MIN: usize = 3;
    const MAX: usize = 254;
    const PATTERN: Option<&'static str> = Some(
        r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64})*@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$",
    );
    const FORMAT: Option<&'static str> = Some("email");
    const EXAMPLE: &'static str = "ada@example.com";

    /// By the rule that browsers have for `<input type=email>` (HTML, 4.10.5.1.5), which is what people can type, with
    /// dots only between other characters, as mail servers want them (RFC 5321, 4.1.2 `Dot-string`).
    fn parse(text: &str) -> Result<Self, TextError> {
        let wrong = || TextError::new("must be an e-mail address such as ada@example.com");
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or_else(wrong)?;
        let local_is_right = (1..=64).contains(&local.len())
            && local.bytes().all(|b| b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&b))
            && local.split('.').all(|atom| !atom.is_empty());
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if text.len() <= Self::MAX && local_is_right && domain.split('.').all(label) {
            return Ok(Self(text.to_ascii_lowercase()));
        }
        Err(wrong())
    }

    fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

/// A password as typed: 8 to 128 characters. Never printed, never kept.
#[derive(Clone)]
pub struct Password(String);

impl Text for Password {
    const NAME: &'static str = "password";
    const MIN: usize = 8;
    const MAX: usize = 128;
    const FORMAT: Option<&'static str> = Some("password");
    const EXAMPLE: &'static str = "correct horse battery";

    fn parse(text: &str) -> Result<Self, TextError> {
        if (Self::MIN..=Self::MAX).contains(&text.chars().count()) {
            return Ok(Self(text.to_owned()));
        }
        Err(TextError::new("must have 8 to 128 characters"))
    }

    fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Someone who signs in to one store.
#[derive(Debug, Clone)]
pub struct User {
    /// The user's id.
    pub id: UserId,
    /// Unique in the store.
    pub email: Email,
    /// As the person writes it.
    pub name: PersonName,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
}

/// What a user is made with.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Must be new to the store.
    pub email: Email,
    /// As the person writes it.
    pub name: PersonName,
    /// Already hashed: hashing is slow, and no transaction waits for it.
    pub password: PasswordHash,
}

/// Someone who runs the platform.
#[derive(Debug, Clone)]
pub struct Operator {
    /// The operator's id.
    pub id: OperatorId,
    /// Unique on the deployment.
    pub email: Email,
    /// As the person writes it.
    pub name: PersonName,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
}

/// A role that every store has. What each may do is in the policy of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words are the roles' names")]
pub enum Role {
    Owner,
    Admin,
    ProductManager,
    ContentManager,
    OrderManager,
    CustomerManager,
    UserManager,
    Support,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Owner,
        Self::Admin,
        Self::ProductManager,
        Self::ContentManager,
        Self::OrderManager,
        Self::CustomerManager,
        Self::UserManager,
        Self::Support,
    ];

    /// The word for it, in the database, the policy and the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::ProductManager => "product_manager",
            Self::ContentManager => "content_manager",
            Self::OrderManager => "order_manager",
            Self::CustomerManager => "customer_manager",
            Self::UserManager => "user_manager",
            Self::Support => "support",
        }
    }

    /// The role of that name.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// Which API a log-in is for. A token of one is worth nothing at another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Surface {
    /// A store's visitors and customers.
    Storefront(TenantId),
    /// A store's staff.
    Admin(TenantId),
    /// The platform's operators.
    Platform,
}

impl Surface {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Storefront(_) => "storefront",
            Self::Admin(_) => "admin",
            Self::Platform => "platform",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_what_a_browser_takes_in_lower_case() {
        assert_eq!(Email::parse(" Ada@Example.COM ").map(|e| e.0), Ok("ada@example.com".to_owned()));
        let long = format!("{}@example.com", "a".repeat(65));
        for bad in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "a b@example.com",
            ".a@example.com",
            "a.@example.com",
            "a..b@example.com",
            "ada@-x.com",
            "ada@x..com",
            "a\0@x.com",
            long.as_str(),
        ] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn secrets_and_addresses_do_not_print() {
        let password = Password::parse("correct horse").map(|p| format!("{p:?}"));
        assert_eq!(password, Ok("Password(…)".to_owned()));
        assert!(Password::parse("short").is_err());
    }
}
