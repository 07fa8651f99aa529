//! From rows to shoppers.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::Text;
use tenants::DbError;
use uuid::Uuid;

use crate::customers::{Customer, Phone};
use crate::identity::{Email, PersonName, User, UserId};

pub(in crate::customers) struct Row {
    pub(super) id: Uuid,
    pub(super) email: String,
    pub(super) name: String,
    pub(super) created_at: DateTime<Utc>,
    pub(super) email_confirmed_at: Option<DateTime<Utc>>,
    pub(super) version: i64,
    pub(super) phone: Option<String>,
    pub(super) birth_date: Option<NaiveDate>,
}

impl Row {
    pub(in crate::customers) fn read(self) -> Result<Customer, DbError> {
        let broken = |_| DbError::from(sqlx::Error::Decode(format!("customer {} breaks its rules", self.id).into()));
        Ok(Customer {
            user: User {
                id: UserId(self.id),
                email: Email::parse(&self.email).map_err(broken)?,
                name: PersonName::parse(&self.name).map_err(broken)?,
                created_at: self.created_at,
            },
            phone: self.phone.as_deref().map(Phone::parse).transpose().map_err(broken)?,
            birth_date: self.birth_date,
            email_confirmed: self.email_confirmed_at.is_some(),
            version: self.version,
        })
    }
}
