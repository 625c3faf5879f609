//! The letter about an endpoint that is not called any more. The service sends it.

use super::{Broken, Draft, host};
use crate::domain::webhook::EndpointUrl;
use crate::outbound::mails::{self, Mail, Reader};
use crate::storage::partner::Partner;
use crate::storage::webhook::Endpoint;
use crate::workflow::webhook::health::SwitchedOff;
use crate::workflow::{Engine, stored, zone};

pub(super) fn draft(
    engine: &Engine,
    endpoint: &Endpoint,
    partner: &Partner,
    payload: &str,
) -> Result<Draft, Broken> {
    let told: SwitchedOff = stored(payload)?;
    let url = EndpointUrl::stored(&endpoint.url);
    let url = url.map_err(|error| Broken::Unreadable(error.to_string()))?;
    let host = host(&engine.settings.public_url);
    Ok(Draft {
        key: told.key,
        from_name: host.to_owned(),
        to_name: None,
        to_address: partner.email.clone(),
        language: partner.language.clone(),
        list_unsubscribe: None,
        mail: Mail::WebhookDisabled(mails::WebhookDisabled {
            reader: Reader {
                language: partner.language.clone(),
                zone: zone(&partner.time_zone),
            },
            host: host.to_owned(),
            partner: (&partner.name).into(),
            endpoint: endpoint.id,
            destination: url.host_text().to_owned().into(),
            cause: told.cause,
            failing_since: told.failing_since,
            switched_off_at: told.at,
            status: told.status,
        }),
    })
}
