//! What can be done with a store's accounts.

use kernel::Text;
use tenants::{DbError, TenantTx};

use super::sessions::end_sessions;
use super::{Email, IdentityError, NewUser, PasswordHash, Role, User, UserId, queries};
use crate::access::RoleName;

/// Makes an account. The address must be new to the store.
///
/// # Errors
/// [`IdentityError::EmailTaken`].
pub async fn add_user(tx: &mut TenantTx, new: &NewUser) -> Result<User, IdentityError> {
    let user = User { id: UserId::generate(), email: new.email.clone(), name: new.name.clone(), created_at: tx.now() };
    queries::insert_user(tx, &user, &new.password).await?;
    Ok(user)
}

/// Makes a user one of the staff.
///
/// # Errors
/// [`DbError`].
pub async fn give_role(tx: &mut TenantTx, user: UserId, role: Role) -> Result<(), DbError> {
    queries::insert_role(tx, user, role).await
}

/// The names of a user's roles; none for who is no staff.
///
/// # Errors
/// [`DbError`].
pub async fn role_names_of(tx: &mut TenantTx, user: UserId) -> Result<Vec<RoleName>, DbError> {
    let words = queries::roles_of(tx, user).await?;
    Ok(words.iter().filter_map(|word| RoleName::parse(word).ok()).collect())
}

/// The user with that address and what its password is checked against.
///
/// # Errors
/// [`DbError`].
pub async fn find_user(tx: &mut TenantTx, email: &Email) -> Result<Option<(User, PasswordHash)>, DbError> {
    queries::find_user(tx, email).await
}

/// A user.
///
/// # Errors
/// [`IdentityError::NoAccount`].
pub async fn user(tx: &mut TenantTx, id: UserId) -> Result<User, IdentityError> {
    queries::user(tx, id).await?.ok_or(IdentityError::NoAccount)
}

/// Sets a user's password and ends all of the user's log-ins.
///
/// # Errors
/// [`IdentityError::NoAccount`].
pub async fn set_password(tx: &mut TenantTx, email: &Email, password: &PasswordHash) -> Result<User, IdentityError> {
    let user = queries::set_password(tx, email, password).await?.ok_or(IdentityError::NoAccount)?;
    end_sessions(tx, user.id).await?;
    Ok(user)
}

/// What a user's password is checked against.
///
/// # Errors
/// [`IdentityError::NoAccount`].
pub async fn password_of(tx: &mut TenantTx, id: UserId) -> Result<(User, PasswordHash), IdentityError> {
    queries::user_with_password(tx, id).await?.ok_or(IdentityError::NoAccount)
}

/// Whether a user proved that the address is its own.
///
/// # Errors
/// [`DbError`].
pub async fn is_email_confirmed(tx: &mut TenantTx, id: UserId) -> Result<bool, DbError> {
    queries::is_email_confirmed(tx, id).await
}

/// Notes that a user proved that the address is its own.
///
/// # Errors
/// [`DbError`].
pub async fn confirm_email(tx: &mut TenantTx, id: UserId) -> Result<(), DbError> {
    queries::confirm_email(tx, id).await
}
