//! What authors of gateways do, from an empty folder to a server.

use std::path::Path;
use std::process::Output;

use super::{Dev, folder, stoa};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    stoa(folder).args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &*String::from_utf8_lossy(&output.stderr)
}

/// A gateway in JavaScript: that takes seconds. `.ci/gateways` does the same in Rust.
#[test]
fn a_gateway_is_begun_examined_repeated_and_published() {
    let place = folder();
    let began = run(place.path(), &["gateway", "new", "--lang", "js", "acme-pay"]);
    assert!(began.status.success(), "{}", said(&began));
    let own = place.path().join("acme-pay");
    let tested = run(&own, &["gateway", "test"]);
    if bundle::gateway("bank-transfer").is_err() {
        // This machine builds no JavaScript, and says why in a line.
        assert!(!tested.status.success() && said(&tested).contains("Node 20"), "{}", said(&tested));
        return;
    }
    assert!(tested.status.success() && said(&tested).contains(" 0 bad"), "{}", said(&tested));

    let component = run(&own, &["gateway", "inspect", "target/acme-pay.wasm"]);
    assert!(said(&component).contains("hosts         api.example.com"), "{}", said(&component));
    let repeat = ["gateway", "run", "--replay", "recordings/verify-paid.json"];
    assert!(said(&run(&own, &repeat)).contains("It came out as it was recorded."));

    let dev = Dev::start(place.path(), &["--no-demo"]);
    let publish = |password: &str| {
        let mut command = stoa(&own);
        command.env("STOA_OPERATOR_EMAIL", dev.text("/operator/email")).env("STOA_OPERATOR_PASSWORD", password);
        command.args(["gateway", "publish", "--server", dev.text("/url")]).output().unwrap()
    };
    let refused = publish("not the operator's password");
    assert!(!refused.status.success() && said(&refused).contains("401"), "{}", said(&refused));
    let password = dev.text("/operator/password");
    for _ in 0..2 {
        // The same bytes again are the version that is there.
        let published = publish(password);
        assert!(said(&published).starts_with("acme-pay 0.1.0 is uploaded"), "{}", said(&published));
    }

    // Other bytes need another version; and what they do wrong is found.
    let source = own.join("src/gateway.js");
    let good = std::fs::read_to_string(&source).unwrap();
    std::fs::write(&source, good.replace("answer.amount, currency", "payment.expected.minorUnits, currency")).unwrap();
    let tested = run(&own, &["gateway", "test"]);
    let told = said(&tested);
    assert!(!tested.status.success() && told.contains("FAIL  verify/sum") && told.contains("look at: "), "{told}");
    let other = publish(password);
    assert!(!other.status.success() && said(&other).contains("409"), "{}", said(&other));
}

#[test]
fn what_is_no_gateway_is_said_in_a_line() {
    let place = folder();
    for arguments in [
        &["gateway", "build", "."][..],
        &["gateway", "test", "nowhere"],
        &["gateway", "inspect", "nothing.wasm"],
        &["gateway", "new", "Not a name"],
        &["gateway", "publish", "--server", "http://shops.example", "--email", "a@b.example", "--password", "x"],
    ] {
        let output = run(place.path(), arguments);
        let told = said(&output);
        assert!(!output.status.success() && told.starts_with("stoa: ") && told.lines().count() == 1, "{told}");
    }
}
