//! Who signs in: users of a store, operators of the platform, their passwords and tokens.

mod error;
mod expired;
mod jobs;
mod mailed;
mod model;
mod operator_sessions;
mod operators;
mod ops;
mod passwords;
mod queries;
mod refresh;
mod sessions;
mod tokens;

pub use error::IdentityError;
pub use expired::{remove_expired, remove_expired_of_operators};
pub use jobs::{AccountLetter, ForgottenOperatorPassword, ForgottenPassword};
pub use mailed::{Purpose, issue_token, take_token};
pub use model::{Email, NewUser, Operator, OperatorId, Password, PersonName, Role, Surface, User, UserId};
pub use operator_sessions::{
    end_operator_session, is_operator_session_alive, renew_operator_session, start_operator_session,
};
pub use operators::{
    add_operator, find_operator, issue_operator_token, list_operators, operator, operator_password, remove_operator,
    set_operator_password, take_operator_token,
};
pub use ops::{
    add_user, confirm_email, find_user, give_role, is_email_confirmed, password_of, role_names_of, set_password, user,
};
pub use passwords::{PasswordHash, Passwords};
pub use refresh::{RefreshToken, Renewal};
pub use sessions::{LogIn, end_session, end_sessions, is_session_alive, log_ins_of, renew_session, start_session};
pub use tokens::{AccessToken, Audience, Claims, TokenKeys};
