//! The pages that a buyer sees: plain HTML, no script, nothing from elsewhere.

use poem::Response;
use poem::http::{StatusCode, header};

const STYLE: &str = "body{font:18px/1.6 system-ui,sans-serif;max-width:32rem;margin:10vh auto;padding:0 1.5rem;\
    color:#1c2430;background:#fbfaf7}dt{color:#666;font-size:.85rem}dd{margin:0 0 .8rem}\
    button{display:block;width:100%;margin:.6rem 0;padding:.7rem;font:inherit;border:1px solid #b9b2a2;\
    border-radius:.4rem;background:#fff;cursor:pointer}button:first-of-type{background:#1c2430;color:#fff}\
    button:focus-visible{outline:3px solid #d08700;outline-offset:2px}";

/// A page with a title and a body of HTML.
pub(crate) fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let title = escape(title);
    Response::builder()
        .status(status)
        .content_type("text/html; charset=utf-8")
        // No `form-action`: browsers would hold it against the address that the buyer is sent back to.
        .header(header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'")
        .header(header::CACHE_CONTROL, "no-store")
        .body(format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
             <style>{STYLE}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"
        ))
}

/// A list of names with their values, and the buttons: what each does, and what it says.
pub(crate) fn choices(facts: &[(&str, &str)], buttons: &[(&str, &str)]) -> String {
    let facts: String = facts
        .iter()
        .map(|(name, value)| format!("<dt>{}</dt><dd dir=\"auto\">{}</dd>", escape(name), escape(value)))
        .collect();
    let buttons: String = buttons
        .iter()
        .map(|(value, says)| format!("<button name=\"do\" value=\"{value}\">{}</button>", escape(says)))
        .collect();
    format!("<dl>{facts}</dl><form method=\"post\">{buttons}</form>")
}

/// Sends the browser on, with a GET.
pub(crate) fn see_other(url: &str) -> Response {
    Response::builder().status(StatusCode::SEE_OTHER).header(header::LOCATION, url).body(())
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_shop_sends_becomes_a_tag() {
        let html = choices(&[("Order", "<script>alert('1')</script> \"&")], &[("pay", "Pay")]);
        assert!(html.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &quot;&amp;"), "{html}");
    }
}
