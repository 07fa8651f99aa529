//! Addresses.

use chrono::{DateTime, Utc};
use kernel::{Country, Line};

use crate::customers::Phone;
use crate::identity::PersonName;

kernel::typed_id! {
    /// The id of an address that a customer keeps.
    AddressId
}

/// A street and a number, or what stands for them.
pub type AddressLine = Line<200>;
/// A town.
pub type City = Line<100>;
/// A state, a province, a county.
pub type Region = Line<100>;
/// A postal code, as its country writes it.
pub type PostalCode = Line<20>;

/// Where something can be sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Who receives there.
    pub name: PersonName,
    /// Street and number.
    pub line1: AddressLine,
    /// What does not fit there.
    pub line2: Option<AddressLine>,
    /// The town.
    pub city: City,
    /// Where the country has some.
    pub region: Option<Region>,
    /// Where the country has some.
    pub postal_code: Option<PostalCode>,
    /// The country.
    pub country: Country,
    /// For who brings it.
    pub phone: Option<Phone>,
}

/// An address that a customer keeps.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its id.
    pub id: AddressId,
    /// The address.
    pub address: Address,
    /// Whether it is the one to be taken where no other is named.
    pub is_default: bool,
    /// Counts its changes.
    pub version: i64,
    /// When it was added.
    pub created_at: DateTime<Utc>,
}

/// What of an address is to be changed; what is left out stays, and `Some(None)` takes away.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are an address's")]
pub struct AddressChange {
    pub name: Option<PersonName>,
    pub line1: Option<AddressLine>,
    pub line2: Option<Option<AddressLine>>,
    pub city: Option<City>,
    pub region: Option<Option<Region>>,
    pub postal_code: Option<Option<PostalCode>>,
    pub country: Option<Country>,
    pub phone: Option<Option<Phone>>,
    pub is_default: Option<bool>,
}

impl AddressChange {
    /// The address as this makes it.
    pub(super) fn onto(self, old: Address) -> Address {
        Address {
            name: self.name.unwrap_or(old.name),
            line1: self.line1.unwrap_or(old.line1),
            line2: self.line2.unwrap_or(old.line2),
            city: self.city.unwrap_or(old.city),
            region: self.region.unwrap_or(old.region),
            postal_code: self.postal_code.unwrap_or(old.postal_code),
            country: self.country.unwrap_or(old.country),
            phone: self.phone.unwrap_or(old.phone),
        }
    }
}
