//! What is asked: a request that would do something, for each operation.

use serde_json::{Value, json};
use tests::Mall;

use super::things::{Things, Which, is_named_by_slug};

/// A body, and the id that the path names.
pub(super) struct Sample {
    pub(super) body: Option<Value>,
    pub(super) id: String,
}

/// A picture of one pixel: what is sent where a body is no JSON.
pub(super) const PICTURE: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

const NOWHERE: &str = "0192f0c1-2345-7000-8000-000000000000";

/// A request that would do something, if the caller may.
pub(super) async fn sample(things: &Things, surface: &str, operation: &str, which: Which) -> Sample {
    let number = things.number();
    let price = json!({ "amount": 1, "currency": "EUR" });
    let credentials = json!({ "email": "nobody@x.example", "password": "a good long password" });
    let token = json!({ "token": "nonsense", "password": "a good long password" });
    let body = match operation {
        "addProduct" => Some(json!({ "name": "P", "price": price })),
        "changeProductImage" => Some(json!({ "alt": "New" })),
        "addProductImage" | "listProductImages" | "getProductImage" | "removeProductImage" => None,
        "changeProduct" | "changeCategory" | "changeBrand" | "changeAttribute" | "changeDiscount" | "changeStore" => {
            Some(json!({ "name": "New" }))
        }
        "addCategory" => Some(json!({ "name": "C" })),
        "addBrand" => Some(json!({ "name": "B" })),
        "setGateway" => Some(json!({ "sandbox": true, "settings": { "key": "a good long key" } })),
        "listGateways"
        | "getGateway"
        | "removeGateway"
        | "testGateway"
        | "listGatewayVersions"
        | "uploadGateway"
        | "getGatewayVersion"
        | "approveGatewayVersion"
        | "withdrawGatewayVersion" => None,
        "addAttribute" => Some(json!({ "name": format!("A{number}") })),
        "addDiscount" => {
            Some(json!({ "name": "D", "kind": "percentage", "basis_points": 1, "everything": true, "active": false }))
        }
        "addVariant" => Some(json!({})),
        "changeVariant" => Some(json!({ "price": price })),
        "inviteStaff" => Some(json!({ "email": format!("i{number}@x.example"), "name": "I", "roles": ["support"] })),
        "placeOrder" => Some(json!({
            "email": "v@x.example",
            "shipping_address": { "name": "V", "line1": "Lane 1", "city": "Town", "country": "DE" },
        })),
        "startPayment" => Some(json!({ "gateway": "cash-on-delivery" })),
        "fulfilOrder" | "refundOrder" | "refundPayment" => Some(json!({})),
        "settleRefund" => Some(json!({ "status": "succeeded" })),
        "noteOrder" => Some(json!({ "text": "Wrap it." })),
        "listOrders" | "getOrder" | "cancelOrder" | "removeOrder" | "putOrderIntoCart" | "listPayments"
        | "getPayment" | "capturePayment" | "voidPayment" | "listPaymentMethods" => None,
        "returnFromPayment" | "returnFromPaymentWithForm" | "receiveGatewayWebhook" => None,
        "addLocation" | "changeLocation" => Some(json!({ "name": "Back room" })),
        "adjustStock" => Some(json!({ "variant_id": things.variant().await, "delta": 1, "reason": "received" })),
        "changeStaff" => Some(json!({ "roles": ["support"] })),
        "addRole" => Some(json!({ "name": format!("role{number}"), "label": "R", "permissions": ["catalog.read"] })),
        "changeRole" => Some(json!({ "label": "New" })),
        "addApiKey" => Some(json!({ "name": "K", "scopes": ["catalog.read"] })),
        "addCoupon" => Some(json!({ "code": format!("CODE{number}"), "kind": "free_shipping" })),
        "changeCoupon" | "changeShippingMethod" => Some(json!({ "active": false })),
        "addShippingMethod" => Some(json!({ "name": "S", "price": price })),
        "addTaxRate" => {
            Some(json!({ "name": "T", "country": "CA", "region": format!("R{number}"), "basis_points": 1 }))
        }
        "changeTaxRate" => Some(json!({ "basis_points": 2 })),
        "openStore" => Some(Mall::application(&format!("matrix-{number}"))),
        "addOperator" => {
            Some(json!({ "email": format!("o{number}@x.example"), "password": "a good long password", "name": "O" }))
        }
        "logIn" => Some(credentials),
        "register" => {
            Some(json!({ "email": format!("r{number}@x.example"), "password": "a good long password", "name": "R" }))
        }
        "refreshSession" | "logOut" => Some(json!({ "refresh_token": "nonsense" })),
        "forgotPassword" => Some(json!({ "email": "nobody@x.example" })),
        "resetPassword" | "acceptInvitation" => Some(token),
        "confirmEmail" => Some(json!({ "token": "nonsense" })),
        "changePassword" => {
            Some(json!({ "current_password": "a wrong password", "new_password": "a good long password" }))
        }
        "addReview" => Some(json!({ "name": "V", "rating": 4, "body": "Good." })),
        "moveWishToCart" => Some(json!({})),
        "addAddress" => Some(json!({ "name": "N", "line1": "L", "city": "C", "country": "DE" })),
        "changeAddress" => Some(json!({ "city": "D" })),
        "emailCustomer" => Some(json!({ "subject": "S", "text": "T" })),
        "addCustomerNote" => Some(json!({ "text": "N" })),
        "changeMe" => Some(json!({ "phone": "+49 30 1234" })),
        "addExport" => Some(json!({ "kind": "products" })),
        "importProducts" | "getImport" | "listImportFaults" | "getExport" | "getExportFile" => None,
        "listLocations" | "getLocation" | "removeLocation" | "listStock" | "listStockMovements" => None,
        "deleteMe" | "getMe" | "getStore" | "listProducts" | "suggest" | "getProduct" | "removeProduct"
        | "listCategories" | "getCategory" | "removeCategory" | "listBrands" | "getBrand" | "removeBrand"
        | "listAttributes" | "getAttribute" | "removeAttribute" | "listDiscounts" | "getDiscount"
        | "removeDiscount" | "listVariants" | "getVariant" | "removeVariant" | "listStaff" | "getStaff"
        | "removeStaff" | "resetStaffPassword" | "listInvitations" | "withdrawInvitation" | "listPermissions"
        | "listRoles" | "getRole" | "removeRole" | "listApiKeys" | "getApiKey" | "revokeApiKey" | "listAudit"
        | "listStores" | "suspendStore" | "resumeStore" | "listOperators" | "removeOperator" | "listReviews"
        | "getReview" | "approveReview" | "rejectReview" | "removeReview" | "getWishlist" | "addToWishlist"
        | "removeFromWishlist" => None,
        "getDashboard" | "listEvents" | "getJob" | "cancelJob" | "retryJob" | "listJobs" | "countJobs" => None,
        "addCartItem" => Some(json!({ "variant_id": things.stocked_variant().await, "quantity": 1 })),
        "changeCartItem" => Some(json!({ "quantity": 1 })),
        "setCartCoupon" => Some(json!({ "code": "NOSUCH" })),
        "getCart" | "clearCart" | "removeCartItem" | "removeCartCoupon" => None,
        "listAddresses" | "getAddress" | "removeAddress" | "listCustomers" | "getCustomer" | "exportCustomer"
        | "eraseCustomer" | "listCustomerNotes" => None,
        "listCoupons"
        | "getCoupon"
        | "removeCoupon"
        | "listCouponUses"
        | "listShippingMethods"
        | "getShippingMethod"
        | "removeShippingMethod"
        | "listTaxRates"
        | "getTaxRate"
        | "removeTaxRate" => None,
        unknown => panic!("{surface} {unknown}: add a sample request for this operation"),
    };
    let id = match (which, operation) {
        (Which::Nowhere, "getRole" | "changeRole" | "removeRole") => "no-such-role".to_owned(),
        (Which::Nowhere, "getGatewayVersion" | "approveGatewayVersion" | "withdrawGatewayVersion") => {
            "no-such-gateway/9.9.9".to_owned()
        }
        (Which::Nowhere, _) if is_named_by_slug(surface, operation) => "no-such-thing".to_owned(),
        (Which::Nowhere, "getProductImage" | "changeProductImage" | "removeProductImage") => {
            format!("{NOWHERE}/{NOWHERE}")
        }
        (Which::Nowhere, "getVariant" | "changeVariant" | "removeVariant" | "settleRefund") => {
            format!("{NOWHERE}/{NOWHERE}")
        }
        (Which::Nowhere, _) => NOWHERE.to_owned(),
        _ => things.thing(surface, operation, which).await,
    };
    Sample { body, id }
}
