//! What the server answered.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, where that is JSON.
    pub json: Value,
    /// Its body.
    pub text: String,
}

impl Answer {
    /// Sends a request, and reads what comes back.
    pub async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self { status, headers, json, text }
    }

    /// Goes on if the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    /// Goes on if this is a problem of this status and name, well-formed and with the id of its request.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Self {
        let found = (self.status.as_u16(), self.json["code"].as_str().unwrap_or("no code"));
        assert_eq!(found, (status, code), "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.json["status"], status);
        assert_eq!(self.json["request_id"], self.header("stoa-request-id"));
        self
    }

    /// Goes on if the problem blames the field at `pointer`.
    #[track_caller]
    pub fn blames(self, pointer: &str) -> Self {
        let blamed = self.json["errors"].as_array().into_iter().flatten();
        assert!(blamed.into_iter().any(|field| field["pointer"] == pointer), "{pointer} is not blamed: {}", self.text);
        self
    }

    /// A header; empty where it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// A text in the body.
    #[track_caller]
    #[must_use]
    pub fn text_at(&self, pointer: &str) -> String {
        self.json
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("no {pointer}: {}", self.text))
            .to_owned()
    }

    /// What the answer shows about a thing, headers and body, once what differs with every request is masked: the
    /// request's id, the date, and `id` where it is echoed; of a path with several, each of
    /// them.
    #[must_use]
    pub fn masked(&self, id: &str) -> (u16, String) {
        let masked = |text: &str| {
            let text = text.replace(self.header("stoa-request-id"), "REQUEST");
            id.split('/').fold(text, |text, id| text.replace(id, "ID"))
        };
        let headers = self.headers.iter().filter(|(name, _)| !["date", "content-length"].contains(&name.as_str()));
        let mut lines: Vec<_> = headers.map(|(name, value)| masked(&format!("{name}: {value:?}"))).collect();
        lines.sort_unstable();
        lines.push(masked(&self.text));
        (self.status.as_u16(), lines.join("\n"))
    }
}
