//! What can be done with a shopper's account.

use chrono::{Datelike as _, NaiveDate, TimeDelta};
use kernel::{Text, TextError};
use tenants::{DbError, TenantTx};

use super::queries::profile as queries;
use crate::events::{self, Event, EventKind};
use crate::identity::{self, IdentityError, NewUser, PersonName, User, UserId};

/// A phone number as people write it: 3 to 32 digits, spaces and `+-()./`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone(String);

impl Text for Phone {
    const NAME: &'static str = "phone number";
    const MIN: usize = 3;
    const MAX: usize = 32;
    const PATTERN: Option<&'static str> = Some(r"^[0-9 +()./-]*[0-9][0-9 +()./-]*$");
    const EXAMPLE: &'static str = "+49 30 901820";

    fn parse(text: &str) -> Result<Self, TextError> {
        let allowed = |b: u8| b.is_ascii_digit() || b" +-()./".contains(&b);
        let right = (Self::MIN..=Self::MAX).contains(&text.len())
            && text.bytes().all(allowed)
            && text.bytes().any(|b| b.is_ascii_digit());
        if right {
            return Ok(Self(text.to_owned()));
        }
        Err(TextError::new("must be 3 to 32 digits, spaces and the signs + - ( ) . /"))
    }

    fn as_str(&self) -> &str {
        &self.0
    }
}

/// The day on which somebody was born: from 1900 on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BirthDate {
    text: String,
    day: NaiveDate,
}

impl BirthDate {
    /// The day.
    #[must_use]
    pub fn day(&self) -> NaiveDate {
        self.day
    }
}

impl Text for BirthDate {
    const NAME: &'static str = "birth date";
    const MIN: usize = 10;
    const MAX: usize = 10;
    const PATTERN: Option<&'static str> = Some("^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}$");
    const FORMAT: Option<&'static str> = Some("date");
    const EXAMPLE: &'static str = "1990-02-28";

    fn parse(text: &str) -> Result<Self, TextError> {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        // Written in one way: chrono takes signs, and days of one digit.
        let day = day.filter(|day| day.to_string() == text && (1900..2100).contains(&day.year()));
        let wrong = || TextError::new("must be a day since 1900, written as 1990-02-28");
        day.map(|day| Self { text: text.to_owned(), day }).ok_or_else(wrong)
    }

    fn as_str(&self) -> &str {
        &self.text
    }
}

/// A shopper.
#[derive(Debug, Clone)]
pub struct Customer {
    /// The account.
    pub user: User,
    /// Where the person can be called.
    pub phone: Option<Phone>,
    /// When the person was born.
    pub birth_date: Option<NaiveDate>,
    /// Whether the person proved that the address is its own.
    pub email_confirmed: bool,
    /// Counts changes.
    pub version: i64,
}

/// What of a shopper is to be changed; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct CustomerChange {
    /// The person's name.
    pub name: Option<PersonName>,
    /// `Some(None)` takes it away.
    pub phone: Option<Option<Phone>>,
    /// `Some(None)` takes it away.
    pub birth_date: Option<Option<BirthDate>>,
}

/// Makes an account with its customer record. The address must be new to the store.
///
/// # Errors
/// [`IdentityError::EmailTaken`].
pub async fn register(tx: &mut TenantTx, new: &NewUser) -> Result<Customer, IdentityError> {
    let user = identity::add_user(tx, new).await?;
    queries::insert(tx, user.id).await?;
    // The welcome, with the link that confirms the address, is the letter of this event.
    events::record(tx, Event::new(EventKind::CustomerRegistered, user.id.0)).await?;
    customer(tx, user.id).await
}

/// A shopper. Staff that never shopped is none yet, and becomes one when it logs in to the storefront.
///
/// # Errors
/// [`IdentityError::NoAccount`].
pub async fn customer(tx: &mut TenantTx, id: UserId) -> Result<Customer, IdentityError> {
    queries::get(tx, id).await?.ok_or(IdentityError::NoAccount)
}

/// Changes a shopper where `expected` is still the version.
///
/// # Errors
/// [`IdentityError::NoAccount`], [`IdentityError::Stale`], [`IdentityError::NotBorn`].
pub async fn change_customer(
    tx: &mut TenantTx,
    id: UserId,
    expected: Option<i64>,
    change: &CustomerChange,
) -> Result<Customer, IdentityError> {
    // Where the day begins first, it has begun already.
    let today = (tx.now() + TimeDelta::hours(14)).date_naive();
    if change.birth_date.iter().flatten().any(|born| born.day() > today) {
        return Err(IdentityError::NotBorn);
    }
    customer(tx, id).await?;
    if !queries::update_user(tx, id, expected, change).await? {
        return Err(IdentityError::Stale);
    }
    queries::upsert_details(tx, id, change).await?;
    customer(tx, id).await
}

/// Locks a shopper's account against everybody, where `expected` is still the version, so that it can be erased.
///
/// # Errors
/// [`IdentityError::NoAccount`], [`IdentityError::IsStaff`] for somebody who works here, [`IdentityError::Stale`].
pub async fn lock_to_erase(tx: &mut TenantTx, id: UserId, expected: Option<i64>) -> Result<User, IdentityError> {
    // Whoever takes this person on at the same moment comes before or after, never in between: a store's only owner
    // could be deleted otherwise.
    let current = queries::lock(tx, id, expected).await?.ok_or(IdentityError::NoAccount)?;
    if !identity::role_names_of(tx, id).await?.is_empty() {
        return Err(IdentityError::IsStaff);
    }
    if current { identity::user(tx, id).await } else { Err(IdentityError::Stale) }
}

/// Deletes a locked account with all that hangs on it. What stands beside it must be gone: see [`crate::privacy`].
///
/// # Errors
/// [`DbError`].
pub async fn delete_account(tx: &mut TenantTx, id: UserId) -> Result<(), DbError> {
    queries::delete(tx, id).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_birth_date_is_a_day_that_there_was_written_in_one_way() {
        assert_eq!(
            BirthDate::parse("2000-02-29").map(|born| born.day()),
            Ok(NaiveDate::from_ymd_opt(2000, 2, 29).unwrap())
        );
        for wrong in
            ["1999-02-29", "1899-12-31", "2100-01-01", "1990-2-8", "+1990-02-28", "-0001-01-01", "12024-01-01", ""]
        {
            assert!(BirthDate::parse(wrong).is_err(), "{wrong}");
        }
    }
}
