//! The description of the interface (OpenAPI 3.1). Each handler describes what is its own; what is alike everywhere is added here:
//! the problems that an operation may answer with, the headers of every answer, the idempotency key of every POST.

use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;
use utoipa::openapi::info::InfoBuilder;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::{Tag, TagBuilder};
use utoipa::openapi::{Components, OpenApiBuilder};

use super::problem::{Invalid, Kind, MEDIA_TYPE, ProblemBody};
use super::schema::example_id;

const ABOUT: &str = "\
Invitations to partner relationships by mail, for the partner's own programs.

Every request carries a key: `Authorization: Bearer cs_live_…`. Bodies and answers are JSON, times are RFC 3339 in UTC, identifiers \
have a prefix that says what they name. A field that is not known here is refused. New fields may be added to answers, so ignore \
those that you do not know.

Send an `Idempotency-Key` with each POST: the same request may then be sent again, and is done once.";

/// What the description begins with.
pub(super) fn head() -> OpenApi {
    let mut components = Components::new();
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "A key that `countersign api-key create` made. Its scopes, `read`, `invite` and `manage`, say what it may do.",
        ))
        .build();
    components.add_security_scheme("key", SecurityScheme::Http(scheme));
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Countersign")
                .version("1")
                .description(Some(ABOUT))
                .build(),
        )
        .tags(Some(tags()))
        .components(Some(components))
        .build()
}

fn tags() -> Vec<Tag> {
    [
        (
            "Invitations",
            "Ask a customer by mail, and follow what becomes of it.",
        ),
        ("Relationships", "What holds between the partner and its customers, and the roles that are granted in it."),
        ("Consents", "What customers agreed to, with what proves it."),
        ("Agreements", "The texts that are consented to."),
        (
            "Webhooks",
            "Be called when something happens: signed as Standard Webhooks has it, and tried for three days.",
        ),
        ("Suppressions", "Mailboxes that take no mail."),
        ("Events", "What happened, in order, to be read from a cursor."),
        ("Previews", "Mails as they would read."),
        ("Partner", "Whose key it is."),
    ]
    .map(|(name, text)| TagBuilder::new().name(name).description(Some(text)).build())
    .into()
}

/// The whole description.
pub(super) fn complete(made: &OpenApi) -> Value {
    // What utoipa builds is JSON by construction.
    let mut whole = serde_json::to_value(made).unwrap_or_default();
    if let Some(paths) = whole["paths"].as_object_mut() {
        for (path, item) in paths {
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                complete_operation(path, method, operation);
            }
        }
    }
    let components = &mut whole["components"];
    components["responses"] = Kind::ALL
        .iter()
        .map(|kind| (component(*kind), problem(*kind)))
        .collect::<Map<_, _>>()
        .into();
    let schemas = &mut components["schemas"];
    schemas["Problem"] = serde_json::to_value(<ProblemBody<'_> as utoipa::PartialSchema>::schema())
        .unwrap_or_default();
    schemas["Invalid"] =
        serde_json::to_value(<Invalid as utoipa::PartialSchema>::schema()).unwrap_or_default();
    whole
}

fn complete_operation(path: &str, method: &str, operation: &mut Value) {
    let takes = |operation: &Value, place: &str| {
        let parameters = operation["parameters"].as_array();
        parameters.is_some_and(|all| all.iter().any(|it| it["in"] == place))
    };
    let is_post = method == "post";
    let has_body = operation.get("requestBody").is_some();
    let mut kinds = vec![
        Kind::Unauthenticated,
        Kind::MissingScope,
        Kind::RateLimited,
        Kind::Internal,
        Kind::Unavailable,
    ];
    if path.contains('{') {
        kinds.push(Kind::NotFound);
    }
    // A body that names an object.
    if operation["requestBody"]
        .to_string()
        .contains(&example_id(""))
    {
        kinds.extend([Kind::NotFound, Kind::Gone]);
    }
    if takes(operation, "query") || has_body || is_post {
        kinds.push(Kind::InvalidRequest);
    }
    if is_post {
        kinds.extend([Kind::MalformedRequest, Kind::Conflict]);
        kinds.extend([Kind::RequestTimeout, Kind::PayloadTooLarge]);
    }
    if has_body {
        kinds.extend([Kind::MalformedJson, Kind::RequestTimeout]);
        kinds.extend([Kind::PayloadTooLarge, Kind::UnsupportedMediaType]);
    }
    if is_post {
        let key = json!({
            "name": "Idempotency-Key",
            "in": "header",
            "required": false,
            "description": "Up to 255 printable ASCII characters without a blank, such as a UUID. For 24 hours the same request with the same key gets \
                the answer that the first one got (with `Idempotent-Replayed: true`), and does nothing.",
            "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
        });
        let parameters = operation["parameters"].take();
        let mut parameters = parameters.as_array().cloned().unwrap_or_default();
        parameters.push(key);
        operation["parameters"] = parameters.into();
    }
    let Some(responses) = operation["responses"].as_object_mut() else {
        return;
    };
    for response in responses.values_mut() {
        response["headers"] = headers(is_post);
    }
    for kind in kinds {
        let status = kind.status().as_str().to_owned();
        responses.entry(status).or_insert_with(
            || json!({"$ref": format!("#/components/responses/{}", component(kind))}),
        );
    }
}

fn headers(is_post: bool) -> Value {
    let text = |about: &str, example: &str| json!({"description": about, "schema": {"type": "string"}, "example": example});
    let mut headers = json!({
        "X-Request-Id": text("The request, as the operator finds it.", &example_id("req")),
        "RateLimit-Policy": text("How many requests (`q`) the key may make in so many seconds (`w`).", "\"key\";q=600;w=60"),
        "RateLimit": text("How many are left (`r`), and in how many seconds all are there again (`t`).", "\"key\";r=599;t=1"),
    });
    if is_post {
        headers["Idempotent-Replayed"] = text(
            "`true` when this is the answer that the first request with the key got.",
            "true",
        );
    }
    headers
}

/// `NotFound` for `not-found`.
fn component(kind: Kind) -> String {
    let words = kind.as_str().split('-');
    words
        .map(|word| word[..1].to_uppercase() + &word[1..])
        .collect()
}

fn problem(kind: Kind) -> Value {
    let error = Invalid::at(
        "/recipient/email",
        "invalid",
        "an address has the form name@domain",
    );
    let errors = if kind == Kind::InvalidRequest {
        std::slice::from_ref(&error)
    } else {
        &[]
    };
    let example = ProblemBody {
        kind: format!("/docs/problems#{kind}"),
        title: kind.title(),
        status: kind.status().as_u16(),
        detail: kind.explanation(),
        request_id: &example_id("req"),
        errors,
    };
    let mut headers = json!({
        "X-Request-Id": {"description": "The request, as the operator finds it.", "schema": {"type": "string"}},
    });
    let mut header = |name: &str, about: &str, kind: &str| {
        headers[name] = json!({"description": about, "schema": {"type": kind}});
    };
    match kind {
        Kind::RateLimited | Kind::LimitReached | Kind::Unavailable | Kind::IdempotencyInFlight => {
            header(
                "Retry-After",
                "After how many seconds to try again.",
                "integer",
            );
        }
        Kind::Unauthenticated => header("WWW-Authenticate", "`Bearer`.", "string"),
        _ => {}
    }
    json!({
        "description": kind.title(),
        "headers": headers,
        "content": {MEDIA_TYPE: {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "example": example,
        }},
    })
}
