//! The mailbox page: what the deployment would have sent, for developers to read.

use std::sync::Arc;

use adapters::mail::Mailbox;
use poem::http::header;
use poem::{Endpoint, Response, endpoint::make_sync, get};

/// `/dev/mailbox`: the letters, the newest first; as JSON for who asks for that.
pub(crate) fn page(mailbox: Arc<Mailbox>) -> impl Endpoint {
    get(make_sync(move |request| {
        let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
        if accept.is_some_and(|accept| accept.contains("json")) {
            return Response::builder().content_type("application/json").body(json(&mailbox));
        }
        Response::builder()
            .content_type("text/html; charset=utf-8")
            .header(header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'")
            .body(html(&mailbox))
    }))
}

fn json(mailbox: &Mailbox) -> String {
    let letter = |letter: adapters::mail::Received| {
        serde_json::json!({
            "to": letter.to, "from": letter.from_name, "subject": letter.subject, "text": letter.text,
        })
    };
    serde_json::Value::from_iter(mailbox.letters().into_iter().map(letter)).to_string()
}

fn html(mailbox: &Mailbox) -> String {
    let mut page = String::from(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Mailbox</title><style>\
         body{font:16px/1.6 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1.5rem;color:#1c2430;background:#fbfaf7}\
         article{border-top:1px solid #e4e0d6;padding:1rem 0}pre{white-space:pre-wrap;font:inherit;margin:.5rem 0}\
         small{color:#666}</style></head><body><h1>Mailbox</h1>",
    );
    let letters = mailbox.letters();
    if letters.is_empty() {
        page += "<p>Nothing was sent yet. Register, ask for a new password, or invite somebody.</p>";
    }
    for letter in letters {
        let [from, to, subject, text] =
            [&letter.from_name, &letter.to, &letter.subject, &letter.text].map(|t| escape(t));
        page += &format!(
            "<article><small>{from} → {to}</small><h3 dir=\"auto\">{subject}</h3><pre dir=\"auto\">{text}</pre></article>"
        );
    }
    page + "</body></html>"
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
