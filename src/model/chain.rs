//! What environment and profile say of a connection of the AWS chain, besides its keys, region and endpoint.

use super::{Addressing, Endpoint};

/// What settings of the chain that are on or off can be, for people.
pub const AWS_SWITCH_VALUES: &str = "true, false";

/// Whether requests go only to those of Amazon's hosts whose cryptography was validated (FIPS 140).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fips {
    /// It does not matter.
    #[default]
    NotAsked,
    /// Only to those: a connection that cannot is refused.
    Required,
}

/// By which of Amazon's hosts, where nothing else says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IpVersions {
    /// Its usual ones.
    #[default]
    Usual,
    /// Those that answer IPv6 as well as IPv4.
    FourAndSix,
}

/// What is asked for anew each time such a connection is opened, and never kept; until then it says nothing, but for what
/// the command line has found in its own environment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChainSays {
    /// How buckets are addressed, where the connection leaves it open.
    pub addressing: Addressing,
    /// Whether only validated hosts will do.
    pub fips: Fips,
    /// Which hosts are meant where others would do as well.
    pub ip_versions: IpVersions,
}

impl Endpoint {
    /// Whether this is one of Amazon's validated hosts.
    pub fn is_amazons_fips(&self) -> bool {
        !self.is_plain_http() && super::link::is_fips_host(self.host())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn validated_hosts_are_known() {
        for (endpoint, is) in [
            ("https://s3-fips.us-east-1.amazonaws.com", true),
            ("https://s3-fips.dualstack.us-gov-west-1.amazonaws.com", true),
            ("http://s3-fips.us-east-1.amazonaws.com", false),
            ("https://s3.us-east-1.amazonaws.com", false),
            ("https://s3-fips.us-east-1.amazonaws.com.example.com", false),
            ("https://s3-fips.example.com", false),
        ] {
            assert_eq!(Endpoint::parse(endpoint).unwrap().is_amazons_fips(), is, "{endpoint}");
        }
    }
}
