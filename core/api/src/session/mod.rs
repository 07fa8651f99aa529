//! Logging in, staying so, getting back in: the same for shoppers and staff, each at a door of its own.

mod shapes;

pub use shapes::{
    AccountShown, ChangePasswordBody, EmailBody, LogInBody, RefreshBody, ResetBody, SessionShown, TokenBody, TokenText,
};

use domain::audit::{self, Actor, Entry, Origin};
use domain::carts::{self, CartToken};
use domain::identity::{self, ForgottenPassword, IdentityError, PasswordHash, Purpose, Renewal, Surface, User, UserId};
use domain::jobs;
use kernel::Text as _;
use tenants::TenantTx;
use tenants::registry::Store;

use crate::App;
use crate::guard::{At, Door};
use crate::http::{Fail, Problem};

/// Lets somebody in who knows the password. An unknown address takes as long, and reads the same.
///
/// A visitor's cart becomes a part of the customer's, in the same transaction.
pub(crate) async fn log_in<D: Door>(
    door: &At<D>,
    body: LogInBody,
    cart: Option<&CartToken>,
) -> Result<SessionShown, Problem> {
    let LogInBody { email, password } = body;
    door.app().limits.log_in(format!("{}/{}", door.store.id, email.0.as_str()), door.address)?;
    let known = identity::find_user(&mut door.begin().await?, &email.0).await?;
    let hash = known.as_ref().map(|(_, hash)| hash.clone());
    let right = door.app().passwords.verify(password.0, hash).await?;
    let (user, hash) = known.filter(|_| right).ok_or(IdentityError::WrongCredentials)?;
    let mut tx = door.begin().await?;
    // A shopper's password is as good as any, but opens no door to the staff.
    if matches!(door.surface(), Surface::Admin(_)) && identity::role_names_of(&mut tx, user.id).await?.is_empty() {
        return Err(IdentityError::WrongCredentials.into());
    }
    let shopper = matches!(door.surface(), Surface::Storefront(_));
    if shopper && door.app().confirms_emails && !identity::is_email_confirmed(&mut tx, user.id).await? {
        return Err(IdentityError::Unconfirmed.into());
    }
    bring_along(&mut tx, cart, user.id).await?;
    begin(door.app(), tx, &user, &hash, door.surface()).await
}

/// Makes a visitor's cart, if there is one, a part of the customer's.
pub(crate) async fn bring_along(tx: &mut TenantTx, cart: Option<&CartToken>, user: UserId) -> Result<(), Problem> {
    match cart {
        Some(token) => Ok(carts::merge(tx, token, user).await?),
        None => Ok(()),
    }
}

/// Begins a log-in of a user whose password was found right against `proof`, and commits it.
pub(crate) async fn begin(
    app: &App,
    mut tx: TenantTx,
    user: &User,
    proof: &PasswordHash,
    surface: Surface,
) -> Result<SessionShown, Problem> {
    let (session, refresh) = identity::start_session(&mut tx, user.id, proof, surface).await?;
    tx.commit().await?;
    SessionShown::issue(app, surface, session, &refresh, user.into())
}

/// Takes a refresh token for the next one.
pub(crate) async fn renew<D: Door>(door: &At<D>, body: &RefreshBody) -> Result<SessionShown, Problem> {
    let mut tx = door.begin().await?;
    let renewal = identity::renew_session(&mut tx, &body.token(), door.surface()).await?;
    let Renewal::Renewed { holder, session, next } = renewal else {
        tx.commit().await?;
        return Err(IdentityError::BadToken.into());
    };
    let user = identity::user(&mut tx, holder).await?;
    tx.commit().await?;
    SessionShown::issue(door.app(), door.surface(), session, &next, (&user).into())
}

/// Ends a log-in.
pub(crate) async fn log_out<D: Door>(door: &At<D>, body: &RefreshBody) -> Result<(), Problem> {
    let mut tx = door.begin().await?;
    identity::end_session(&mut tx, &body.token()).await?;
    Ok(tx.commit().await?)
}

/// Sends a mail with which a new password can be set, if there is somebody to send it to. The answer does not tell.
pub(crate) async fn forgot<D: Door>(door: &At<D>, body: &EmailBody) -> Result<(), Problem> {
    let email = &body.email.0;
    door.app().limits.log_in(format!("forgot/{}/{}", door.store.id, email.as_str()), door.address)?;
    // Put in for every address, known or not: whether there is somebody to write to is found out afterwards.
    let job =
        ForgottenPassword { email: email.as_str().to_owned(), staff: matches!(door.surface(), Surface::Admin(_)) };
    let mut tx = door.begin().await?;
    jobs::enqueue(&mut tx, &job).await?;
    Ok(tx.commit().await?)
}

/// Sets a new password for whoever holds the mailed token. All log-ins end.
pub(crate) async fn reset<D: Door>(door: &At<D>, body: ResetBody) -> Result<(), Problem> {
    door.app().limits.mailed_token(door.address)?;
    let (token, password) = (body.token.0.token(), door.app().passwords.hash(body.password.0).await?);
    let mut tx = door.begin().await?;
    let id = identity::take_token(&mut tx, &token, Purpose::Reset).await?;
    let user = identity::user(&mut tx, id).await?;
    identity::set_password(&mut tx, &user.email, &password).await?;
    // Whoever read the mail has proved that the address is its own.
    identity::confirm_email(&mut tx, id).await?;
    written_down(&mut tx, &door.origin(Actor::User(id.0)), "resetPassword", id).await?;
    Ok(tx.commit().await?)
}

/// Notes in the audit what one of the staff did to the own account. A shopper's account is the shopper's own affair.
async fn written_down(tx: &mut TenantTx, origin: &Origin, action: &'static str, user: UserId) -> Result<(), Problem> {
    if !identity::role_names_of(tx, user).await?.is_empty() {
        audit::record(tx, origin, &Entry::new(action, "user", user)).await?;
    }
    Ok(())
}

/// Sets a new password for somebody who knows the old one. All log-ins end, and a new one begins.
pub(crate) async fn change_password(
    app: &App,
    store: &Store,
    user: UserId,
    origin: &Origin,
    surface: Surface,
    body: ChangePasswordBody,
) -> Result<SessionShown, Problem> {
    app.limits.account(format!("change/{}/{user}", store.id))?;
    let (found, hash) = identity::password_of(&mut app.tenants.begin_read(store.id).await?, user).await?;
    if !app.passwords.verify(body.current_password.0, Some(hash)).await? {
        return Err(IdentityError::WrongCredentials.into());
    }
    let password = app.passwords.hash(body.new_password.0).await?;
    let mut tx = app.tenants.begin(store.id).await?;
    identity::set_password(&mut tx, &found.email, &password).await?;
    written_down(&mut tx, origin, "changePassword", user).await?;
    begin(app, tx, &found, &password, surface).await
}

/// A token whose user is gone is no good any more.
pub(crate) fn gone<S>(err: IdentityError) -> Fail<S> {
    match err {
        IdentityError::NoAccount => IdentityError::BadToken.into(),
        other => other.into(),
    }
}
