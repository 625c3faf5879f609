//! The description of the interface, held to what it promises.

use serde_json::Value;

use super::*;

/// Every operation: method, path, and its description.
fn all(whole: &Value) -> Vec<(String, String, Value)> {
    let paths = whole["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().unwrap();
        item.iter()
            .map(|(method, operation)| (method.clone(), path.clone(), operation.clone()))
    });
    operations.collect()
}

#[test]
fn the_description_is_openapi_3_1_and_every_reference_leads_somewhere() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                for (name, inner) in map {
                    match inner {
                        Value::String(text) if name == "$ref" => found.push(text.clone()),
                        inner => references(inner, found),
                    }
                }
            }
            Value::Array(list) => list.iter().for_each(|inner| references(inner, found)),
            _ => {}
        }
    }
    let whole = describe();
    assert!(whole["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut found = Vec::new();
    references(&whole, &mut found);
    assert!(found.len() > 20);
    for reference in found {
        let place = reference.trim_start_matches('#');
        assert!(whole.pointer(place).is_some(), "{reference}");
    }
}

#[test]
fn every_operation_says_what_it_does_with_an_example_and_its_scope() {
    let whole = describe();
    let tags: Vec<_> = whole["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| &tag["name"])
        .collect();
    let mut ids = Vec::new();
    for (method, path, operation) in all(&whole) {
        let at = format!("{method} {path}");
        for field in ["summary", "description", "operationId"] {
            let text = operation[field].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{at} has no {field}");
        }
        ids.push(operation["operationId"].clone());
        assert!(
            tags.contains(&&operation["tags"][0]),
            "{at} has no tag that is described"
        );
        let scope = operation["security"][0]["key"][0]
            .as_str()
            .unwrap_or_default();
        assert!(
            scope.parse::<crate::domain::api_key::Scope>().is_ok(),
            "{at} names no scope"
        );
        if let Some(body) = operation.get("requestBody") {
            let body = &body["content"]["application/json"];
            assert!(!body["example"].is_null(), "{at} shows no body");
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let about = parameter["description"].as_str().unwrap_or_default();
            assert!(
                !about.is_empty(),
                "{at}: {} says nothing",
                parameter["name"]
            );
        }
        let responses = operation["responses"].as_object().unwrap();
        let good: Vec<_> = responses
            .iter()
            .filter(|(status, _)| status.starts_with('2'))
            .collect();
        assert!(!good.is_empty(), "{at} has no good answer");
        for (status, response) in good {
            let body = &response["content"]["application/json"];
            assert!(
                status == "204" || !body["example"].is_null(),
                "{at} shows no {status}"
            );
        }
        for status in ["401", "403", "429", "500", "503"] {
            assert!(responses.contains_key(status), "{at} lacks {status}");
        }
    }
    let count = ids.len();
    ids.sort_by_key(ToString::to_string);
    ids.dedup();
    assert_eq!(ids.len(), count, "two operations have one id");
}

/// Examples are held to the schemas here as far as their fields go; `schemathesis` asks the server.
#[test]
fn every_example_has_the_fields_of_its_schema_and_no_other() {
    fn resolve<'a>(whole: &'a Value, schema: &'a Value) -> &'a Value {
        let named = schema["$ref"].as_str();
        let Some(name) = named else {
            let choices = schema["oneOf"].as_array().into_iter().flatten();
            let choices: Vec<_> = choices.filter(|one| one["type"] != "null").collect();
            return match choices[..] {
                [only] => resolve(whole, only),
                _ => schema,
            };
        };
        resolve(whole, whole.pointer(name.trim_start_matches('#')).unwrap())
    }
    fn check(whole: &Value, schema: &Value, example: &Value, at: &str) {
        let schema = resolve(whole, schema);
        if let (Some(properties), Some(shown)) = (fields(whole, schema), example.as_object()) {
            for name in shown.keys() {
                assert!(
                    properties.iter().any(|(known, _)| known == name),
                    "{at}: no field {name}"
                );
            }
            for (name, inner) in properties {
                match shown.get(&name) {
                    Some(shown) => check(whole, &inner, shown, &format!("{at}/{name}")),
                    None => assert!(!is_needed(whole, schema, &name), "{at}: {name} is missing"),
                }
            }
        } else if let Some(list) = example.as_array() {
            for inner in list {
                check(whole, &schema["items"], inner, at);
            }
        }
    }
    fn parts<'a>(whole: &'a Value, schema: &'a Value) -> Vec<&'a Value> {
        let more = schema["allOf"].as_array().into_iter().flatten();
        std::iter::once(schema)
            .chain(more.map(|part| resolve(whole, part)))
            .collect()
    }
    fn fields(whole: &Value, schema: &Value) -> Option<Vec<(String, Value)>> {
        let parts = parts(whole, schema);
        let all = parts
            .iter()
            .filter_map(|part| part["properties"].as_object());
        let all: Vec<_> = all
            .flatten()
            .map(|(name, inner)| (name.clone(), inner.clone()))
            .collect();
        (!all.is_empty()).then_some(all)
    }
    fn is_needed(whole: &Value, schema: &Value, name: &str) -> bool {
        parts(whole, schema).iter().any(|part| {
            let needed = part["required"].as_array().into_iter().flatten();
            needed.clone().any(|it| it == name)
        })
    }
    let whole = describe();
    let mut checked = 0;
    for (method, path, operation) in all(&whole) {
        let body = &operation["requestBody"];
        let responses = operation["responses"].as_object().unwrap();
        for (name, content) in std::iter::once(("body", body)).chain(
            responses
                .iter()
                .map(|(status, response)| (status.as_str(), response)),
        ) {
            let content = &content["content"]["application/json"];
            if !content["example"].is_null() {
                checked += 1;
                let at = format!("{method} {path} {name}");
                check(&whole, &content["schema"], &content["example"], &at);
            }
        }
    }
    assert!(checked > 3);
}

#[test]
fn the_reference_shows_every_operation_and_every_problem_has_a_heading() {
    let whole = describe();
    let page = docs::reference_page();
    for (_, _, operation) in all(&whole) {
        let id = operation["operationId"].as_str().unwrap();
        assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
    }
    // Examples name URLs; none is a link, and nothing is loaded.
    for forbidden in ["<script", "style=\"", "=\"http", "=http", "url("] {
        let outside = page.matches(forbidden).count();
        assert_eq!(outside, 0, "{forbidden}");
    }
    let problems = docs::problems_page();
    for kind in problem::Kind::ALL {
        assert!(problems.contains(&format!("id=\"{kind}\"")), "{kind}");
    }
}

#[test]
fn the_interface_owns_its_paths_and_no_page_of_a_customer() {
    for path in [
        "/v1",
        "/v1/",
        "/v1/x",
        "/openapi.json",
        "/docs",
        "/docs/problems",
    ] {
        assert!(owns(path), "{path}");
    }
    for path in [
        "/",
        "/v10",
        "/a/token",
        "/docs2",
        "/openapi.jsonx",
        "/assets/docs.css",
    ] {
        assert!(!owns(path), "{path}");
    }
}
