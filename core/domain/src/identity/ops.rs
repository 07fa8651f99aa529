//! What can be done with a store's accounts.

use std::sync::Arc;

use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::refresh::LIFETIME;
use super::{Email, IdentityError, NewUser, PasswordHash, RefreshToken, Renewal, Role, Surface, User, UserId, queries};

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

/// The roles of a user; none for who is no staff.
///
/// # Errors
/// [`DbError`].
pub async fn roles_of(tx: &mut TenantTx, user: UserId) -> Result<Arc<[Role]>, DbError> {
    let words = queries::roles_of(tx, user).await?;
    Ok(words.iter().filter_map(|word| Role::read(word)).collect())
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
    queries::delete_tokens_of(tx, user.id).await?;
    Ok(user)
}

/// Begins a log-in at `surface`: its id, and the token that renews it.
///
/// # Errors
/// [`IdentityError`] where the random source or the database fails.
pub async fn start_session(
    tx: &mut TenantTx,
    user: UserId,
    surface: Surface,
) -> Result<(Uuid, RefreshToken), IdentityError> {
    let session = Uuid::now_v7();
    Ok((session, next_token(tx, user, session, surface).await?))
}

/// Takes a refresh token for the next one. One that was used before ends its whole log-in.
///
/// # Errors
/// [`IdentityError`] where the random source or the database fails.
pub async fn renew_session(
    tx: &mut TenantTx,
    token: &RefreshToken,
    surface: Surface,
) -> Result<Renewal<UserId>, IdentityError> {
    let hash = token.hash();
    if let Some((user, session)) = queries::use_token(tx, &hash, surface).await? {
        let next = next_token(tx, user, session, surface).await?;
        return Ok(Renewal::Renewed { holder: user, session, next });
    }
    queries::delete_family_of(tx, &hash).await?;
    Ok(Renewal::Refused)
}

/// Ends the log-in that a refresh token belongs to. An unknown token has none.
///
/// # Errors
/// [`DbError`].
pub async fn end_session(tx: &mut TenantTx, token: &RefreshToken) -> Result<(), DbError> {
    queries::delete_family_of(tx, &token.hash()).await
}

async fn next_token(
    tx: &mut TenantTx,
    user: UserId,
    session: Uuid,
    surface: Surface,
) -> Result<RefreshToken, IdentityError> {
    let token = RefreshToken::generate()?;
    let expires_at = tx.now() + LIFETIME;
    queries::insert_token(tx, &token.hash(), user, session, surface, expires_at).await?;
    Ok(token)
}
