//! Customers, as staff sees them: found, looked at, noted about.

use chrono::{DateTime, Utc};
use kernel::{Limit, Line, Page, Passage};
use tenants::{DbError, TenantTx};

use super::queries::{Row, notes, staffed as queries};
use super::{Customer, CustomerError};
use crate::identity::UserId;

kernel::typed_id! {
    /// The id of a note about a customer.
    NoteId
}

/// How a name or an e-mail address begins.
pub type Beginning = Line<100>;
/// What staff notes about a customer.
pub type NoteText = Passage<5_000>;

/// Which customers are looked for.
#[derive(Debug, Clone, Default)]
pub struct CustomerFilter {
    /// Those whose name or e-mail address begins like this, in capital letters or not.
    pub beginning: Option<Beginning>,
    /// Those who have an address, or who have none.
    pub has_address: Option<bool>,
}

/// A note about a customer, for staff alone.
#[derive(Debug, Clone)]
pub struct Note {
    /// Its id.
    pub id: NoteId,
    /// Who wrote it.
    pub author: UserId,
    /// What it says.
    pub text: NoteText,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// A page of those who shop here, the newest first, those before `before`.
///
/// # Errors
/// [`DbError`].
pub async fn list_customers(
    tx: &mut TenantTx,
    filter: &CustomerFilter,
    before: Option<UserId>,
    limit: Limit,
) -> Result<Page<Customer>, DbError> {
    let rows = queries::list(tx, filter, before, limit).await?;
    Ok(Page::cut(rows.into_iter().map(Row::read).collect::<Result<_, _>>()?, limit))
}

/// Somebody who shops here. Staff that never did is none.
///
/// # Errors
/// [`CustomerError::NoCustomer`].
pub async fn shopper(tx: &mut TenantTx, id: UserId) -> Result<Customer, CustomerError> {
    Ok(queries::get(tx, id).await?.ok_or(CustomerError::NoCustomer(id))?.read()?)
}

/// The same, to write something about: whoever erases the person waits until that is committed, and finds it.
///
/// # Errors
/// [`CustomerError::NoCustomer`].
pub async fn shopper_kept(tx: &mut TenantTx, id: UserId) -> Result<Customer, CustomerError> {
    queries::hold(tx, id).await?;
    shopper(tx, id).await
}

/// Notes something about a customer.
///
/// # Errors
/// [`CustomerError::NoCustomer`].
pub async fn add_note(
    tx: &mut TenantTx,
    customer: UserId,
    author: UserId,
    text: NoteText,
) -> Result<Note, CustomerError> {
    shopper_kept(tx, customer).await?;
    let note = Note { id: NoteId::generate(), author, text, created_at: tx.now() };
    notes::insert(tx, customer, &note).await?;
    Ok(note)
}

/// A page of the notes about a customer, the newest first, those before `before`.
///
/// # Errors
/// [`CustomerError::NoCustomer`].
pub async fn list_notes(
    tx: &mut TenantTx,
    customer: UserId,
    before: Option<NoteId>,
    limit: Limit,
) -> Result<Page<Note>, CustomerError> {
    shopper(tx, customer).await?;
    Ok(Page::cut(notes::list(tx, customer, before, Some(limit.and_one())).await?, limit))
}

/// All notes about a customer, the newest first.
///
/// # Errors
/// [`DbError`].
pub async fn notes_about(tx: &mut TenantTx, customer: UserId) -> Result<Vec<Note>, DbError> {
    notes::list(tx, customer, None, None).await
}
