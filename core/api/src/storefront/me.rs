//! A shopper's own account.

use chrono::NaiveDate;
use domain::customers::{self, BirthDate, CustomerChange, Phone};
use domain::identity::PersonName;
use domain::privacy::{self, PrivacyError};
use kernel::Text as _;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::guard::Customer;
use crate::http::{
    Answer, Body, Done, Fail, In, Maybe, OptionalVersion, OwnChanges, OwnReads, OwnRemoves, Versioned, given,
};
use crate::session::gone;
use crate::tag::Tag;

pub(crate) struct MeApi;

#[OpenApi(prefix_path = "/me", tag = "Tag::Account")]
impl MeApi {
    /// Get one's own account
    ///
    /// Who is logged in.
    #[oai(path = "/", method = "get", operation_id = "getMe")]
    async fn get(&self, customer: Customer) -> Result<Versioned<ProfileShown>, Fail<OwnReads>> {
        let found =
            customers::customer(&mut customer.begin_read().await?, customer.user).await.map_err(gone::<OwnReads>)?;
        Ok(Answer::of_version(&ProfileShown::from(&found), found.version)?)
    }

    /// Change one's own account
    ///
    /// What is left out stays.
    #[oai(path = "/", method = "patch", operation_id = "changeMe")]
    async fn change(
        &self,
        customer: Customer,
        #[oai(name = "If-Match")] expected: OptionalVersion,
        body: Body<ProfileBody>,
    ) -> Result<Versioned<ProfileShown>, Fail<OwnChanges>> {
        let ProfileBody { name, phone, birth_date } = body.0;
        let change = CustomerChange {
            name: name.map(|name| name.0),
            phone: phone.change(|phone| phone.0),
            birth_date: birth_date.change(|date| date.0),
        };
        let mut tx = customer.begin().await?;
        let changed = customers::change_customer(&mut tx, customer.user, expected.0, &change)
            .await
            .map_err(gone::<OwnChanges>)?;
        tx.commit().await?;
        Ok(Answer::of_version(&ProfileShown::from(&changed), changed.version)?)
    }

    /// Delete one's own account
    ///
    /// With all that is the person's own: addresses, wishlist, reviews with their stars, whose the orders were. Not while an order is open. Somebody who works here must leave the staff first.
    #[oai(path = "/", method = "delete", operation_id = "deleteMe")]
    async fn delete(
        &self,
        customer: Customer,
        #[oai(name = "If-Match")] expected: OptionalVersion,
    ) -> Result<Done, Fail<OwnRemoves>> {
        let mut tx = customer.begin().await?;
        privacy::erase(&mut tx, customer.user, expected.0).await.map_err(|err| match err {
            PrivacyError::Identity(err) => gone::<OwnRemoves>(err),
            other => other.into(),
        })?;
        tx.commit().await?;
        Ok(Done)
    }
}

/// What of an account is to be changed; what is left out stays.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileBody {
    /// The person's name.
    #[serde(default, deserialize_with = "given")]
    name: Option<In<PersonName>>,
    /// Where the person can be called; null takes it away.
    #[serde(default)]
    phone: Maybe<In<Phone>>,
    /// When the person was born; null takes it away.
    #[serde(default)]
    birth_date: Maybe<In<BirthDate>>,
}

/// A shopper's own account.
#[derive(Object, Serialize)]
#[oai(rename = "Profile")]
struct ProfileShown {
    /// Its id.
    id: Uuid,
    /// The e-mail address, in lower case.
    email: String,
    /// Whether the person proved that the address is its own.
    email_confirmed: bool,
    /// The person's name.
    name: String,
    /// Where the person can be called.
    phone: Option<String>,
    /// When the person was born.
    birth_date: Option<NaiveDate>,
}

impl From<&customers::Customer> for ProfileShown {
    fn from(customer: &customers::Customer) -> Self {
        Self {
            id: customer.user.id.0,
            email: customer.user.email.as_str().to_owned(),
            email_confirmed: customer.email_confirmed,
            name: customer.user.name.as_str().to_owned(),
            phone: customer.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            birth_date: customer.birth_date,
        }
    }
}
