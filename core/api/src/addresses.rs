//! Addresses, as shoppers and staff see them.

use chrono::{DateTime, Utc};
use domain::addresses::Kept;
use kernel::Text;
use poem_openapi::Object;
use serde::Serialize;
use uuid::Uuid;

/// An address that a customer keeps.
#[derive(Object, Serialize)]
#[oai(rename = "KeptAddress")]
pub(crate) struct AddressShown {
    /// Its id.
    id: Uuid,
    /// Who receives there.
    name: String,
    /// Street and number.
    line1: String,
    /// What does not fit there.
    line2: Option<String>,
    /// The town.
    city: String,
    /// Where the country has some.
    region: Option<String>,
    /// Where the country has some.
    postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    country: String,
    /// For who brings it.
    phone: Option<String>,
    /// Whether it is the one to be taken where no other is named.
    is_default: bool,
    /// When it was added.
    created_at: DateTime<Utc>,
}

impl From<&Kept> for AddressShown {
    fn from(kept: &Kept) -> Self {
        fn text(text: Option<&impl Text>) -> Option<String> {
            text.map(|text| text.as_str().to_owned())
        }
        let address = &kept.address;
        Self {
            id: kept.id.0,
            name: address.name.as_str().to_owned(),
            line1: address.line1.as_str().to_owned(),
            line2: text(address.line2.as_ref()),
            city: address.city.as_str().to_owned(),
            region: text(address.region.as_ref()),
            postal_code: text(address.postal_code.as_ref()),
            country: address.country.as_str().to_owned(),
            phone: text(address.phone.as_ref()),
            is_default: kept.is_default,
            created_at: kept.created_at,
        }
    }
}
