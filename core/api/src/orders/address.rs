//! Addresses in bodies and answers.

use domain::customers::Phone;
use domain::orders::{Address, CopiedAddress};
use kernel::{Country, Line};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use crate::http::{In, given};

/// Where goods go.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddressBody {
    /// Who takes them.
    name: In<Line<200>>,
    /// Street and number.
    line1: In<Line<200>>,
    /// More of it.
    #[serde(default, deserialize_with = "given")]
    line2: Option<In<Line<200>>>,
    /// The town.
    city: In<Line<100>>,
    /// The part of the country.
    #[serde(default, deserialize_with = "given")]
    region: Option<In<Line<100>>>,
    /// The postal code.
    #[serde(default, deserialize_with = "given")]
    postal_code: Option<In<Line<20>>>,
    /// The country (ISO 3166-1 alpha-2).
    country: In<Country>,
    /// Where the carrier can call.
    #[serde(default, deserialize_with = "given")]
    phone: Option<In<Phone>>,
}

impl From<AddressBody> for Address {
    fn from(body: AddressBody) -> Self {
        Self {
            name: body.name.0,
            line1: body.line1.0,
            line2: body.line2.map(|line| line.0),
            city: body.city.0,
            region: body.region.map(|region| region.0),
            postal_code: body.postal_code.map(|code| code.0),
            country: body.country.0,
            phone: body.phone.map(|phone| phone.0),
        }
    }
}

/// Where goods go.
#[derive(Object, Serialize)]
#[oai(rename = "Address")]
pub(crate) struct AddressShown {
    /// Who takes them.
    name: String,
    /// Street and number.
    line1: String,
    /// More of it.
    line2: Option<String>,
    /// The town.
    city: String,
    /// The part of the country.
    region: Option<String>,
    /// The postal code.
    postal_code: Option<String>,
    /// The country (ISO 3166-1 alpha-2).
    country: String,
    /// Where the carrier can call.
    phone: Option<String>,
}

impl From<CopiedAddress> for AddressShown {
    fn from(address: CopiedAddress) -> Self {
        let CopiedAddress { name, line1, line2, city, region, postal_code, country, phone } = address;
        Self { name, line1, line2, city, region, postal_code, country, phone }
    }
}
