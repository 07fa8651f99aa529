//! The permissions, and sets of them.

use std::fmt;

use kernel::{Text, TextError};

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)*) => {
        /// Something that a caller may or may not do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Permission {
            $($(#[$doc])* $name,)*
        }

        impl Permission {
            /// All of them, in the order in which tables show them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];
            const WORDS: &[&'static str] = &[$($word,)*];

            /// Its name in the policy, in roles, in scopes of keys, and in the API.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

permissions! {
    /// See the store's settings.
    StoreRead = "store.read";
    /// Change them.
    StoreWrite = "store.write";
    /// Close the store for good.
    StoreClose = "store.close";
    /// See who works here, and in which roles.
    StaffRead = "staff.read";
    /// Invite, change and remove staff, and define roles.
    StaffWrite = "staff.write";
    /// See API keys.
    KeysRead = "keys.read";
    /// Make and revoke them.
    KeysWrite = "keys.write";
    /// Read who did what.
    AuditRead = "audit.read";
    /// See categories and products, visible or not.
    CatalogRead = "catalog.read";
    /// Change them.
    CatalogWrite = "catalog.write";
    /// See stock.
    StockRead = "stock.read";
    /// Adjust it.
    StockWrite = "stock.write";
    /// See discounts and coupons.
    PromotionsRead = "promotions.read";
    /// Change them.
    PromotionsWrite = "promotions.write";
    /// See reviews, approved or not.
    ReviewsRead = "reviews.read";
    /// Approve and reject them.
    ReviewsWrite = "reviews.write";
    /// See customers.
    CustomersRead = "customers.read";
    /// Change, export and erase them.
    CustomersWrite = "customers.write";
    /// Send one of them a private e-mail.
    CustomersEmail = "customers.email";
    /// See orders.
    OrdersRead = "orders.read";
    /// Fulfil, cancel and annotate them.
    OrdersWrite = "orders.write";
    /// Delete them.
    OrdersDelete = "orders.delete";
    /// Pay money back.
    OrdersRefund = "orders.refund";
    /// See payments.
    PaymentsRead = "payments.read";
    /// Capture and void them.
    PaymentsWrite = "payments.write";
    /// See payment gateways.
    GatewaysRead = "gateways.read";
    /// Switch them on and off, and set them up.
    GatewaysWrite = "gateways.write";
    /// See webhooks and their deliveries.
    WebhooksRead = "webhooks.read";
    /// Change them, and send again.
    WebhooksWrite = "webhooks.write";
    /// See exports.
    ExportsRead = "exports.read";
    /// Make them.
    ExportsWrite = "exports.write";
    /// See how far imports and exports are.
    JobsRead = "jobs.read";
    /// Stop them.
    JobsWrite = "jobs.write";
    /// See figures.
    ReportsRead = "reports.read";
}

impl Permission {
    /// The permission of that name.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permission| permission.as_str() == word)
    }

    /// Whether it changes something; a suspended store's staff has none of these.
    #[must_use]
    pub fn writes(self) -> bool {
        !self.as_str().ends_with(".read")
    }

    fn bit(self) -> u64 {
        1 << (self as u64)
    }
}

impl Text for Permission {
    const NAME: &'static str = "permission";
    const MIN: usize = 1;
    const MAX: usize = 40;
    const VALUES: &'static [&'static str] = Self::WORDS;
    const EXAMPLE: &'static str = "catalog.read";

    fn parse(text: &str) -> Result<Self, TextError> {
        Self::read(text)
            .ok_or_else(|| TextError::new("there is no such permission; GET /admin/v1/permissions lists them"))
    }

    fn as_str(&self) -> &str {
        Self::as_str(*self)
    }
}

/// A set of permissions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Permissions(u64);

impl Permissions {
    /// None.
    pub const NONE: Self = Self(0);

    /// Whether `permission` is in it.
    #[must_use]
    pub fn holds(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// Whether all of it is in `other`.
    #[must_use]
    pub fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// What is in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in it, in the order of [`Permission::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.holds(*permission))
    }

    /// What is in it, by name.
    #[must_use]
    pub fn names(self) -> Vec<String> {
        self.iter().map(|permission| permission.as_str().to_owned()).collect()
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().fold(0, |set, permission| set | permission.bit()))
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Permission::as_str)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_hold_what_was_put_in() {
        assert!(Permission::ALL.len() <= 64, "a set is 64 bits");
        let all: Permissions = Permission::ALL.iter().copied().collect();
        assert_eq!(all.iter().count(), Permission::ALL.len());
        let some: Permissions = [Permission::StaffRead, Permission::ReportsRead].into_iter().collect();
        assert!(some.is_within(all) && !all.is_within(some) && Permissions::NONE.is_within(some));
        assert_eq!(some.names(), ["staff.read", "reports.read"]);
        assert_eq!(Permission::read("orders.refund"), Some(Permission::OrdersRefund));
        assert!(Permission::OrdersDelete.writes() && !Permission::AuditRead.writes());
    }
}
