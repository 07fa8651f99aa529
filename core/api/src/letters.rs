//! Which letter goes out, and where its link leads: always to the registered address of the store, never to what a
//! request says it is.

use domain::identity::{RefreshToken, User};
use domain::mail::{Language, Letter, Occasion};
use kernel::Text as _;
use tenants::registry::Store;

use crate::App;

/// Sends a letter of a store to one of its users.
pub(crate) fn from_store(app: &App, store: &Store, to: &User, occasion: Occasion, token: Option<&RefreshToken>) {
    let place = match occasion {
        Occasion::Confirm => "account/confirm",
        Occasion::Reset => "account/reset-password",
        Occasion::KnownAlready => "account/login",
        Occasion::Invitation => "staff/accept-invitation",
    };
    let token = token.map(|token| format!("?token={}", token.reveal())).unwrap_or_default();
    let link = format!("{}/{place}{token}", app.store_url(store.slug.as_str()));
    let letter = Letter {
        occasion,
        language: Language::of_tag(store.language.as_str()),
        sender: store.name.as_str(),
        name: to.name.as_str(),
        link: &link,
    };
    app.post(letter.write(&to.email));
}
