//! What is asked for: a thing of a store, for each operation that names one.

use std::sync::atomic::{AtomicU32, Ordering};

use domain::identity::Surface;
use serde_json::json;
use tenants::TenantId;
use tests::{Answer, Mall, Shop};
use uuid::Uuid;

use super::callers::{expired, fresh};

/// Whose thing is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Own,
    Others,
    Nowhere,
}

/// Two stores, and an administrator who makes things in them.
pub(super) struct Things {
    #[expect(clippy::disallowed_types, reason = "an administrator makes what the callers are to find")]
    admin: sqlx::PgPool,
    slug: String,
    own: Uuid,
    other: Uuid,
    pub(super) other_owner: String,
    pub(super) other_key: String,
    count: AtomicU32,
}

impl Things {
    pub(super) async fn new(mall: &Mall, own: &Shop<'_>, other: &Shop<'_>) -> Self {
        let key = json!({ "name": "K", "scopes": ["catalog.read", "catalog.write", "staff.read"] });
        Self {
            admin: tests::admin_pool(&mall.database.admin_url).await,
            slug: own.slug.clone(),
            own: own.id.parse().unwrap(),
            other: other.id.parse().unwrap(),
            other_owner: other.token.clone(),
            other_key: other.owner().post("/api-keys", &key).await.expect(201).text_at("/key"),
            count: AtomicU32::new(0),
        }
    }

    pub(super) fn slug(&self) -> &str {
        &self.slug
    }

    pub(super) fn expired_token(&self, _operation: &str) -> String {
        expired(Surface::Admin(TenantId(self.own)), Uuid::now_v7())
    }

    pub(super) fn number(&self) -> u32 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }

    fn store(&self, which: Which) -> Uuid {
        if which == Which::Own { self.own } else { self.other }
    }

    async fn run(&self, sql: &str, store: Uuid, id: Uuid, text: String) {
        sqlx::query(sql).bind(store).bind(id).bind(text).execute(&self.admin).await.unwrap();
    }

    /// Somebody who works in a store.
    async fn staff(&self, store: Uuid, role: &str) -> Uuid {
        let (id, email) = (Uuid::now_v7(), format!("staff{}@x.example", self.number()));
        let user = "INSERT INTO users (tenant_id, id, email, name, password_hash, created_at) VALUES ($1, $2, $3, 'S', '!', now())";
        self.run(user, store, id, email).await;
        self.run("INSERT INTO user_roles (tenant_id, user_id, role) VALUES ($1, $2, $3)", store, id, role.to_owned())
            .await;
        id
    }

    /// The access token of somebody who works in our store.
    pub(super) async fn staff_token(&self, role: &str) -> String {
        let (user, session) = (self.staff(self.own, role).await, Uuid::now_v7());
        sqlx::query("INSERT INTO sessions VALUES ($1, $2, $3, 'admin', now(), now() + interval '1 day')")
            .bind(self.own)
            .bind(session)
            .bind(user)
            .execute(&self.admin)
            .await
            .unwrap();
        fresh(TenantId(self.own), user, session)
    }

    /// The access token of a new shopper.
    pub(super) async fn new_customer(&self, mall: &Mall) -> String {
        let body = json!({ "email": format!("c{}@x.example", self.number()), "password": "a good long password", "name": "C" });
        let request = mall.request(reqwest::Method::POST, "/store/v1/auth/register").header("Stoa-Store", &self.slug);
        Answer::of(request.json(&body)).await.expect(201).text_at("/access_token")
    }

    /// A product of our store with one variant: the variant's id.
    pub(super) async fn variant(&self) -> String {
        let (product, variant, slug) = (Uuid::now_v7(), Uuid::now_v7(), format!("thing-{}", self.number()));
        let sql =
            "INSERT INTO products (tenant_id, id, slug, name, description, active, price_minor, list_minor, created_at, updated_at)
                   VALUES ($1, $2, $3, 'P', '', true, 1, 1, now(), now())";
        self.run(sql, self.own, product, slug).await;
        let sql = "INSERT INTO variants (tenant_id, id, product_id, position, price_minor, list_minor) VALUES ($1, $2, $3::uuid, 1, 1, 1)";
        self.run(sql, self.own, variant, product.to_string()).await;
        variant.to_string()
    }

    /// The same, and some of it are there.
    pub(super) async fn stocked_variant(&self) -> String {
        let variant = self.variant().await;
        let sql = "INSERT INTO stock_levels (tenant_id, variant_id, location_id, on_hand)
                   SELECT $1, $2, id, 100 FROM locations WHERE tenant_id = $1 AND is_default AND $3 <> ''";
        self.run(sql, self.own, variant.parse().unwrap(), "stock".to_owned()).await;
        variant
    }

    /// An order that is so far: its id. In our own store it is the customer's who asks.
    async fn order(&self, store: Uuid, paid: &str) -> Uuid {
        let (id, number) = (Uuid::now_v7(), self.number());
        let sql = "INSERT INTO orders (tenant_id, id, number, status, payment_status, fulfilment_status, customer_id, email, currency,
                                       items_minor, discount_minor, shipping_minor, tax_minor, total_minor, tax_included,
                                       shipping_address, created_at, updated_at)
                   SELECT $1, $2, split_part($3, '-', 1)::bigint + 1, 'open', split_part($3, '-', 2), 'unfulfilled',
                          (SELECT id FROM users WHERE tenant_id = $1 AND email = 'customer@x.example'), 'o@x.example', 'EUR',
                          100, 0, 0, 0, 100, true, '{\"name\":\"N\",\"line1\":\"L\",\"line2\":null,\"city\":\"C\",
                          \"region\":null,\"postal_code\":null,\"country\":\"DE\",\"phone\":null}', now(), now()";
        self.run(sql, store, id, format!("{number}-{paid}")).await;
        id
    }

    /// A payment of an order that is so far: its id.
    async fn payment(&self, store: Uuid, order: Uuid, status: &str) -> Uuid {
        let id = Uuid::now_v7();
        let sql =
            "INSERT INTO payments (tenant_id, id, order_id, gateway, status, amount_minor, currency, captured_minor,
                                         created_at, updated_at)
                   SELECT $1, $2, split_part($3, '/', 1)::uuid, 'cash-on-delivery', split_part($3, '/', 2), 100, 'EUR',
                          CASE split_part($3, '/', 2) WHEN 'captured' THEN 100 ELSE 0 END, now(), now()";
        self.run(sql, store, id, format!("{order}/{status}")).await;
        id
    }

    /// A gateway of paper, of one version in this state.
    async fn gateway(&self, name: &str, state: &str) {
        let component = tests::paper::component(name, "1.0.0");
        let sql = "INSERT INTO platform.gateway_versions (id, gateway, version, name, contract, imports, hosts, capabilities, currencies,
                                                          settings_schema, size, component, state, bundled, operator_id, created_at, updated_at)
                   VALUES (sha256($1), $2, '1.0.0', 'G', '0.1.0', '{}', '{pay.example.com}', '{reconciliation}', '{}', $3,
                           octet_length($1), $1, $4, false, $5, now(), now())";
        let schema = r#"{"type":"object","properties":{"key":{"type":"string","writeOnly":true}}}"#;
        sqlx::query(sql)
            .bind(component)
            .bind(name)
            .bind(schema)
            .bind(state)
            .bind(Uuid::nil())
            .execute(&self.admin)
            .await
            .unwrap();
    }

    /// The id of a new thing of the kind that an operation is about.
    pub(super) async fn thing(&self, surface: &str, operation: &str, which: Which) -> String {
        let (store, id, number) = (self.store(which), Uuid::now_v7(), self.number());
        let slug = format!("thing-{number}");
        let sql = match (surface, operation) {
            (_, "getProduct" | "changeProduct" | "removeProduct" | "addProductImage" | "listProductImages")
            | ("storefront", "listReviews" | "addReview" | "addToWishlist" | "removeFromWishlist") => {
                "INSERT INTO products (tenant_id, id, slug, name, description, active, price_minor, list_minor, created_at, updated_at)
                 VALUES ($1, $2, $3, 'P', '', true, 1, 1, now(), now())"
            }
            (_, "getReview" | "approveReview" | "rejectReview" | "removeReview") => {
                let product = Box::pin(self.thing("admin", "getProduct", which)).await;
                let sql = "INSERT INTO reviews (tenant_id, id, product_id, author, stars, body, state, verified_purchase, created_at)
                           VALUES ($1, $2, $3::uuid, 'R', 4, 'Good.', 'waiting', false, now())";
                self.run(sql, store, id, product).await;
                return id.to_string();
            }
            (_, "getProductImage" | "changeProductImage" | "removeProductImage") => {
                let product = Box::pin(self.thing("admin", "getProduct", which)).await;
                let sql = "INSERT INTO product_images (tenant_id, id, product_id, position, name, content, width, height, sizes, bytes, created_at)
                           VALUES ($1, $2, $3::uuid, 0, md5($2::text), repeat('0', 64), 1, 1, '[{\"width\": 1, \"height\": 1}]', 1, now())";
                self.run(sql, store, id, product.clone()).await;
                return format!("{product}/{id}");
            }
            ("storefront", "moveWishToCart") if which == Which::Own => {
                let wish = "INSERT INTO wishlist_items (tenant_id, customer_id, product_id, id, added_at)
                            SELECT $1, u.id, v.product_id, $2, now() FROM variants v JOIN users u ON u.tenant_id = $1
                            WHERE v.tenant_id = $1 AND v.id = $3::uuid AND u.email = 'customer@x.example'";
                self.run(wish, store, id, self.stocked_variant().await).await;
                let product: Uuid = sqlx::query_scalar("SELECT product_id FROM wishlist_items WHERE id = $1")
                    .bind(id)
                    .fetch_one(&self.admin)
                    .await
                    .unwrap();
                return product.to_string();
            }
            (_, "getAddress" | "changeAddress" | "removeAddress") => {
                "INSERT INTO addresses (tenant_id, id, customer_id, name, line1, city, country, is_default, created_at)
                 SELECT $1, $2, u.id, $3, 'L', 'C', 'DE', false, now() FROM users u
                 WHERE u.tenant_id = $1 ORDER BY u.email = 'customer@x.example' DESC LIMIT 1"
            }
            (
                _,
                "getCustomer" | "emailCustomer" | "exportCustomer" | "eraseCustomer" | "listCustomerNotes"
                | "addCustomerNote",
            ) => {
                let user = "INSERT INTO users (tenant_id, id, email, name, password_hash, created_at)
                            VALUES ($1, $2, $3 || '@x.example', 'C', '!', now())";
                self.run(user, store, id, slug.clone()).await;
                "INSERT INTO customers (tenant_id, user_id, created_at) SELECT $1, $2, now() WHERE $3::text IS NOT NULL"
            }
            (_, "getCategory" | "changeCategory" | "removeCategory") => {
                "INSERT INTO categories (tenant_id, id, slug, name, created_at) VALUES ($1, $2, $3, 'C', now())"
            }
            (_, "getAttribute" | "changeAttribute" | "removeAttribute") => {
                "INSERT INTO attributes (tenant_id, id, slug, name, created_at) VALUES ($1, $2, $3, $3, now())"
            }
            (_, "getDiscount" | "changeDiscount" | "removeDiscount") => {
                "INSERT INTO discounts (tenant_id, id, name, basis_points, everything, active, starts_at, created_at, updated_at)
                 VALUES ($1, $2, $3, 1000, true, false, now(), now(), now())"
            }
            (_, "listVariants" | "addVariant") => {
                return Box::pin(self.thing("admin", "getProduct", which)).await;
            }
            // Two ids, for a path with two.
            (_, "getVariant" | "changeVariant" | "removeVariant") => {
                let product = Box::pin(self.thing("admin", "getProduct", which)).await;
                for position in [id, Uuid::now_v7()] {
                    let sql = "INSERT INTO variants (tenant_id, id, product_id, position, price_minor, list_minor)
                               SELECT $1, $2, $3::uuid, count(*), 1, 1 FROM variants WHERE product_id = $3::uuid";
                    self.run(sql, store, position, product.clone()).await;
                }
                return format!("{product}/{id}");
            }
            ("platform", "getGatewayVersion" | "approveGatewayVersion" | "withdrawGatewayVersion") => {
                self.gateway(&slug, "uploaded").await;
                return format!("{slug}/1.0.0");
            }
            (_, "getGateway" | "setGateway" | "removeGateway" | "testGateway") => {
                // What another store uses and nobody else can choose any more is nowhere.
                self.gateway(&slug, if which == Which::Own { "approved" } else { "withdrawn" }).await;
                let sql = "INSERT INTO store_gateways (tenant_id, gateway, version_id, enabled, sandbox, settings, version, created_at, updated_at)
                           SELECT $1, $3, id, true, true, '{}', 1, now(), now() FROM platform.gateway_versions
                           WHERE gateway = $3 AND $2::uuid IS NOT NULL";
                self.run(sql, store, id, slug.clone()).await;
                return slug;
            }
            (_, "getImport" | "listImportFaults") => {
                "INSERT INTO imports (tenant_id, id, dry_run, columns, bytes, next_byte, next_line, written_byte, moved_at, created_at)
                 VALUES ($1, $2, $3 = '', 'slug', 5, 5, 2, 5, now(), now())"
            }
            (_, "getExport" | "getExportFile") => {
                "INSERT INTO exports (tenant_id, id, kind, after_id, finished_at, created_at)
                 VALUES ($1, $2, 'products', $2, now(), CASE WHEN $3 <> '' THEN now() END)"
            }
            (_, "getBrand" | "changeBrand" | "removeBrand") => {
                "INSERT INTO brands (tenant_id, id, slug, name, created_at) VALUES ($1, $2, $3, 'B', now())"
            }
            (_, "fulfilOrder") => return self.order(store, "paid").await.to_string(),
            (_, "refundOrder") => {
                let order = self.order(store, "paid").await;
                self.payment(store, order, "captured").await;
                return order.to_string();
            }
            (_, "getOrder" | "cancelOrder" | "noteOrder" | "removeOrder" | "startPayment" | "putOrderIntoCart") => {
                return self.order(store, "unpaid").await.to_string();
            }
            (_, "getPayment" | "refundPayment" | "returnFromPayment" | "returnFromPaymentWithForm") => {
                let order = self.order(store, "paid").await;
                return self.payment(store, order, "captured").await.to_string();
            }
            (_, "settleRefund") => {
                let order = self.order(store, "paid").await;
                let payment = self.payment(store, order, "captured").await;
                let sql = "WITH payment AS (UPDATE payments SET returning_minor = 100 WHERE tenant_id = $1 AND id = $3::uuid)
                           INSERT INTO refunds (tenant_id, id, payment_id, amount_minor, status, created_at, updated_at)
                           VALUES ($1, $2, $3::uuid, 100, 'indeterminate', now(), now())";
                self.run(sql, store, id, payment.to_string()).await;
                return format!("{payment}/{id}");
            }
            (_, "capturePayment" | "voidPayment") => {
                let order = self.order(store, "authorized").await;
                return self.payment(store, order, "authorized").await.to_string();
            }
            (_, "getLocation" | "changeLocation" | "removeLocation") => {
                "INSERT INTO locations (tenant_id, id, name, is_default, created_at) VALUES ($1, $2, $3, false, now())"
            }
            (_, "getStaff" | "changeStaff" | "removeStaff" | "resetStaffPassword") => {
                return self.staff(store, "support").await.to_string();
            }
            (_, "withdrawInvitation") => {
                "INSERT INTO invitations (tenant_id, id, hash, email, name, roles, invited_by, expires_at, created_at)
                 SELECT $1, $2, sha256($3::bytea), $3 || '@x.example', 'I', '{support}', user_id, now() + interval '1 day', now()
                 FROM user_roles WHERE tenant_id = $1 AND role = 'owner' LIMIT 1"
            }
            (_, "getApiKey" | "revokeApiKey") => {
                "INSERT INTO api_keys (tenant_id, id, name, hash, scopes, made_by, created_at)
                 SELECT $1, $2, 'K', sha256($3::bytea), '{catalog.read}', user_id, now()
                 FROM user_roles WHERE tenant_id = $1 AND role = 'owner' LIMIT 1"
            }
            (_, "getRole" | "changeRole" | "removeRole") => {
                let sql = "INSERT INTO roles (tenant_id, name, label, permissions, created_at)
                           SELECT $1, $3, 'R', '{catalog.read}', now() WHERE $2::uuid IS NOT NULL";
                self.run(sql, store, id, slug.clone()).await;
                return slug;
            }
            (_, "getCoupon" | "changeCoupon" | "removeCoupon" | "listCouponUses") => {
                "INSERT INTO coupons (tenant_id, id, code, kind, first_order_only, stackable, active, created_at, updated_at)
                 VALUES ($1, $2, upper($3), 'free_shipping', false, false, true, now(), now())"
            }
            (_, "getShippingMethod" | "changeShippingMethod" | "removeShippingMethod") => {
                "INSERT INTO shipping_methods (tenant_id, id, name, price_minor, active, created_at) VALUES ($1, $2, $3, 1, true, now())"
            }
            (_, "getTaxRate" | "changeTaxRate" | "removeTaxRate") => {
                "INSERT INTO tax_rates (tenant_id, id, name, country, region, basis_points, on_shipping, created_at)
                 VALUES ($1, $2, 'T', 'US', $3, 1, true, now())"
            }
            ("platform", "getJob" | "retryJob") => {
                "INSERT INTO platform.jobs (id, metadata, state, scheduled_at, created_at, updated_at)
                 SELECT $2, jsonb_build_object('kind', 'x.y', 'tenant_id', $1, 'slug', $3), 'failed', now(), now(), now()"
            }
            ("admin", "getJob" | "cancelJob") => {
                "INSERT INTO job_progress (tenant_id, id, kind, created_at, updated_at) VALUES ($1, $2, $3, now(), now())"
            }
            ("platform", "removeOperator") => {
                "INSERT INTO platform.operators (id, email, name, password_hash, created_at)
                 SELECT $2, $3 || '@x.example', 'O', '!', now() WHERE $1::uuid IS NOT NULL"
            }
            ("platform", "getStore" | "suspendStore" | "resumeStore") => {
                "INSERT INTO platform.stores (id, slug, name, currency, status, created_at)
                 SELECT $2, $3, 'S', 'EUR', 'active', now() WHERE $1::uuid IS NOT NULL"
            }
            _ => return id.to_string(),
        };
        self.run(sql, store, id, slug.clone()).await;
        if is_named_by_slug(surface, operation) { slug } else { id.to_string() }
    }
}

/// Whether an operation's path names a thing by its slug.
pub(super) fn is_named_by_slug(surface: &str, operation: &str) -> bool {
    surface == "storefront"
        && !matches!(
            operation,
            "addToWishlist"
                | "moveWishToCart"
                | "removeFromWishlist"
                | "changeCartItem"
                | "removeCartItem"
                | "getOrder"
                | "cancelOrder"
                | "startPayment"
                | "putOrderIntoCart"
                | "getPayment"
                | "returnFromPayment"
                | "returnFromPaymentWithForm"
                | "receiveGatewayWebhook"
                | "getAddress"
                | "changeAddress"
                | "removeAddress"
        )
}
