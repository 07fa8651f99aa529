//! Private letters of staff to customers. They are written down with what gave the reason, leave after that is committed,
//! and are kept no longer. Whoever is erased meanwhile gets none.

use kernel::{Line, Passage, Text};
use tenants::{DbError, TenantTx};

use super::queries::letters as queries;
use super::{CustomerError, CustomerLetter, shopper_kept};
use crate::identity::{User, UserId};
use crate::jobs;
use crate::mail::Mail;

kernel::typed_id! {
    /// The id of a letter under way.
    LetterId
}

/// What a letter is headed with.
pub type LetterSubject = Line<150>;
/// What it says.
pub type LetterText = Passage<10_000>;

/// A letter under way.
#[derive(Debug, Clone)]
pub struct PrivateLetter {
    /// Whom it goes to.
    pub to: User,
    /// What it is headed with.
    pub subject: LetterSubject,
    /// What it says.
    pub text: LetterText,
}

impl PrivateLetter {
    /// The letter as it leaves, in the name of the shop.
    #[must_use]
    pub fn mail(&self, sender: &str) -> Mail {
        Mail {
            to: self.to.email.clone(),
            from_name: sender.to_owned(),
            subject: self.subject.as_str().to_owned(),
            text: self.text.as_str().to_owned(),
        }
    }
}

/// Writes a letter to a customer, which leaves soon after.
///
/// # Errors
/// [`CustomerError::NoCustomer`].
pub async fn write_letter(
    tx: &mut TenantTx,
    customer: UserId,
    subject: &LetterSubject,
    text: &LetterText,
) -> Result<LetterId, CustomerError> {
    shopper_kept(tx, customer).await?;
    let id = LetterId::generate();
    queries::insert(tx, id, customer, subject, text).await?;
    jobs::enqueue(tx, &CustomerLetter { letter: id.0 }).await?;
    Ok(id)
}

/// A letter that is still under way.
///
/// # Errors
/// [`DbError`].
pub async fn letter(tx: &mut TenantTx, id: LetterId) -> Result<Option<PrivateLetter>, DbError> {
    queries::get(tx, id).await
}

/// Notes that a letter has left: nothing of it is kept.
///
/// # Errors
/// [`DbError`].
pub async fn letter_left(tx: &mut TenantTx, id: LetterId) -> Result<(), DbError> {
    queries::delete(tx, id).await
}
