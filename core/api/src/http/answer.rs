//! Answers: serialised once by serde, with the version as `ETag`.

use bytes::Bytes;
use poem::http::{HeaderValue, StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchemaRef, Registry};
use poem_openapi::{ApiResponse, types::Type};
use serde::Serialize;
use std::marker::PhantomData;
use std::sync::Arc;

use super::Problem;
use super::etag::{etag_of, is_listed};

const JSON: &str = "application/json";

pub(super) fn described(
    status: u16,
    description: &'static str,
    schema: Option<MetaSchemaRef>,
    names: &[&str],
) -> MetaResponse {
    let header = |name: &&str| MetaHeader {
        name: (*name).to_owned(),
        description: None,
        required: true,
        deprecated: false,
        schema: String::schema_ref(),
    };
    MetaResponse {
        description,
        status: Some(status),
        status_range: None,
        content: schema.map(|schema| MetaMediaType { content_type: JSON, schema }).into_iter().collect(),
        headers: names.iter().map(header).collect(),
    }
}

/// What a thing looks like in an answer, for the audit.
pub fn json<T: Serialize>(value: &T) -> serde_json::Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn answered(status: StatusCode, bytes: Bytes) -> Response {
    Response::builder().status(status).content_type(JSON).body(bytes)
}

pub(super) fn serialised<T: Serialize>(value: &T) -> Result<Bytes, Problem> {
    serde_json::to_vec(value).map(Bytes::from).map_err(|err| {
        tracing::error!("An answer could not be serialised: {err}");
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "service.fault", "the answer could not be written")
    })
}

pub(super) fn set(response: &mut Response, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// 200 with something; where it can be changed, with its version as `ETag`: then it is [`Versioned`].
pub struct Answer<T, H = NoHeaders> {
    bytes: Bytes,
    version: Option<i64>,
    of: PhantomData<fn() -> (T, H)>,
}

/// 200 with something that can be changed, and its version as `ETag`.
pub type Versioned<T> = Answer<T, ItsVersion>;

/// The headers that the document promises with an answer.
pub trait Headers: 'static {
    /// Their names.
    const NAMES: &'static [&'static str];
}

/// None of its own.
pub enum NoHeaders {}

impl Headers for NoHeaders {
    const NAMES: &'static [&'static str] = &[];
}

/// The version, as `ETag`.
pub enum ItsVersion {}

impl Headers for ItsVersion {
    const NAMES: &'static [&'static str] = &["ETag"];
}

impl<T: Serialize> Answer<T> {
    /// An answer that has no version.
    ///
    /// # Errors
    /// 500 where `value` can't be written as JSON.
    pub fn plain(value: &T) -> Result<Self, Problem> {
        Ok(Self { bytes: serialised(value)?, version: None, of: PhantomData })
    }
}

impl<T: Serialize, H> Answer<T, H> {
    /// Something of this version.
    ///
    /// # Errors
    /// 500 where `value` can't be written as JSON.
    pub fn of_version(value: &T, version: i64) -> Result<Self, Problem> {
        Ok(Self { bytes: serialised(value)?, version: Some(version), of: PhantomData })
    }
}

impl<T, H> IntoResponse for Answer<T, H> {
    fn into_response(self) -> Response {
        let mut response = answered(StatusCode::OK, self.bytes);
        set(&mut response, header::CACHE_CONTROL, "no-store");
        if let Some(version) = self.version {
            set(&mut response, header::ETAG, &format!("\"{version}\""));
        }
        response
    }
}

impl<T: Type, H: Headers> ApiResponse for Answer<T, H> {
    fn meta() -> MetaResponses {
        MetaResponses { responses: vec![described(200, "Here it is.", Some(T::schema_ref()), H::NAMES)] }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// 201 with something new, its place and, where it can be changed, its version.
pub struct Created<T> {
    answer: Answer<T>,
    location: String,
}

impl<T: Serialize> Created<T> {
    /// Something new that is found at `location`.
    ///
    /// # Errors
    /// 500 where `value` can't be written as JSON.
    pub fn at(location: String, value: &T, version: i64) -> Result<Self, Problem> {
        Ok(Self { answer: Answer::of_version(value, version)?, location })
    }
}

impl<T> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = self.answer.into_response();
        response.set_status(StatusCode::CREATED);
        set(&mut response, header::LOCATION, &self.location);
        response
    }
}

impl<T: Type> ApiResponse for Created<T> {
    fn meta() -> MetaResponses {
        let headers = ["ETag", "Location"];
        MetaResponses { responses: vec![described(201, "It is there now.", Some(T::schema_ref()), &headers)] }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// 202 with the job that will do it, and its place.
pub struct Tracked<T> {
    answer: Answer<T>,
    location: String,
}

impl<T: Serialize> Tracked<T> {
    /// A job that is found at `location`.
    ///
    /// # Errors
    /// 500 where `value` can't be written as JSON.
    pub fn at(location: String, value: &T) -> Result<Self, Problem> {
        Ok(Self { answer: Answer::plain(value)?, location })
    }
}

impl<T> IntoResponse for Tracked<T> {
    fn into_response(self) -> Response {
        let mut response = self.answer.into_response();
        response.set_status(StatusCode::ACCEPTED);
        set(&mut response, header::LOCATION, &self.location);
        response
    }
}

impl<T: Type> ApiResponse for Tracked<T> {
    fn meta() -> MetaResponses {
        MetaResponses { responses: vec![described(202, "A job will do it.", Some(T::schema_ref()), &["Location"])] }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// 201 with something new, or 202 where it waits for somebody to do something first.
pub enum CreatedOr<T, W> {
    /// It is there.
    Created(Created<T>),
    /// It waits.
    Waits(Answer<W>),
}

impl<T, W> IntoResponse for CreatedOr<T, W> {
    fn into_response(self) -> Response {
        match self {
            Self::Created(created) => created.into_response(),
            Self::Waits(answer) => answer.into_response().with_status(StatusCode::ACCEPTED).into_response(),
        }
    }
}

impl<T: Type, W: Type> ApiResponse for CreatedOr<T, W> {
    fn meta() -> MetaResponses {
        let mut meta = Created::<T>::meta();
        meta.responses.push(described(202, "It waits for somebody to do something first.", Some(W::schema_ref()), &[]));
        meta
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
        W::register(registry);
    }
}

/// 201 with something new, or 200 where it was there already.
pub enum Found<T> {
    /// It is new.
    Created(Created<T>),
    /// It was there.
    Known(Versioned<T>),
}

impl<T> IntoResponse for Found<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Created(created) => created.into_response(),
            Self::Known(answer) => answer.into_response(),
        }
    }
}

impl<T: Type> ApiResponse for Found<T> {
    fn meta() -> MetaResponses {
        let mut meta = Created::<T>::meta();
        meta.responses.push(described(200, "It was there already.", Some(T::schema_ref()), ItsVersion::NAMES));
        meta
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// 202 with something that is done soon after.
pub struct Accepted<T>(Answer<T>);

impl<T: Serialize> Accepted<T> {
    /// Something that is on its way.
    ///
    /// # Errors
    /// 500 where `value` can't be written as JSON.
    pub fn new(value: &T) -> Result<Self, Problem> {
        Answer::plain(value).map(Self)
    }
}

impl<T> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        self.0.into_response().with_status(StatusCode::ACCEPTED).into_response()
    }
}

impl<T: Type> ApiResponse for Accepted<T> {
    fn meta() -> MetaResponses {
        MetaResponses { responses: vec![described(202, "It is done soon.", Some(T::schema_ref()), &[])] }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// 204: done, and nothing to say.
pub struct Done;

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl ApiResponse for Done {
    fn meta() -> MetaResponses {
        MetaResponses { responses: vec![described(204, "Done.", None, &[])] }
    }

    fn register(_: &mut Registry) {}
}

/// Something public as it is sent: bytes, and the hash of them that is its `ETag`.
#[derive(Clone)]
pub struct Shared {
    bytes: Bytes,
    etag: Arc<str>,
}

impl Shared {
    /// As it is sent.
    ///
    /// # Errors
    /// 500 where `value` can't be written as JSON.
    pub fn of<T: Serialize>(value: &T) -> Result<Self, Problem> {
        let bytes = serialised(value)?;
        let etag = etag_of(&bytes).into();
        Ok(Self { bytes, etag })
    }

    /// How many bytes it has.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }
}

/// 200 with something public, or 304 to a client that has it already. Its `ETag` is a hash of its bytes.
pub struct Shown<T> {
    shared: Shared,
    known: bool,
    of: PhantomData<fn() -> T>,
}

impl<T: Serialize> Shown<T> {
    /// The answer to a client that has what `if_none_match` names.
    ///
    /// # Errors
    /// 500 where `value` can't be written as JSON.
    pub fn new(value: &T, if_none_match: Option<&str>) -> Result<Self, Problem> {
        Ok(Self::shared(Shared::of(value)?, if_none_match))
    }
}

impl<T> Shown<T> {
    /// The answer to a client that has what `if_none_match` names, where it was made before, of a `T`.
    pub fn shared(shared: Shared, if_none_match: Option<&str>) -> Self {
        let known = if_none_match.is_some_and(|tags| is_listed(&shared.etag, tags));
        Self { shared, known, of: PhantomData }
    }
}

impl<T> IntoResponse for Shown<T> {
    fn into_response(self) -> Response {
        let Shared { bytes, etag } = self.shared;
        let mut response =
            if self.known { StatusCode::NOT_MODIFIED.into_response() } else { answered(StatusCode::OK, bytes) };
        set(&mut response, header::ETAG, &etag);
        // Shared caches may keep it, but must ask each time: what a merchant changes is seen at once.
        set(&mut response, header::CACHE_CONTROL, "public, no-cache");
        set(&mut response, header::VARY, "Host, Stoa-Store, Origin");
        response
    }
}

impl<T: Type> ApiResponse for Shown<T> {
    fn meta() -> MetaResponses {
        let unchanged = described(304, "The client has it already.", None, &["ETag"]);
        MetaResponses { responses: vec![described(200, "Here it is.", Some(T::schema_ref()), &["ETag"]), unchanged] }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}
