//! Where a request came from.

use std::net::IpAddr;

use axum::http::Extensions;
use lambda_http::request::RequestContext;
use smartscripts_store::Origin;

use crate::RequestId;

/// The address that the gateway has seen; empty outside of Lambda.
pub(crate) fn address(extensions: &Extensions) -> String {
    match extensions.get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.clone().unwrap_or_default(),
        _ => String::new(),
    }
}

pub(crate) fn origin(extensions: &Extensions) -> Origin {
    Origin { request_id: RequestId::of(extensions), network: truncate(&address(extensions)) }
}

/// The first 24 bits of an IPv4 address, the first 48 of an IPv6 one: enough to see a pattern, too little to name a
/// household.
fn truncate(address: &str) -> Option<String> {
    match address.parse().ok()? {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            Some(format!("{a}.{b}.{c}.0/24"))
        }
        IpAddr::V6(address) => {
            if let Some(mapped) = address.to_ipv4_mapped() {
                return truncate(&mapped.to_string());
            }
            let [a, b, c, ..] = address.segments();
            Some(format!("{a:x}:{b:x}:{c:x}::/48"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_cut_short() {
        assert_eq!(truncate("203.0.113.77").as_deref(), Some("203.0.113.0/24"));
        assert_eq!(truncate("2001:db8:1:2:3::4").as_deref(), Some("2001:db8:1::/48"));
        assert_eq!(truncate("::ffff:203.0.113.77").as_deref(), Some("203.0.113.0/24"));
        assert_eq!(truncate(""), None);
    }
}
