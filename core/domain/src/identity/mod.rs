//! Who signs in: users of a store, operators of the platform, their passwords and tokens.

mod error;
mod model;
mod operators;
mod ops;
mod passwords;
mod queries;
mod refresh;
mod tokens;

pub use error::IdentityError;
pub use model::{Email, NewUser, Operator, OperatorId, Password, PersonName, Role, Surface, User, UserId};
pub use operators::{
    add_operator, end_operator_session, find_operator, operator, renew_operator_session, set_operator_password,
    start_operator_session,
};
pub use ops::{
    add_user, end_session, find_user, give_role, renew_session, roles_of, set_password, start_session, user,
};
pub use passwords::{PasswordHash, Passwords};
pub use refresh::{RefreshToken, Renewal};
pub use tokens::{AccessToken, Audience, Claims, TokenKeys};
