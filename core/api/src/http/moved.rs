//! Answers to old addresses.

use poem::http::{StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaResponses, Registry};
use poem_openapi::types::Type;

use super::Shown;
use super::answer::{described, set};

/// 200 with something public, or 308 to where it is found now.
pub enum ShownOrMoved<T> {
    /// Here it is.
    Shown(Shown<T>),
    /// It has this address now.
    Moved(String),
}

impl<T> IntoResponse for ShownOrMoved<T> {
    fn into_response(self) -> Response {
        let location = match self {
            Self::Shown(shown) => return shown.into_response(),
            Self::Moved(location) => location,
        };
        let mut response = StatusCode::PERMANENT_REDIRECT.into_response();
        set(&mut response, header::LOCATION, &location);
        // Something new may take the old address: caches must ask.
        set(&mut response, header::CACHE_CONTROL, "public, no-cache");
        set(&mut response, header::VARY, "Host, Stoa-Store, Origin");
        response
    }
}

impl<T: Type> ApiResponse for ShownOrMoved<T> {
    fn meta() -> MetaResponses {
        let mut meta = Shown::<T>::meta();
        meta.responses.push(described(308, "It has another address now.", None, &["Location"]));
        meta
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}
