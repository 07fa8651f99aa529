//! The token by which a visitor gets at the own order: derived, so that an answer that is given again holds it without its
//! being stored.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};
use tenants::TenantId;

use super::OrderId;
use crate::MasterKey;

/// Derives the tokens of orders.
#[derive(Clone)]
pub struct OrderTokens {
    key: [u8; 32],
}

impl OrderTokens {
    /// Of this deployment.
    #[must_use]
    pub fn of_deployment(master: &MasterKey) -> Self {
        Self { key: master.derive("order tokens") }
    }

    /// The token of an order.
    #[must_use]
    pub fn of(&self, store: TenantId, order: OrderId) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(store.0.as_bytes());
        mac.update(order.0.as_bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }

    /// What is stored of a token, and compared with what somebody sends.
    #[must_use]
    pub fn hash(token: &str) -> [u8; 32] {
        Sha256::digest(token).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_has_one_token_and_no_other_order_has_it() {
        let tokens = OrderTokens { key: [1; 32] };
        let (store, order) = (TenantId::generate(), OrderId::generate());
        assert_eq!(tokens.of(store, order), tokens.of(store, order));
        assert_ne!(tokens.of(store, order), tokens.of(store, OrderId::generate()));
        assert_ne!(tokens.of(store, order), tokens.of(TenantId::generate(), order));
        assert_ne!(tokens.of(store, order), OrderTokens { key: [2; 32] }.of(store, order));
    }
}
