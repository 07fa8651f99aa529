//! Entries.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

kernel::typed_id! {
    /// The id of an entry.
    EntryId
}

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// One of a store's staff.
    User(Uuid),
    /// An API key of a store.
    Key(Uuid),
    /// An operator of the platform.
    Operator(Uuid),
    /// Whoever has a shell on the server: `stoa store …`, `stoa user …`.
    Shell,
}

impl Actor {
    /// What kind of actor, in a word.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Key(_) => "api_key",
            Self::Operator(_) => "operator",
            Self::Shell => "shell",
        }
    }

    /// Its id.
    #[must_use]
    pub fn id(self) -> Uuid {
        match self {
            Self::User(id) | Self::Key(id) | Self::Operator(id) => id,
            Self::Shell => Uuid::nil(),
        }
    }
}

/// Where an act came from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Who acts.
    pub actor: Actor,
    /// The id of the request, or of the command.
    pub request: Uuid,
    /// The client's address.
    pub address: String,
}

impl Origin {
    /// A command that is run on the server itself.
    #[must_use]
    pub fn shell() -> Self {
        Self { actor: Actor::Shell, request: Uuid::now_v7(), address: "shell".to_owned() }
    }
}

/// What is done to what. The values are what the API shows, which holds no secrets.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The operation's name in the API's document.
    pub action: &'static str,
    /// What kind of thing it is done to.
    pub thing: &'static str,
    /// Which one.
    pub id: String,
    /// What it was.
    pub before: Option<Value>,
    /// What it is now.
    pub after: Option<Value>,
    /// Whose personal fields these are, so that they go when the person is erased.
    pub person: Option<String>,
}

impl Entry {
    /// An entry about one thing.
    pub fn new(action: &'static str, thing: &'static str, id: impl ToString) -> Self {
        Self { action, thing, id: id.to_string(), before: None, after: None, person: None }
    }

    /// About a person: a user, by its id, or an e-mail address.
    #[must_use]
    pub fn about(self, person: impl ToString) -> Self {
        Self { person: Some(person.to_string()), ..self }
    }

    /// With what the thing was.
    #[must_use]
    pub fn before(self, value: Value) -> Self {
        Self { before: Some(value), ..self }
    }

    /// With what the thing is now.
    #[must_use]
    pub fn after(self, value: Value) -> Self {
        Self { after: Some(value), ..self }
    }
}

/// An entry, read.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Its id.
    pub id: Uuid,
    /// When it was done.
    pub at: DateTime<Utc>,
    /// `user`, `api_key`, `operator` or `shell`.
    pub actor_kind: String,
    /// Who did it.
    pub actor_id: Uuid,
    /// The operation's name.
    pub action: String,
    /// What kind of thing it was done to.
    pub thing: String,
    /// Which one.
    pub thing_id: String,
    /// The request's id.
    pub request_id: Uuid,
    /// The client's address; none once a person was erased.
    pub address: Option<String>,
    /// What it was.
    pub before: Option<Value>,
    /// What it became.
    pub after: Option<Value>,
}
