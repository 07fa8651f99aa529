//! `Idempotency-Key`: requests that may be repeated, and answers that are given again.

use std::marker::PhantomData;

use bytes::Bytes;
use domain::idempotency::{Kept, Key};
use kernel::{FieldError, Text as _};
use poem::http::{StatusCode, header};
use poem::{IntoResponse, Request, RequestBody, Response};
use poem_openapi::registry::{MetaParamIn, MetaRequest, MetaResponses, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::answer::{described, set};
use super::{Body, Problem};

/// What the caller names its request by. Required: without it, a request that is sent again would be done again.
#[derive(Debug, Clone)]
pub struct IdempotencyKey(pub Key);

const NAME: &str = "idempotency-key";

impl<'a> ApiExtractor<'a> for IdempotencyKey {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    const PARAM_IS_REQUIRED: bool = true;
    type ParamType = String;
    type ParamRawType = String;

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Header)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(MetaSchemaRef::Inline(Box::new(MetaSchema {
            description: Some(
                "A name of the caller's choice for this request. Sent again with the same name, it is answered as it was \
                 the first time, for 24 hours.",
            ),
            min_length: Some(Key::MIN),
            max_length: Some(Key::MAX),
            pattern: Key::PATTERN.map(str::to_owned),
            example: Some(Value::from(Key::EXAMPLE)),
            ..MetaSchema::new("string")
        })))
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<String>,
    ) -> poem::Result<Self> {
        let mut lines = request.headers().get_all(NAME).iter();
        let Some(sent) = lines.next() else {
            let detail = "send `Idempotency-Key` with a new UUID, so that the request can be sent again without harm";
            return Err(Problem::new(StatusCode::BAD_REQUEST, "request.idempotency_key_required", detail).into());
        };
        let alone = sent.to_str().ok().filter(|_| lines.next().is_none()).unwrap_or("");
        let key = Key::parse(alone)
            .map_err(|err| Problem::of_field(FieldError::new("/header/Idempotency-Key", err.to_string())))?;
        Ok(Self(key))
    }
}

/// The same where the caller may leave it out.
#[derive(Debug, Clone)]
pub struct OptionalKey(pub Option<IdempotencyKey>);

impl<'a> ApiExtractor<'a> for OptionalKey {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    type ParamType = String;
    type ParamRawType = String;

    fn param_in() -> Option<MetaParamIn> {
        IdempotencyKey::param_in()
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        IdempotencyKey::param_schema_ref()
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        options: ExtractParamOptions<String>,
    ) -> poem::Result<Self> {
        if request.headers().get(NAME).is_none() {
            return Ok(Self(None));
        }
        IdempotencyKey::from_request(request, body, options).await.map(|key| Self(Some(key)))
    }
}

/// A body whose meaning can be compared with that of another: white space and the order of fields count for nothing.
pub struct ComparedBody<T> {
    /// The body.
    pub value: T,
    /// SHA-256 of what it means.
    pub hash: [u8; 32],
}

impl<'a, T: Type + DeserializeOwned> ApiExtractor<'a> for ComparedBody<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Body::<T>::request_meta()
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let (value, bytes) = Body::<T>::with_bytes(request, body).await?;
        Ok(Self { value, hash: meaning(&bytes) })
    }
}

impl<T> ComparedBody<T> {
    /// SHA-256 of what is asked of the thing of this id.
    pub fn about(&self, id: Uuid) -> [u8; 32] {
        Sha256::new().chain_update(id).chain_update(self.hash).finalize().into()
    }
}

/// SHA-256 of what is asked of the thing of this id, where there is no more to say.
pub fn about(id: Uuid) -> [u8; 32] {
    Sha256::digest(id).into()
}

/// SHA-256 of JSON, written in one way.
fn meaning(json: &[u8]) -> [u8; 32] {
    let canonical = serde_json::from_slice::<Value>(json).ok().and_then(|value| serde_json::to_vec(&value).ok());
    Sha256::digest(canonical.as_deref().unwrap_or(json)).into()
}

/// The statuses that [`Once`] stands for.
pub trait Made: 'static {
    /// The status of the first answer.
    const STATUS: u16;
    /// The headers that the document promises.
    const HEADERS: &'static [&'static str];
}

/// 201, with the version and the place of what was made.
pub enum New {}

impl Made for New {
    const STATUS: u16 = 201;
    const HEADERS: &'static [&'static str] = &["ETag", "Location"];
}

/// 201, of what has no place of its own.
pub enum Booked {}

impl Made for Booked {
    const STATUS: u16 = 201;
    const HEADERS: &'static [&'static str] = &[];
}

/// 200, with nothing more.
pub enum Did {}

impl Made for Did {
    const STATUS: u16 = 200;
    const HEADERS: &'static [&'static str] = &[];
}

/// 200, with the version of what was changed.
pub enum Changed {}

impl Made for Changed {
    const STATUS: u16 = 200;
    const HEADERS: &'static [&'static str] = &["ETag"];
}

/// An answer that is kept and given again.
pub struct Once<T, M> {
    kept: Kept,
    of: PhantomData<fn() -> (T, M)>,
}

impl<T: Serialize, M: Made> Once<T, M> {
    /// The first answer.
    ///
    /// # Errors
    /// 500 where `value` can't be written as JSON.
    pub fn first(value: &T) -> Result<Self, Problem> {
        let answer = super::answer::serialised(value)?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        Ok(Self { kept: Kept { status: M::STATUS, answer, location: None, version: None }, of: PhantomData })
    }

    /// With the version of what was changed.
    #[must_use]
    pub fn of_version(mut self, version: i64) -> Self {
        self.kept.version = Some(version);
        self
    }

    /// With the place and version of what was made.
    #[must_use]
    pub fn at(mut self, location: String, version: i64) -> Self {
        self.kept.location = Some(location);
        self.kept.version = Some(version);
        self
    }
}

impl<T, M> Once<T, M> {
    /// The same answer again.
    ///
    /// # Errors
    /// Where the first answer was a refusal: the same refusal.
    pub fn again(kept: Kept) -> Result<Self, Problem> {
        if kept.status >= 400 { Err(refused_again(&kept)) } else { Ok(Self { kept, of: PhantomData }) }
    }

    /// With a secret where it was kept without: in the place of a null of that name.
    #[must_use]
    pub fn telling(mut self, name: &str, secret: &str) -> Self {
        // Quotes in texts are escaped, so that this stands nowhere else.
        let (null, told) = (format!("\"{name}\":null"), format!("\"{name}\":\"{secret}\""));
        self.kept.answer = self.kept.answer.replacen(&null, &told, 1);
        self
    }

    /// What is to be kept.
    pub fn kept(&self) -> &Kept {
        &self.kept
    }
}

impl<T, M> IntoResponse for Once<T, M> {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.kept.status).unwrap_or(StatusCode::OK);
        let mut response = Response::builder()
            .status(status)
            .content_type("application/json")
            .header(header::CACHE_CONTROL, "no-store")
            .body(Bytes::from(self.kept.answer));
        if let Some(location) = self.kept.location {
            set(&mut response, header::LOCATION, &location);
        }
        if let Some(version) = self.kept.version {
            set(&mut response, header::ETAG, &format!("\"{version}\""));
        }
        response
    }
}

impl<T: Type, M: Made> ApiResponse for Once<T, M> {
    fn meta() -> MetaResponses {
        let description = if M::STATUS == 201 { "It is there now." } else { "Done." };
        MetaResponses { responses: vec![described(M::STATUS, description, Some(T::schema_ref()), M::HEADERS)] }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// Names of refusals that changed something, and are kept therefore, with the members that they have.
const REFUSALS: &[(&str, &[&str])] = &[("order.out_of_stock", &["shortages"])];

impl Problem {
    /// A refusal that changed something, as it is kept.
    #[must_use]
    pub fn kept(&self) -> Kept {
        let members: serde_json::Map<_, _> =
            self.members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let answer = json!({ "code": self.code, "detail": self.detail, "members": members }).to_string();
        Kept { status: self.status.as_u16(), answer, location: None, version: None }
    }
}

fn refused_again(kept: &Kept) -> Problem {
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::CONFLICT);
    let answer: Value = serde_json::from_str(&kept.answer).unwrap_or_default();
    let known = REFUSALS.iter().find(|(code, _)| answer["code"] == *code);
    let (code, members) = known.copied().unwrap_or(("request.refused", &[]));
    let detail = answer["detail"].as_str().unwrap_or("it was refused before");
    members.iter().fold(Problem::new(status, code, detail), |problem, name| {
        problem.with_member(name, answer["members"][*name].clone())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_the_same_again() {
        let shortages = vec![json!({ "available": 1 })];
        let first =
            Problem::new(StatusCode::CONFLICT, "order.out_of_stock", "none").with_member("shortages", shortages);
        assert_eq!(refused_again(&first.kept()).body("1"), first.body("1"));
    }

    #[test]
    fn bodies_are_compared_by_what_they_mean() {
        let same = [r#"{"a": 1, "b": [true, "x"]}"#, "{ \"b\":[true,\"\\u0078\"],\n\"a\":1 }"];
        assert_eq!(meaning(same[0].as_bytes()), meaning(same[1].as_bytes()));
        assert_ne!(meaning(same[0].as_bytes()), meaning(br#"{"a": 2, "b": [true, "x"]}"#));
    }
}
