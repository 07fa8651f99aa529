//! Whose cart a request is about.

use domain::carts::{CartToken, Who};
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaParamIn, MetaSchema, MetaSchemaRef};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::Shopper;

/// The token of a visitor's cart, where the header `Stoa-Cart` holds one.
pub struct CartHeader(pub Option<CartToken>);

/// Characters of a token that are looked at; ours are shorter.
const LONGEST: usize = 200;

impl<'a> ApiExtractor<'a> for CartHeader {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    type ParamType = String;
    type ParamRawType = String;

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Header)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(MetaSchemaRef::Inline(Box::new(MetaSchema {
            description: Some(
                "The `cart_token` of a visitor's cart. One that leads nowhere is as good as none: nothing tells whether \
                 there was such a cart.",
            ),
            ..MetaSchema::new("string")
        })))
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<String>,
    ) -> poem::Result<Self> {
        let sent = request.headers().get("Stoa-Cart").and_then(|value| value.to_str().ok());
        let sent = sent.filter(|text| (1..=LONGEST).contains(&text.len()));
        Ok(Self(sent.map(CartToken::presented)))
    }
}

impl CartHeader {
    /// Whose cart is meant: a customer's own, whatever the header says; else the visitor's, if the header leads to one.
    #[must_use]
    pub fn of(self, shopper: &Shopper) -> Who {
        shopper.user.map_or(Who::Visitor(self.0), Who::Customer)
    }
}
