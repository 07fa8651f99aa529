//! What a shopper who buys may get at, and what it asked before.

use domain::idempotency::Claim;
use domain::orders::{OrderTokens, Whose};
use poem::http::{StatusCode, header};
use sha2::{Digest as _, Sha256};

use super::Shopper;
use crate::http::{IdempotencyKey, Problem};

impl Shopper {
    /// Whose orders the caller may get at: those of the customer or, with a token, that of the token.
    ///
    /// # Errors
    /// 401 for a visitor without a token.
    pub fn whose(&self, token: Option<&str>) -> Result<Whose, Problem> {
        if let Some(token) = token {
            return Ok(Whose::Visitor(OrderTokens::hash(token)));
        }
        self.user.map(Whose::Customer).ok_or_else(|| {
            let detail = "log in, or send the order's token with the header `Stoa-Order-Token`";
            Problem::new(StatusCode::UNAUTHORIZED, "access.unauthenticated", detail)
                .with_header(header::WWW_AUTHENTICATE, "Bearer")
        })
    }

    /// A request that may be a repetition. A visitor is whoever has the token: that of the cart, or that of the order.
    pub fn claim(&self, operation: &'static str, key: IdempotencyKey, visitor: &str, request: [u8; 32]) -> Claim {
        let caller = match self.user {
            Some(id) => Claim::by_customer(id),
            None => Sha256::new_with_prefix("visitor").chain_update(visitor).finalize().into(),
        };
        Claim { operation, caller, key: key.0, request }
    }
}
