//! Staff to be. An invitation is taken up by whoever reads the mail that carries it, with a password of its own choice.

use chrono::{DateTime, TimeDelta, Utc};
use tenants::{DbError, TenantTx};

use super::{InvitationLetter, StaffError, members, queries};
use crate::access::{AccessError, Permissions, RoleGrants, RoleName, grants_of_all, grants_to_give, may_give};
use crate::identity::{self, Email, NewUser, PasswordHash, PersonName, RefreshToken, User, UserId};
use crate::jobs;

kernel::typed_id! {
    /// The id of an invitation.
    InvitationId
}

/// How long an invitation waits.
const LIFETIME: TimeDelta = TimeDelta::days(7);

/// An invitation.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Whom the mail goes to.
    pub email: Email,
    /// The person's name.
    pub name: PersonName,
    /// What the person will be.
    pub roles: Vec<RoleName>,
    /// Who sent it.
    pub invited_by: UserId,
    /// When it stops by itself.
    pub expires_at: DateTime<Utc>,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
}

/// What an invitation is made with.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// Whom the mail goes to.
    pub email: Email,
    /// The person's name.
    pub name: PersonName,
    /// What the person will be; nothing beyond the sender.
    pub roles: Vec<RoleName>,
}

/// Invites somebody, by a letter. A new invitation to the same address replaces the one before, if that reaches nothing
/// beyond `own` either.
///
/// # Errors
/// [`StaffError`]: beyond the sender, no such role, works here already.
pub async fn invite(
    tx: &mut TenantTx,
    sender: UserId,
    own: Permissions,
    grants: &dyn RoleGrants,
    new: &NewInvitation,
) -> Result<Invitation, StaffError> {
    may_give(own, grants_of_all(tx, grants, &new.roles).await?)?;
    if let Some((user, _)) = identity::find_user(tx, &new.email).await?
        && members::member(tx, user.id).await.is_ok()
    {
        return Err(StaffError::MemberAlready);
    }
    if let Some(waiting) = queries::invitation_to(tx, &new.email).await? {
        covered(tx, own, grants, &waiting).await?;
    }
    let invitation = Invitation {
        id: InvitationId::generate(),
        email: new.email.clone(),
        name: new.name.clone(),
        roles: new.roles.clone(),
        invited_by: sender,
        expires_at: tx.now() + LIFETIME,
        created_at: tx.now(),
    };
    queries::delete_invitation_to(tx, &new.email).await?;
    // The token that will be good is made with the letter.
    queries::insert_invitation(tx, &invitation, &RefreshToken::generate()?.hash()).await?;
    jobs::enqueue(tx, &InvitationLetter { invitation: invitation.id.0 }).await?;
    Ok(invitation)
}

/// Makes a new token for an invitation; one that was made before is good no more. The token is for the letter alone.
///
/// # Errors
/// [`StaffError::NoInvitation`].
pub async fn invitation_token(tx: &mut TenantTx, id: InvitationId) -> Result<(Invitation, RefreshToken), StaffError> {
    let invitation = queries::invitation(tx, id).await?.ok_or(StaffError::NoInvitation(id))?;
    let token = RefreshToken::generate()?;
    queries::set_invitation_hash(tx, id, &token.hash()).await?;
    Ok((invitation, token))
}

/// The invitations that wait, the newest first.
///
/// # Errors
/// [`DbError`].
pub async fn list_invitations(tx: &mut TenantTx) -> Result<Vec<Invitation>, DbError> {
    queries::invitations(tx).await
}

/// Withdraws an invitation whose roles reach nothing beyond `own`.
///
/// # Errors
/// [`StaffError::NoInvitation`], or that it reaches beyond the caller.
pub async fn withdraw(
    tx: &mut TenantTx,
    own: Permissions,
    grants: &dyn RoleGrants,
    id: InvitationId,
) -> Result<Invitation, StaffError> {
    let found = queries::invitation(tx, id).await?.ok_or(StaffError::NoInvitation(id))?;
    covered(tx, own, grants, &found).await?;
    queries::delete_invitation(tx, id).await?;
    Ok(found)
}

/// Refuses an invitation to what reaches beyond `own`.
async fn covered(
    tx: &mut TenantTx,
    own: Permissions,
    grants: &dyn RoleGrants,
    invitation: &Invitation,
) -> Result<(), StaffError> {
    match grants_of_all(tx, grants, &invitation.roles).await {
        Ok(given) => Ok(may_give(own, given)?),
        // A role that is gone gives nothing.
        Err(AccessError::UnknownRole(_)) => Ok(()),
        Err(other) => Err(other.into()),
    }
}

/// Withdraws what was sent to an address, if anything was.
///
/// # Errors
/// [`DbError`].
pub async fn withdraw_from(tx: &mut TenantTx, email: &Email) -> Result<(), DbError> {
    queries::delete_invitation_to(tx, email).await
}

/// Takes up an invitation: makes the account, or takes over the one that has the address, whose log-ins end. The roles
/// are given as far as the sender may give them now.
///
/// # Errors
/// [`StaffError::BadInvitation`].
pub async fn accept(
    tx: &mut TenantTx,
    grants: &dyn RoleGrants,
    token: &RefreshToken,
    password: &PasswordHash,
) -> Result<User, StaffError> {
    let found = queries::take_invitation(tx, &token.hash()).await?.ok_or(StaffError::BadInvitation)?;
    let sender = members::member(tx, found.invited_by).await.map_err(|_| StaffError::BadInvitation)?;
    let (own, given) = (
        grants_of_all(tx, grants, &sender.roles).await.map_err(|_| StaffError::BadInvitation)?,
        grants_to_give(tx, grants, &found.roles).await.map_err(|_| StaffError::BadInvitation)?,
    );
    may_give(own, given).map_err(|_| StaffError::BadInvitation)?;
    let user = match identity::set_password(tx, &found.email, password).await {
        Err(identity::IdentityError::NoAccount) => {
            let new = NewUser { email: found.email.clone(), name: found.name.clone(), password: password.clone() };
            identity::add_user(tx, &new).await?
        }
        other => other?,
    };
    // Whoever came to work here by another way keeps the roles that were given there.
    if !identity::role_names_of(tx, user.id).await?.is_empty() {
        return Err(StaffError::BadInvitation);
    }
    identity::confirm_email(tx, user.id).await?;
    queries::set_roles(tx, user.id, &found.roles).await?;
    Ok(user)
}

/// Forgets invitations that nobody took up in time.
///
/// # Errors
/// [`DbError`].
pub async fn remove_expired(tx: &mut TenantTx) -> Result<(), DbError> {
    queries::remove_expired(tx).await
}
