//! Letters: written in the store's language when they are sent, with a link to its registered address.

use domain::customers::{self, CustomerLetter, LetterId};
use domain::identity::{
    self, AccountLetter, Email, ForgottenOperatorPassword, ForgottenPassword, IdentityError, PersonName, Purpose,
    RefreshToken, User, UserId,
};
use domain::mail::{Language, Letter, Mail, MailError, Occasion};
use domain::staff::{self, InvitationId, InvitationLetter, StaffError, StaffLetter};
use domain::stock::{self, LowStock};
use kernel::{DomainError as _, Limit, Text as _};
use tenants::TenantTx;
use tenants::registry::{self, Store};

use crate::{Context, Failure, InPlatform, InStore, Run, RunPlatform};

impl Run for AccountLetter {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        let mut tx = at.begin().await?;
        let user = match identity::user(&mut tx, UserId(self.user)).await {
            Ok(user) => user,
            // Who is gone needs no letter.
            Err(IdentityError::NoAccount) => return Ok(()),
            Err(other) => return Err(Failure::again(other.code())),
        };
        write_to(at, tx, &user, self.occasion).await
    }
}

impl Run for StaffLetter {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        let mut tx = at.begin().await?;
        // Who works here no more is told nothing of the store.
        let Ok(member) = staff::member(&mut tx, UserId(self.user)).await else { return Ok(()) };
        if self.occasion != Occasion::StockLow {
            return write_to(at, tx, &member.user, self.occasion).await;
        }
        let things: Vec<_> = stock::low(&mut tx, Limit::default()).await?.iter().map(named).collect();
        // More may have come since.
        if things.is_empty() {
            return Ok(());
        }
        let store = store(&mut tx).await?;
        tx.commit().await?;
        send(at, &store, (&member.user.email, &member.user.name), self.occasion, None, &things).await
    }
}

/// A variant of which little is left, in a line.
fn named(low: &LowStock) -> String {
    let options: Vec<_> = low.options.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let options = if options.is_empty() { String::new() } else { format!(" ({})", options.join(", ")) };
    format!("{} × {}{options}", low.available, low.product_name)
}

impl Run for ForgottenPassword {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        let Ok(email) = Email::parse(&self.email) else { return Ok(()) };
        let mut tx = at.begin().await?;
        let Some((user, _)) = identity::find_user(&mut tx, &email).await? else { return Ok(()) };
        if self.staff && identity::role_names_of(&mut tx, user.id).await?.is_empty() {
            return Ok(());
        }
        write_to(at, tx, &user, Occasion::Reset).await
    }
}

/// Writes to a user, with a new token where the occasion needs one: one that was made before is good no more.
async fn write_to(at: &InStore, mut tx: TenantTx, user: &User, occasion: Occasion) -> Result<(), Failure> {
    let purpose = match occasion {
        Occasion::Confirm => Some(Purpose::Confirm),
        Occasion::Reset => Some(Purpose::Reset),
        Occasion::KnownAlready
        | Occasion::Invitation
        | Occasion::ReviewsWaiting
        | Occasion::StockLow
        | Occasion::PaymentsWaiting => None,
    };
    let mut token = None;
    if let Some(purpose) = purpose {
        let made = identity::issue_token(&mut tx, user.id, purpose).await;
        token = Some(made.map_err(|err| Failure::again(err.code()))?);
    }
    let store = store(&mut tx).await?;
    tx.commit().await?;
    send(at, &store, (&user.email, &user.name), occasion, token.as_ref(), &[]).await
}

impl Run for InvitationLetter {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        let mut tx = at.begin().await?;
        let (invitation, token) = match staff::invitation_token(&mut tx, InvitationId(self.invitation)).await {
            Ok(found) => found,
            // Taken up, withdrawn, or replaced by a newer one.
            Err(StaffError::NoInvitation(_)) => return Ok(()),
            Err(other) => return Err(Failure::again(other.code())),
        };
        let store = store(&mut tx).await?;
        tx.commit().await?;
        let to = (&invitation.email, &invitation.name);
        send(at, &store, to, Occasion::Invitation, Some(&token), &[]).await
    }
}

impl Run for CustomerLetter {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        let id = LetterId(self.letter);
        let mut tx = at.begin_read().await?;
        // It has left, or its reader was erased.
        let Some(letter) = customers::letter(&mut tx, id).await? else { return Ok(()) };
        let store = store(&mut tx).await?;
        drop(tx);
        post(&at.shared, &letter.mail(store.name.as_str())).await?;
        let mut tx = at.begin().await?;
        customers::letter_left(&mut tx, id).await?;
        Ok(tx.commit().await?)
    }
}

pub(super) async fn store(tx: &mut TenantTx) -> Result<Store, Failure> {
    registry::this_store(tx).await.map_err(|err| Failure::again(err.code()))
}

async fn send(
    at: &InStore,
    store: &Store,
    (to, name): (&Email, &PersonName),
    occasion: Occasion,
    token: Option<&RefreshToken>,
    things: &[String],
) -> Result<(), Failure> {
    let place = match occasion {
        Occasion::Confirm => "account/confirm",
        Occasion::Reset => "account/reset-password",
        Occasion::KnownAlready => "account/login",
        Occasion::Invitation => "staff/accept-invitation",
        Occasion::ReviewsWaiting => "staff/reviews",
        Occasion::StockLow => "staff/stock",
        Occasion::PaymentsWaiting => "staff/payments",
    };
    let token = token.map(|token| format!("?token={}", token.reveal())).unwrap_or_default();
    let link = format!("{}/{place}{token}", at.shared.store_url(store.slug.as_str()));
    let letter = Letter {
        occasion,
        language: Language::of_tag(store.language.as_str()),
        sender: store.name.as_str(),
        name: name.as_str(),
        link: &link,
        things,
    };
    hand_over(&at.shared, &letter, to).await
}

impl RunPlatform for ForgottenOperatorPassword {
    async fn run(self, at: &InPlatform) -> Result<(), Failure> {
        let Ok(email) = Email::parse(&self.email) else { return Ok(()) };
        let mut tx = at.shared.platform.begin().await?;
        let Some((operator, _)) = identity::find_operator(&mut tx, &email).await? else { return Ok(()) };
        let token = identity::issue_operator_token(&mut tx, operator.id).await;
        let token = token.map_err(|err| Failure::again(err.code()))?;
        tx.commit().await?;
        let link = format!("{}/platform/reset-password?token={}", at.shared.base_url, token.reveal());
        let letter = Letter {
            occasion: Occasion::Reset,
            language: Language::English,
            sender: "Stoa",
            name: operator.name.as_str(),
            link: &link,
            things: &[],
        };
        hand_over(&at.shared, &letter, &operator.email).await
    }
}

async fn hand_over(shared: &Context, letter: &Letter<'_>, to: &Email) -> Result<(), Failure> {
    post(shared, &letter.write(to)).await
}

pub(super) async fn post(shared: &Context, mail: &Mail) -> Result<(), Failure> {
    shared.mailer.send(mail).await.map_err(|err| match err {
        MailError::Trouble(_) => Failure::again(err),
        MailError::NoServer | MailError::Refused(_) => Failure::never(err),
    })
}
