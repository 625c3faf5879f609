//! `/docs`: every operation with what it takes, what it answers, and a call with curl, read from the description.

use askama::Template;
use serde_json::Value;

/// The page.
#[derive(Template)]
#[template(path = "docs/reference.html")]
pub(super) struct Reference {
    /// Paragraphs.
    about: Vec<String>,
    groups: Vec<Group>,
}

/// Operations on one kind of object.
struct Group {
    name: String,
    about: String,
    operations: Vec<Operation>,
}

/// One operation.
struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    about: Vec<String>,
    scope: String,
    parameters: Vec<Field>,
    body: Vec<Field>,
    curl: String,
    answers: Vec<Answer>,
    /// The statuses of its problems, each with the kind.
    problems: Vec<(String, String)>,
}

/// A parameter, or a field of a body.
struct Field {
    /// With those around it: `recipient.email`.
    name: String,
    kind: String,
    is_needed: bool,
    about: String,
}

/// What an operation answers.
struct Answer {
    status: String,
    about: String,
    example: String,
}

impl Reference {
    /// The page of a description.
    pub(super) fn of(description: &Value) -> Self {
        let mut groups: Vec<Group> = list(&description["tags"])
            .map(|tag| Group {
                name: text(&tag["name"]),
                about: text(&tag["description"]),
                operations: Vec::new(),
            })
            .collect();
        for (path, item) in entries(&description["paths"]) {
            for (method, operation) in entries(item) {
                let tag = text(&operation["tags"][0]);
                if let Some(group) = groups.iter_mut().find(|group| group.name == tag) {
                    let read = Operation::of(description, path, method, operation);
                    group.operations.push(read);
                }
            }
        }
        Self {
            about: paragraphs(&description["info"]["description"]),
            groups,
        }
    }
}

impl Operation {
    fn of(whole: &Value, path: &str, method: &str, operation: &Value) -> Self {
        let body = &operation["requestBody"]["content"]["application/json"];
        let mut fields = Vec::new();
        collect(whole, &body["schema"], "", &mut fields);
        let mut answers = Vec::new();
        let mut problems = Vec::new();
        for (status, response) in entries(&operation["responses"]) {
            match response["$ref"].as_str() {
                Some(name) => {
                    let response = find(whole, name);
                    let kind = &response["content"]["application/problem+json"]["example"]["type"];
                    let kind = text(kind).rsplit('#').next().unwrap_or_default().to_owned();
                    problems.push((status.clone(), kind));
                }
                None => answers.push(Answer {
                    status: status.clone(),
                    about: text(&response["description"]),
                    example: pretty(&response["content"]["application/json"]["example"]),
                }),
            }
        }
        let parameters = list(&operation["parameters"]).map(|it| Field {
            name: text(&it["name"]),
            kind: format!("{}, {}", text(&it["in"]), kind(whole, &it["schema"])),
            is_needed: it["required"] == true,
            about: text(&it["description"]),
        });
        Self {
            id: text(&operation["operationId"]),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: text(&operation["summary"]),
            about: paragraphs(&operation["description"]),
            scope: text(&operation["security"][0]["key"][0]),
            parameters: parameters.collect(),
            body: fields,
            curl: curl(path, method, &body["example"]),
            answers,
            problems,
        }
    }
}

/// A call that can be typed: the host and the key are the reader's.
fn curl(path: &str, method: &str, body: &Value) -> String {
    let path = path.replace("{id}", "$ID");
    let mut lines = vec![format!("curl \"$COUNTERSIGN{path}\"")];
    lines.push("-H \"Authorization: Bearer $KEY\"".to_owned());
    if method == "post" {
        lines.push("-H \"Idempotency-Key: $(uuidgen)\"".to_owned());
    }
    if body.is_null() {
        if method != "get" {
            lines.insert(1, format!("-X {}", method.to_uppercase()));
        }
    } else {
        lines.push("-H 'Content-Type: application/json'".to_owned());
        lines.push(format!("-d '{}'", body.to_string().replace('\'', "'\\''")));
    }
    lines.join(" \\\n  ")
}

/// The fields of a schema, and of those within it.
fn collect(whole: &Value, schema: &Value, above: &str, fields: &mut Vec<Field>) {
    let schema = resolve(whole, schema);
    for part in list(&schema["allOf"]) {
        collect(whole, part, above, fields);
    }
    let needed: Vec<_> = list(&schema["required"]).map(text).collect();
    for (name, field) in entries(&schema["properties"]) {
        let full = format!("{above}{name}");
        let inner = resolve(whole, field);
        let about = if field["description"].is_null() {
            &inner["description"]
        } else {
            &field["description"]
        };
        fields.push(Field {
            name: full.clone(),
            kind: kind(whole, field),
            is_needed: needed.contains(name),
            about: text(about),
        });
        if inner["properties"].is_object() {
            collect(whole, inner, &format!("{full}."), fields);
        } else if resolve(whole, &inner["items"])["properties"].is_object() {
            collect(whole, &inner["items"], &format!("{full}[]."), fields);
        }
    }
}

/// What a value may be, in a few words.
fn kind(whole: &Value, schema: &Value) -> String {
    let schema = resolve(whole, schema);
    if schema["enum"].is_array() {
        let words: Vec<_> = list(&schema["enum"]).map(text).collect();
        return words.join(" | ");
    }
    let of = |kind: &Value| match text(kind).as_str() {
        "array" => format!("list of {}", kind_of_items(whole, schema)),
        "string" if schema["format"].is_string() => text(&schema["format"]),
        other => other.to_owned(),
    };
    match &schema["type"] {
        Value::Array(kinds) => {
            let kinds = kinds.iter().filter(|kind| **kind != "null");
            kinds.map(of).collect::<Vec<_>>().join(" | ")
        }
        kind @ Value::String(_) => of(kind),
        _ => "object".to_owned(),
    }
}

fn kind_of_items(whole: &Value, schema: &Value) -> String {
    kind(whole, &schema["items"])
}

/// The schema itself, where it is named, or may be null besides.
fn resolve<'a>(whole: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(name) = schema["$ref"].as_str() {
        return resolve(whole, find(whole, name));
    }
    let choices = list(&schema["oneOf"]).filter(|one| one["type"] != "null");
    match choices.collect::<Vec<_>>()[..] {
        [only] => resolve(whole, only),
        _ => schema,
    }
}

fn find<'a>(whole: &'a Value, name: &str) -> &'a Value {
    whole
        .pointer(name.trim_start_matches('#'))
        .unwrap_or(&Value::Null)
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn paragraphs(value: &Value) -> Vec<String> {
    let text = text(value);
    let parts = text.split("\n\n").filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

fn pretty(value: &Value) -> String {
    if value.is_null() {
        return String::new();
    }
    serde_json::to_string_pretty(value).unwrap_or_default()
}
