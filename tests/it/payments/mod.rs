//! Payments through gateways: the components that come with a build, run by the real host, against providers that keep books of
//! their own. What counts at the end is that those books and the store's say the same.

mod asked;
mod late;
mod lies;
mod purchase;
mod refunds;
mod watched;
mod webhooks;

use std::net::{Ipv4Addr, SocketAddr};

use domain::MasterKey;
use host::{CodeFolder, Compiler, Options};
use kit::{Fault, How, Operation, Providers, What};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use server::gateways::GatewayHost;
use tests::{Answer, Mall, Shop};
use url::Url;

use crate::orders::{adjust, new_key};

/// What a lamp costs, in rials.
const LAMP: i64 = 500_000;

/// A mall whose gateways run, with the providers that they ask.
struct Bank {
    mall: Mall,
    providers: Providers,
}

impl Bank {
    async fn open() -> Self {
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let providers = kit::start(anywhere, anywhere).await.unwrap();
        // Compiled once for all stories.
        let path = tests::own_folder("gateways").join("compiled");
        let folder = Some(CodeFolder { path, key: MasterKey::new([7; 32]).derive("gateway code") });
        let options = Options { allow_loopback: true, compiler: Compiler::Here, folder, ..Options::default() };
        let host = GatewayHost::Sandbox(Box::new(options));
        Self { mall: Mall::open_with(|config| config.gateways = host).await, providers }
    }

    /// A store in rials that takes Zarinpal and the fake provider, with so many lamps: the store, and the lamp.
    async fn shop(&self, lamps: i64) -> (Shop<'_>, String) {
        let shop = self.mall.open_store_in("IRR").await;
        self.sets(&shop, "zarinpal", self.zarinpal()).await;
        self.sets(&shop, "fake", self.fake(&shop)).await;
        let product = json!({ "name": "Lamp", "price": { "amount": LAMP, "currency": "IRR" } });
        let lamp = shop.owner().post("/products", &product).await.expect(201).text_at("/variants/0/id");
        adjust(&shop, &lamp, lamps).await;
        (shop, lamp)
    }

    async fn sets(&self, shop: &Shop<'_>, gateway: &str, settings: Value) {
        let owner = shop.owner();
        let request = owner.request(Method::PUT, &format!("/gateways/{gateway}")).header("If-Match", "*");
        Answer::of(request.json(&json!({ "sandbox": true, "settings": settings }))).await.expect(200);
    }

    fn zarinpal(&self) -> Value {
        json!({
            "merchant_id": "4f1f7f3e-5a2b-4c3d-8e9f-0123456789ab", "sandbox_url": self.providers.zarinpal.url(),
            "panel_url": self.providers.zarinpal.panel_url(), "access_token": "panel-token", "terminal_id": "1",
        })
    }

    fn fake(&self, shop: &Shop<'_>) -> Value {
        let key = format!("fake_{}", shop.slug);
        json!({ "url": self.providers.fake.url(), "webhook_secret": kit::fake::webhook_secret(&key), "api_key": key })
    }

    /// How much money of a payment of Zarinpal's the shop has, after Zarinpal's books.
    fn settled(&self, authority: &str) -> i64 {
        let entries = self.providers.zarinpal.log();
        let of = |what| entries.iter().filter(move |it| it.what == what && it.reference == authority);
        let sum = |what| of(what).map(|it| i64::try_from(it.amount).unwrap()).sum::<i64>();
        assert!(of(What::Verified).count() <= 1, "verified once, and told again after that");
        if of(What::Reversed).count() > 0 { 0 } else { sum(What::Verified) - sum(What::Refunded) }
    }

    /// What the shop and Zarinpal say of a payment agrees, and all books add up.
    async fn agrees(&self, bought: &Bought<'_>) -> Value {
        let shop = bought.shop;
        let history = shop.owner().get(&format!("/payments/{}", bought.payment)).await.expect(200);
        let money = |name: &str| history.json["payment"][name]["amount"].as_i64().unwrap();
        assert_eq!(money("captured") - money("refunded"), self.settled(&bought.reference), "{}", history.text);
        assert_eq!(crate::orders::differences(&self.mall, shop).await, []);
        history.json
    }

    fn zarinpal_misbehaves(&self, on: Operation, how: How) {
        self.providers.zarinpal.misbehave(Fault { on, how, times: 1, amount: None, merchant: None });
    }
}

/// An order whose payment has begun.
struct Bought<'mall> {
    shop: &'mall Shop<'mall>,
    order: String,
    access: Option<String>,
    token: Option<String>,
    payment: String,
    /// The provider's name for it.
    reference: String,
}

/// An order of so many lamps, by a visitor or by a customer with a token: its id and the visitor's token.
async fn ordered(shop: &Shop<'_>, lamp: &str, quantity: i64, token: Option<&str>) -> (String, Option<String>) {
    let by = |request: RequestBuilder| token.into_iter().fold(request, |request, token| request.bearer_auth(token));
    let fill = by(shop.request(Method::POST, "/store/v1/cart/items"));
    let cart = Answer::of(fill.json(&json!({ "variant_id": lamp, "quantity": quantity }))).await.expect(200);
    let home = json!({ "name": "Vera", "line1": "Lane 1", "city": "Town", "country": "IR", "phone": "+989121234567" });
    let mut body = json!({ "shipping_address": home });
    let mut place = by(shop.request(Method::POST, "/store/v1/orders")).header("Idempotency-Key", new_key());
    if token.is_none() {
        body["email"] = json!("vera@x.example");
        place = place.header("Stoa-Cart", cart.text_at("/cart_token"));
    }
    let placed = Answer::of(place.json(&body)).await.expect(201);
    (placed.text_at("/id"), placed.json["access_token"].as_str().map(str::to_owned))
}

/// Asks for a payment of an order.
async fn start(
    shop: &Shop<'_>,
    (order, access): &(String, Option<String>),
    token: Option<&str>,
    gateway: &str,
    key: &str,
) -> Answer {
    let request = shop.request(Method::POST, &format!("/store/v1/orders/{order}/payments"));
    let request = access.iter().fold(request, |request, access| request.header("Stoa-Order-Token", access));
    let request = token.into_iter().fold(request, |request, token| request.bearer_auth(token));
    Answer::of(request.header("Idempotency-Key", key).json(&json!({ "gateway": gateway }))).await
}

/// Somebody orders lamps, and is sent to the provider.
async fn buys<'mall>(
    shop: &'mall Shop<'mall>,
    lamp: &str,
    quantity: i64,
    gateway: &str,
    token: Option<&str>,
) -> Bought<'mall> {
    let placed = ordered(shop, lamp, quantity, token).await;
    let started = start(shop, &placed, token, gateway, &new_key()).await.expect(201);
    assert_eq!((&started.json["status"], &started.json["next"]["kind"]), (&json!("pending"), &json!("redirect")));
    let page = Url::parse(&started.text_at("/next/url")).unwrap();
    let reference = page.path_segments().unwrap().next_back().unwrap().to_owned();
    let (order, access) = placed;
    Bought { shop, order, access, token: token.map(str::to_owned), payment: started.text_at("/id"), reference }
}

impl Bought<'_> {
    fn mine(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.shop.request(method, &format!("/store/v1{path}"));
        let request = self.access.iter().fold(request, |request, access| request.header("Stoa-Order-Token", access));
        self.token.iter().fold(request, |request, token| request.bearer_auth(token))
    }

    /// The browser comes back, from wherever the provider sends it; the payment's status in the address that it goes on to.
    async fn returns(&self, query: &str) -> String {
        let path = format!("/store/v1/payments/{}/return?{query}", self.payment);
        let back = Answer::of(self.shop.request(Method::GET, &path)).await.expect(303);
        let to = Url::parse(back.header("location")).unwrap();
        let said = |name: &str| to.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
        assert_eq!(said("order"), self.order);
        said("status")
    }

    /// The same as Zarinpal sends it.
    async fn returns_ok(&self) -> String {
        self.returns(&format!("Authority={}&Status=OK", self.reference)).await
    }

    /// Where the payment is.
    async fn status(&self) -> String {
        let path = format!("/payments/{}", self.payment);
        Answer::of(self.mine(Method::GET, &path)).await.expect(200).text_at("/status")
    }

    /// What the order says of itself: its status and that of its money.
    async fn order(&self) -> (String, String) {
        let seen = Answer::of(self.mine(Method::GET, &format!("/orders/{}", self.order))).await.expect(200);
        (seen.text_at("/status"), seen.text_at("/payment_status"))
    }
}

fn words(status: &str, payment: &str) -> (String, String) {
    (status.to_owned(), payment.to_owned())
}
