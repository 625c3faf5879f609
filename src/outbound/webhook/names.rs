//! Names and their addresses: resolved once a connection, judged, and connected to as they were judged.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::domain::webhook::{Forbidden, forbidden};

/// What tells the addresses of a name.
pub type Tell = dyn Fn(&str) -> Vec<IpAddr> + Send + Sync;

/// Who knows the addresses of names.
#[derive(Clone, Default)]
pub enum Names {
    /// The system's resolver.
    #[default]
    System,
    /// What a test says, each time that it is asked.
    Told(Arc<Tell>),
}

impl Names {
    async fn addresses(&self, name: &str) -> std::io::Result<Vec<SocketAddr>> {
        match self {
            Self::System => Ok(tokio::net::lookup_host((name, 0)).await?.collect()),
            Self::Told(told) => Ok(told(name)
                .into_iter()
                .map(|address| (address, 0).into())
                .collect()),
        }
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "System",
            Self::Told(_) => "Told",
        })
    }
}

/// A name leads to where nothing is called.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the host leads to an address that is not called from here ({0})")]
pub(super) struct Refused(pub(super) Forbidden);

/// Resolves names for the HTTP client, and hands on only what may be called.
///
/// A name is refused as soon as one of its addresses is: whoever mixes public and private ones by mistake learns of it at the
/// first call and not by a call in so many, and whoever does so on purpose gains nothing.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) names: Names,
    pub(super) allowed: Arc<[IpNet]>,
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, allowed) = (self.names.clone(), self.allowed.clone());
        Box::pin(async move {
            let addresses = names.addresses(name.as_str()).await?;
            let refused = addresses
                .iter()
                .find_map(|address| forbidden(address.ip(), &allowed));
            if let Some(reason) = refused {
                return Err(Refused(reason).into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
