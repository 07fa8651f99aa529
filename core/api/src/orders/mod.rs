//! Orders and payments, as both surfaces show them.

mod address;
mod shown;

pub(crate) use self::address::{AddressBody, AddressShown};
pub(crate) use self::shown::{
    CouponOfOrder, LineShown, ListedOrderShown, OrderPage, PaymentOfOrder, ShippingOfOrder, TotalsShown, lines,
    payments,
};
